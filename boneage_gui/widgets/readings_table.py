"""The worklist's table: readings page by page, so that a hundred thousand cost no more than fifty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QTableView, QWidget

from boneage_gui.clinic.reading import Decision, Reading
from boneage_gui.widgets.rows import show_as_rows
from trainer.prediction import years_and_months

Index = QModelIndex | QPersistentModelIndex
NOWHERE: Final = QModelIndex()
HASH_LETTERS: Final = 8
DASH: Final = "–"
DECISIONS: Final = {Decision.ACCEPTED: "accepted", Decision.MODIFIED: "modified", Decision.WAITING: "waiting"}


def _when(reading: Reading) -> str:
    return reading.read_at.astimezone().strftime("%Y-%m-%d %H:%M")


def _patient(reading: Reading) -> str:
    return reading.label or (reading.patient_hash or DASH)[:HASH_LETTERS]


def _short(months: float | None) -> str:
    if months is None:
        return DASH
    years, rest = divmod(max(0, round(months)), 12)
    return f"{years} y {rest} m"


def _score(reading: Reading) -> str:
    assessment = reading.assessment
    return assessment.score_in_words if assessment else DASH


COLUMNS: Final[tuple[tuple[str, str, Callable[[Reading], str], int], ...]] = (
    ("Read", "When the reading was made", _when, 140),
    ("Patient", "The patient's name where names are kept, else the beginning of the keyed hash", _patient, 150),
    ("Examined", "Date of the examination", lambda r: r.study_date.isoformat() if r.study_date else DASH, 106),
    ("Sex", "Sex of the child", lambda r: r.sex.value if r.sex else DASH, 76),
    ("Age", "Chronological age", lambda r: _short(r.chronological_months), 92),
    ("Bone age", "The bone age that stands", lambda r: _short(r.final_months), 94),
    ("Score", "Standard deviation score by the reading's own reference", _score, 90),
    ("Decision", "What the clinician made of the model's number", lambda r: DECISIONS[r.decision], 92),
    ("Model", "The model that read the radiograph", lambda r: f"{r.model_name} · {r.model_sha256[:8]}", 170),
    ("By", "Who confirmed it", lambda r: r.user, 90),
    ("Reason", "Why the model's number does not stand", lambda r: r.reason or DASH, 160),
)
RIGHT: Final = {4, 5, 6}


class ReadingsModel(QAbstractTableModel):
    """Readings that came so far, of as many as there are."""

    more_wanted = Signal(int)  # how many are there already

    def __init__(self) -> None:
        super().__init__()
        self.readings: list[Reading] = []
        self.total = 0
        self._asked = False

    def begin(self, readings: list[Reading], total: int) -> None:
        """Show the first of another search."""
        self.beginResetModel()
        self.readings, self.total, self._asked = list(readings), total, False
        self.endResetModel()

    def add(self, readings: list[Reading]) -> None:
        """Show more of the same search."""
        self._asked = False
        if not readings:
            self.total = len(self.readings)
            return
        first = len(self.readings)
        self.beginInsertRows(QModelIndex(), first, first + len(readings) - 1)
        self.readings.extend(readings)
        self.endInsertRows()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """As many as came."""
        return 0 if parent.isValid() else len(self.readings)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """One for each fact."""
        return 0 if parent.isValid() else len(COLUMNS)

    def canFetchMore(self, parent: Index) -> bool:
        """Whether the search found more."""
        return not parent.isValid() and not self._asked and len(self.readings) < self.total

    def fetchMore(self, parent: Index) -> None:
        """Ask for more; they come later."""
        if self.canFetchMore(parent):
            self._asked = True
            self.more_wanted.emit(len(self.readings))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words of a cell."""
        if not index.isValid():
            return None
        reading = self.readings[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[index.column()][2](reading)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tooltip(reading)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in RIGHT:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words of a column."""
        if orientation is Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return COLUMNS[section][0]
            if role == Qt.ItemDataRole.ToolTipRole:
                return COLUMNS[section][1]
        return None


class ReadingsTable(QTableView):
    """The table itself; one reading is chosen at a time."""

    chosen = Signal(object)  # Reading | None
    wanted = Signal(object)  # Reading: its radiograph is to be opened

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Readings")
        self.setToolTip("Every reading that stands, the newest first. Enter opens a received radiograph")
        self.readings = ReadingsModel()
        self.setModel(self.readings)
        show_as_rows(self, [width for _, _, _, width in COLUMNS])
        self.selectionModel().selectionChanged.connect(lambda *_: self.chosen.emit(self.reading))
        self.readings.modelReset.connect(lambda: self.chosen.emit(None))
        self.activated.connect(lambda _index: self.wanted.emit(self.reading))

    @property
    def reading(self) -> Reading | None:
        """The chosen reading."""
        rows = self.selectionModel().selectedRows()
        return self.readings.readings[rows[0].row()] if rows else None


def _tooltip(reading: Reading) -> str:
    own = f"modified to {years_and_months(reading.final_months)}" if reading.decision is Decision.MODIFIED else ""
    said = f"The model said {years_and_months(reading.age_months)}"
    return f"{said}; {own}" if own else said
