"""Patient, Read a folder: radiographs to a table and reports, row by row while the window lives on."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from boneage_gui.clinic.batch_table import CSV_NAME
from boneage_gui.jobs import Job
from boneage_gui.widgets.batch.form import BatchForm
from boneage_gui.widgets.batch.table import BatchTableView, said
from boneage_gui.widgets.buttons import push_button
from boneage_gui.widgets.first_size import open_at
from boneage_gui.widgets.marks import mark
from boneage_gui.widgets.rows import DASH
from boneage_gui.widgets.side_panel import SidePanel
from boneage_gui.widgets.text import label
from boneage_gui.work.batch import read_folder
from trainer.prediction import RESEARCH_USE
from trainer.radiograph import shown_name

if TYPE_CHECKING:
    from boneage_gui.clinic.batch_row import BatchRow
    from boneage_gui.windows.radiograph_window import RadiographWindow

TITLE = "Read a folder — Bone Age"
FIRST_SIZE_PX = (1240, 740)
LEAST_SIZE_PX = (900, 600)
FIRST = "Choose the folder of the radiographs and the one that their table goes into, then start."
NO_MODEL = "There is no model ready to read with. Wait until it is loaded, or choose one in the menu Model."
UNCONFIRMED = f"Nobody confirms these readings, and the reports say so. {RESEARCH_USE}."


class BatchWindow(QWidget):
    """The form on the left, the rows on the right."""

    over = Signal()  # a run has ended, whatever came of it

    def __init__(self, window: RadiographWindow) -> None:
        super().__init__()
        self._main = window
        self._job: Job | None = None
        self._stop_asked = threading.Event()
        self._folder = self._out = Path()
        self._refused = 0
        self.form = BatchForm(reference_key=window.settings.reference, start_in=window.settings.last_folder)
        self.table = BatchTableView()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setProperty("tall", True)
        self.bar.setAccessibleName("Progress of the folder")
        self.bar.setToolTip("How many radiographs of the folder are done")
        self.message = label(rank="muted", selectable=True)
        self.said = label(selectable=True)
        self.said.hide()
        self.start = push_button(
            "&Start", "Read the folder; what stands in the table already is not read again (Ctrl+Return)"
        )
        self.start.setProperty("primary", True)
        self.stop = push_button("S&top", "Stop after the radiograph that is being read; starting again goes on (Esc)")
        self.show_folder = push_button("&Open the folder", "Show table and reports in the file manager (Ctrl+O)")
        self._lay_out()
        self.form.changed.connect(self._show_state)
        self.start.clicked.connect(self.begin)
        self.stop.clicked.connect(self.ask_to_stop)
        self.show_folder.clicked.connect(self._open_folder)
        self.table.chosen.connect(self._show_said)
        self.table.opened.connect(lambda row: window.open_paths([self._folder / row.file]))
        for keys, press in (("Ctrl+Return", self.start), ("Esc", self.stop), ("Ctrl+O", self.show_folder)):
            QShortcut(QKeySequence(keys), self, press.click)
        QShortcut(QKeySequence.StandardKey.Close, self, self.close)
        window.inference.model_changed.connect(self._show_model)
        self._say(FIRST)
        self._show_model()
        self._show_state()

    @property
    def running(self) -> bool:
        """Whether a folder is being read."""
        return self._job is not None

    def begin(self) -> None:
        """Read the folder that is named."""
        predictor, folder, out = self._main.inference.predictor, self.form.folder.path(), self.form.out.path()
        if self.running or folder is None or out is None:
            return
        if predictor is None:
            self._say(NO_MODEL, wrong=True)
            return
        self._folder, self._out, self._refused = folder, out, 0
        self._stop_asked = threading.Event()
        self.table.batch.clear()
        self.bar.setRange(0, 0)
        self._say("Looking through the folder…")
        stopped = self._stop_asked.is_set
        job = Job(read_folder, predictor, folder, out, self.form.options(), stopped=stopped)
        job.item.connect(self._add)
        job.result.connect(lambda _none: self._finished())
        job.failed.connect(self._failed)
        job.ended.connect(self._ended)
        self._job = job.begin()
        self._show_state()

    def ask_to_stop(self) -> None:
        """Stop after the radiograph that is being read."""
        if self.running and not self._stop_asked.is_set():
            self._stop_asked.set()
            self._say("Stopping after this radiograph…")
            self._show_state()

    def leave(self) -> None:
        """The program ends; what is written is whole, and the same folder goes on another time."""
        self._stop_asked.set()
        if self._job is not None:
            self._job.stop()
        self.close()

    def restyle(self) -> None:
        """Follow the theme."""
        self.form.restyle()
        self.table.viewport().update()

    def _add(self, row: BatchRow) -> None:
        self.table.add(row)
        self._refused += bool(row.refused)
        self.bar.setRange(0, row.total)
        self.bar.setValue(row.number)
        if not self._stop_asked.is_set():
            self._say(f"{row.number:,} of {row.total:,}{self._refusals()}")

    def _show_said(self, row: BatchRow | None) -> None:
        words = said(row) if row is not None else DASH
        self.said.setText(words)
        self.said.setVisible(words != DASH)

    def _finished(self) -> None:
        rows, total = self.table.batch.records, self.bar.maximum()
        where = f"The table is {CSV_NAME} in “{shown_name(self._out)}”."
        if len(rows) < total or not rows:
            self._say(f"Stopped. {len(rows):,} of {total:,} are done{self._refusals()}. Start again to go on. {where}")
        else:
            known = sum(row.known for row in rows)
            before = f", {known:,} were there before" if known else ""
            self._say(f"All {len(rows):,} are done{self._refusals()}{before}. {where}")

    def _failed(self, error: BaseException) -> None:
        self._say(self._main.door.note(error), wrong=True)

    def _ended(self) -> None:
        self._job = None
        self._show_model()
        self.bar.setRange(0, max(1, self.bar.maximum()))
        self._show_state()
        self.over.emit()

    def _refusals(self) -> str:
        return f", {self._refused:,} refused" if self._refused else ""

    def _show_model(self) -> None:
        """Name the model that the ages come from; a run that goes on keeps the one it began with."""
        card = self._main.inference.card
        if not self.running:
            self.form.model.setText(card.name if card is not None else "none")

    def _show_state(self) -> None:
        self.start.setEnabled(self.form.ready and not self.running)
        self.stop.setEnabled(self.running and not self._stop_asked.is_set())
        self.form.setEnabled(not self.running)
        self.show_folder.setEnabled(self._out != Path())

    def _open_folder(self) -> None:
        if not (self._out.is_dir() and QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._out)))):
            self._say(f"The folder cannot be opened here. It is {self._out}.", wrong=True)

    def _say(self, words: str, *, wrong: bool = False) -> None:
        self.message.setText(words)
        mark(self.message, "rank", "caution" if wrong else "muted")

    def _lay_out(self) -> None:
        self.setWindowTitle(TITLE)
        open_at(self, FIRST_SIZE_PX, LEAST_SIZE_PX)
        side = SidePanel(self.form, (self.start, self.stop), caution=UNCONFIRMED)
        low = QHBoxLayout()
        low.setSpacing(12)
        low.addWidget(self.message, 1)
        low.addWidget(self.show_folder)
        right = QVBoxLayout()
        right.setContentsMargins(14, 14, 14, 12)
        right.setSpacing(10)
        right.addWidget(self.table, 1)
        right.addWidget(self.said)
        right.addWidget(self.bar)
        right.addLayout(low)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(side)
        whole.addLayout(right, 1)
        self.message.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
