"""Patient, Worklist and History: every reading, and the growth of the patient it is of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from boneage_gui.clinic.reading import Reading
from boneage_gui.jobs import Job, NewestOnly
from boneage_gui.widgets.buttons import push_button
from boneage_gui.widgets.first_size import open_at
from boneage_gui.widgets.growth_pane import GrowthPane
from boneage_gui.widgets.readings_bar import ReadingsBar
from boneage_gui.widgets.readings_table import ReadingsTable
from boneage_gui.widgets.text import label
from boneage_gui.work import readings as work
from trainer.counted import counted
from trainer.radiograph import shown_name

if TYPE_CHECKING:
    from boneage_gui.clinic.readings import Query
    from boneage_gui.errors import ErrorDoor
    from boneage_gui.windows.clinic.number_on_show import NumberOnShow
    from boneage_gui.windows.clinic.readings_desk import ReadingsDesk

TITLE = "Readings — Bone Age"
FIRST_SIZE_PX = (1240, 760)
LEAST_SIZE_PX = (900, 560)
KEEP_NAMES = "Keep names"
NAMES_TIP = (
    "Keep the patient's name and number with readings from now on. Off, a patient is a hash that cannot be turned back"
)


class ReadingsWindow(QWidget):
    """The worklist on the left, the chosen patient on the right."""

    filled = Signal()  # a search is on show
    radiograph_wanted = Signal(object)  # Reading
    told = Signal(str)

    def __init__(self, readings: ReadingsDesk, number: NumberOnShow, door: ErrorDoor, *, keeps_names: bool) -> None:
        super().__init__()
        self._readings, self._number, self._door = readings, number, door
        self._searching, self._adding, self._following = (NewestOnly(self) for _ in range(3))
        self._query: Query | None = None
        self.bar = ReadingsBar()
        self.table = ReadingsTable()
        self.pane = GrowthPane()
        self.count = label(rank="muted")
        self.count.setWordWrap(False)
        self.message = label(rank="muted")
        self.open = push_button("&Open radiograph", "Open the received radiograph of the chosen reading (Enter)")
        self.everyone = push_button("&All readings", "Search the readings of all patients again")
        self.export = push_button("&Export CSV…", "Write the readings that were found as a table")
        self.copy = push_button("&Back up…", "Write a whole copy of the store of readings")
        self.names = QCheckBox(KEEP_NAMES)
        self.names.setToolTip(NAMES_TIP)
        self.names.setChecked(keeps_names)
        self._lay_out()
        self.bar.changed.connect(self._search_anew)
        self.table.chosen.connect(self._follow)
        self.table.wanted.connect(self._open)
        self.open.clicked.connect(lambda: self._open(self.table.reading))
        self.table.readings.more_wanted.connect(self._add)
        self.everyone.clicked.connect(self.show_all)
        self.export.clicked.connect(self._ask_export)
        self.copy.clicked.connect(self._ask_copy)
        QShortcut(QKeySequence.StandardKey.Find, self, self.bar.words.setFocus)
        QShortcut(QKeySequence.StandardKey.Close, self, self.close)

    def show_all(self) -> None:
        """Search everything."""
        self.bar.clear()
        self._search_anew()

    def show_patient(self, patient_hash: str) -> None:
        """Search the readings of one patient."""
        self.bar.clear()
        self.bar.patient_hash = patient_hash
        self._search_anew()

    def search(self) -> None:
        """Ask for what the bar says."""
        opened = self._readings.opened
        self.everyone.setVisible(self.bar.patient_hash is not None)
        if opened is None:
            self.count.setText("The readings could not be opened.")
            return
        self._query = self.bar.query()
        self._searching.start(Job(work.search, opened, self._query), result=self._fill, failed=self._failed)

    def leave(self) -> None:
        """The program ends."""
        for jobs in (self._searching, self._adding, self._following):
            jobs.drop()
        self.close()

    def restyle(self) -> None:
        """Follow the theme."""
        self.pane.restyle()

    def _search_anew(self) -> None:
        self.message.clear()  # "found.csv holds 7 readings" is of the former search
        self.search()

    def _fill(self, found: tuple[list[Reading], int | None]) -> None:
        readings, total = found
        self._adding.drop()
        chosen = self.table.reading
        self.table.readings.begin(readings, total or 0)
        many = counted(total or 0, "reading")
        of = " of this patient" if self.bar.patient_hash else ""
        self.count.setText(many + of)
        self.export.setEnabled(bool(readings))
        if readings:
            self.table.selectRow(_row_of(chosen, readings))
        self.filled.emit()

    def _add(self, first: int) -> None:
        opened = self._readings.opened
        if opened is not None and self._query is not None:
            job = Job(work.search, opened, self._query, first=first)
            self._adding.start(job, result=lambda found: self.table.readings.add(found[0]), failed=self._failed)

    def _follow(self, reading: Reading | None) -> None:
        opened = self._readings.opened
        self._following.drop()
        self.open.setEnabled(reading is not None and self._readings.received_file(reading) is not None)
        if reading is None or opened is None:
            self.pane.clear()
        elif reading.patient_hash is None:
            self._show_growth(reading, [reading])
        else:
            job = Job(work.history, opened, reading.patient_hash)
            self._following.start(job, result=lambda all_of: self._show_growth(reading, all_of), failed=self._failed)

    def _show_growth(self, reading: Reading, readings: list[Reading]) -> None:
        self.pane.show_readings(readings, self._number.reference, reading)

    def _ask_export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Export readings", "readings.csv", "Table (*.csv)")
        if name:
            self.export_to(Path(name))

    def export_to(self, path: Path) -> None:
        """Write what was found."""
        opened, query = self._readings.opened, self._query
        if opened is not None and query is not None:
            path = path if path.suffix.lower() == ".csv" else path.with_name(f"{path.name}.csv")
            job = Job(work.export, opened, query, path)
            job.result.connect(lambda count: self._say(f"“{shown_name(path)}” holds {counted(count, 'reading')}."))
            job.failed.connect(self._failed)
            job.begin()

    def _ask_copy(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Back up readings", "readings.sqlite3", "Readings (*.sqlite3)")
        if name:
            self.copy_to(Path(name))

    def copy_to(self, path: Path) -> None:
        """Write a whole copy."""
        opened = self._readings.opened
        if opened is not None:
            job = Job(opened.store.copy_to, path)
            job.result.connect(
                lambda _none: self._say(f"The copy is “{shown_name(path)}”. Keep the key beside it too.")
            )
            job.failed.connect(self._failed)
            job.begin()

    def _open(self, reading: Reading | None) -> None:
        if reading is not None:
            self.radiograph_wanted.emit(reading)

    def _failed(self, error: BaseException) -> None:
        self._say(self._door.note(error))

    def _say(self, sentence: str) -> None:
        self.message.setText(sentence)
        self.told.emit(sentence)

    def _lay_out(self) -> None:
        self.setWindowTitle(TITLE)
        open_at(self, FIRST_SIZE_PX, LEAST_SIZE_PX)
        said = QHBoxLayout()  # a line of its own: beside the buttons it has no room in a small window
        said.setSpacing(8)
        said.addWidget(self.count)
        said.addWidget(self.everyone)
        said.addWidget(self.message, 1)
        low = QHBoxLayout()
        low.setSpacing(8)
        low.addWidget(self.open)
        low.addStretch(1)
        low.addWidget(self.names)
        low.addWidget(self.copy)
        low.addWidget(self.export)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(14, 12, 8, 12)
        column.setSpacing(10)
        column.addWidget(self.table, 1)
        column.addLayout(said)
        column.addLayout(low)
        right = QWidget()
        pane = QVBoxLayout(right)
        pane.setContentsMargins(8, 12, 14, 12)
        pane.addWidget(self.pane)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(left)
        split.addWidget(right)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setChildrenCollapsible(False)
        split.setSizes([850, 390])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.bar)
        whole.addWidget(split, 1)
        self.everyone.hide()


def _row_of(chosen: Reading | None, readings: list[Reading]) -> int:
    """Return the row of the chosen reading or its amendment: a radiograph that arrives must not change patients."""
    if chosen is not None:
        for row, reading in enumerate(readings):
            if chosen.reading_id in (reading.reading_id, reading.supersedes):
                return row
    return 0
