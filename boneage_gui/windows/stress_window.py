"""Model, Stress test: how far a model's answers move when radiographs are transformed, beside another's."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from boneage_gui import assets, settings
from boneage_gui.jobs import Job
from boneage_gui.widgets.buttons import push_button
from boneage_gui.widgets.figure_view import FigureView
from boneage_gui.widgets.first_size import open_at
from boneage_gui.widgets.side_panel import SidePanel
from boneage_gui.widgets.stress.form import StressForm
from boneage_gui.widgets.stress.table import StressTable
from boneage_gui.widgets.text import label
from boneage_gui.work.stressing import Stressing, StressReport, draw_curves, save_pages
from trainer.prediction import RESEARCH_USE
from trainer.radiograph import shown_name

if TYPE_CHECKING:
    from boneage_gui.windows.radiograph_window import RadiographWindow
    from trainer.events import Preparing
    from trainer.stress import Transformation

TITLE: Final = "Stress test — Bone Age"
FIRST_SIZE_PX: Final = (1280, 800)
LEAST_SIZE_PX: Final = (960, 620)
CURVES: Final = ("rotation", "brightness", "contrast", "resolution", "noise")
NO_MODEL: Final = "There is no model in use. Choose one in the menu Model."
NO_CURVE: Final = "The curve of the chosen transformation is drawn here."
READY: Final = "Nothing was tried yet. Start the test; it takes minutes and goes on while you work."


class StressWindow(QWidget):
    """What is tried on the left, what came out on the right; the test runs in a process of its own."""

    shown = Signal(object)  # StressReport
    over = Signal()  # a test has ended, whatever came of it

    def __init__(self, window: RadiographWindow) -> None:
        super().__init__()
        self._main = window
        self._stressing: Stressing | None = None
        self._job: Job | None = None
        self._stopped = False
        self.report: StressReport | None = None
        self.form = StressForm([(name, assets.model_file(name)) for name in assets.model_names()])
        self.table = StressTable()
        self.figure = FigureView("Curve of shifts")
        self.figure.clear(NO_CURVE)
        self.verdict = label(rank="fact", selectable=True)
        self.message = label(READY, rank="muted", selectable=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setProperty("tall", True)
        self.bar.setAccessibleName("Progress of the test")
        self.start = push_button("&Start", "Try the model in use (Ctrl+Return)")
        self.start.setProperty("primary", True)
        self.stop = push_button("S&top", "End the test; nothing is kept of it (Esc)")
        self.save = push_button("Save as P&DF…", "Save curves and tables as pages (Ctrl+S)")
        self._lay_out()
        self.start.clicked.connect(self.begin)
        self.stop.clicked.connect(self.end)
        self.save.clicked.connect(self._ask_save)
        self.table.chosen.connect(self._draw)
        window.inference.model_changed.connect(self.show_model)
        for keys, button in (("Ctrl+Return", self.start), ("Esc", self.stop), ("Ctrl+S", self.save)):
            QShortcut(QKeySequence(keys), self, button.click)
        QShortcut(QKeySequence.StandardKey.Close, self, self.close)
        self.show_model()

    def show_model(self) -> None:
        """Name the model in use."""
        card = self._main.inference.card
        self.form.model.setText(card.name if card is not None else "none")
        self._show_state()

    def begin(self) -> None:
        """Try the model in use, and the one beside it."""
        model = self._main.inference.path
        if model is None:
            self.message.setText(NO_MODEL)
            return
        if self._job is not None:
            return
        folder = settings.cache_folder() / "stress"
        self._stopped = False
        self._stressing = Stressing(
            model, self.form.other(), data=self.form.data.path(), limit=self.form.most(), folder=folder
        )
        job = Job(self._stressing.events)
        job.item.connect(self._follow)
        job.result.connect(self.show_report)
        job.failed.connect(self._failed)
        job.ended.connect(self._ended)
        self._job = job.begin()
        self.bar.setRange(0, 0)
        self.message.setText("Getting ready…")
        self._show_state()

    def end(self) -> None:
        """Stop the test."""
        if self._stressing is not None:
            self._stopped = True
            self._stressing.end()

    def leave(self) -> None:
        """The program ends."""
        self.end()
        if self._job is not None:
            self._job.stop()
        self.close()

    def restyle(self) -> None:
        """Follow the theme."""
        self.form.restyle()
        if self.report is not None:
            self.table.show_trials(self.report.trials)

    def show_report(self, report: StressReport) -> None:
        """Show what came out."""
        self.report = report
        sentences = [report.sentence] if report.sentence else [trial.sentence for trial in report.trials]
        self.verdict.setText(" ".join(sentences))
        self.message.setText(f"{report.data}. {' '.join(report.cautions)}")
        self.table.show_trials(report.trials)
        self.shown.emit(report)

    def save_to(self, path: Path) -> None:
        """Write the pages."""
        if self.report is not None:
            path = path if path.suffix.lower() == ".pdf" else path.with_name(f"{path.name}.pdf")
            job = Job(save_pages, self.report, path)
            job.result.connect(lambda done: self.message.setText(f"The pages are “{shown_name(done)}”."))
            job.failed.connect(self._failed)
            job.begin()

    def _follow(self, said: Preparing) -> None:
        self.bar.setRange(0, max(1, said.total))
        self.bar.setValue(said.done)
        self.message.setText(f"{said.what[:1].upper()}{said.what[1:]}: {said.done:,} of {said.total:,}")

    def _failed(self, error: BaseException) -> None:
        self.message.setText("Stopped." if self._stopped else self._main.door.note(error))

    def _ended(self) -> None:
        self._job = self._stressing = None
        self.bar.setRange(0, 1)
        self.bar.reset()
        self._show_state()
        self.over.emit()

    def _draw(self, change: Transformation) -> None:
        if self.report is not None:
            kind = change.kind if change.kind in CURVES else CURVES[0]
            self.figure.show_figure(partial(draw_curves, trials=self.report.trials, kind=kind))

    def _ask_save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save the stress test", "stress-test.pdf", "PDF (*.pdf)")
        if name:
            self.save_to(Path(name))

    def _show_state(self) -> None:
        busy = self._job is not None
        self.start.setEnabled(not busy and self._main.inference.path is not None)
        self.stop.setEnabled(busy)
        self.form.setEnabled(not busy)
        self.save.setEnabled(not busy and self.report is not None)

    def _lay_out(self) -> None:
        self.setWindowTitle(TITLE)
        open_at(self, FIRST_SIZE_PX, LEAST_SIZE_PX)
        side = SidePanel(self.form, (self.start, self.stop), self.save, caution=RESEARCH_USE)
        results = QSplitter(Qt.Orientation.Vertical)
        results.addWidget(self.table)
        results.addWidget(self.figure)
        results.setChildrenCollapsible(False)
        results.setStretchFactor(0, 3)
        results.setStretchFactor(1, 2)
        right = QVBoxLayout()
        right.setContentsMargins(14, 14, 14, 12)
        right.setSpacing(10)
        right.addWidget(self.verdict)
        right.addWidget(results, 1)
        right.addWidget(self.bar)
        right.addWidget(self.message)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(side)
        whole.addLayout(right, 1)
