"""The worklist's table: readings page by page, so that a hundred thousand cost no more than fifty."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QTableView, QWidget

from boneage_gui.clinic.reading import Decision, Reading
from boneage_gui.clinic.reference import REFERENCES
from boneage_gui.widgets.rows import DASH, Column, Index, RecordsModel, age_in_cell, show_as_rows
from trainer.prediction import years_and_months

HASH_LETTERS: Final = 8
PATIENT_TIP: Final = (
    "The patient's name where names are kept, else the beginning of the keyed hash; "
    "where the file names nobody, the beginning of the radiograph's"
)
DECISIONS: Final = {Decision.ACCEPTED: "accepted", Decision.MODIFIED: "modified", Decision.WAITING: "waiting"}


def _when(reading: Reading) -> str:
    return reading.read_at.astimezone().strftime("%Y-%m-%d %H:%M")


def _patient(reading: Reading) -> str:
    """A file that names no patient is told from others by its radiograph."""
    if reading.label or reading.patient_hash:
        return reading.label or (reading.patient_hash or "")[:HASH_LETTERS]
    return f"Radiograph {reading.radiograph_hash[:HASH_LETTERS]}" if reading.radiograph_hash else DASH


def _score(reading: Reading) -> str:
    assessment = reading.assessment
    return assessment.score_on_screen if assessment else DASH


def _reference(reading: Reading) -> str:
    """The first word of its name, which tells the tables apart; with a star where it is not verified."""
    reference = REFERENCES.get(reading.reference_key)
    if reference is None or reading.assessment is None:
        return DASH
    return reference.name.split()[0] + ("" if reference.verified else " *")


COLUMNS: Final[tuple[Column, ...]] = (
    ("Read", "When the reading was made", _when, 132),
    ("Patient", PATIENT_TIP, _patient, 154),
    ("Examined", "Date of the examination", lambda r: r.study_date.isoformat() if r.study_date else DASH, 96),
    ("Sex", "Sex of the child", lambda r: r.sex.value if r.sex else DASH, 66),
    ("Age", "Chronological age", lambda r: age_in_cell(r.chronological_months), 78),
    ("Bone age", "The bone age that stands", lambda r: age_in_cell(r.final_months), 86),
    ("Score", "Standard deviation score by the reading's own reference", _score, 78),
    ("Reference", "The table that the score is by; * is not verified against print", _reference, 120),
    ("Decision", "What the clinician made of the model's number", lambda r: DECISIONS[r.decision], 92),
    ("Model", "The model that read the radiograph", lambda r: f"{r.model_name} · {r.model_sha256[:8]}", 170),
    ("By", "Who confirmed it", lambda r: r.user, 90),
    ("Reason", "Why the model's number does not stand", lambda r: r.reason or DASH, 160),
)


class ReadingsModel(RecordsModel):
    """Readings that came so far, of as many as there are."""

    more_wanted = Signal(int)  # how many are there already
    columns = COLUMNS
    right = frozenset({4, 5, 6})
    records: list[Reading]

    def __init__(self) -> None:
        super().__init__()
        self.total = 0
        self._asked = False

    def begin(self, readings: list[Reading], total: int) -> None:
        """Show the first of another search."""
        self.beginResetModel()
        self.records, self.total, self._asked = list(readings), total, False
        self.endResetModel()

    def add(self, readings: list[Reading]) -> None:
        """Show more of the same search."""
        self._asked = False
        if not readings:
            self.total = len(self.records)
            return
        first = len(self.records)
        self.beginInsertRows(QModelIndex(), first, first + len(readings) - 1)
        self.records.extend(readings)
        self.endInsertRows()

    def canFetchMore(self, parent: Index) -> bool:
        """Whether the search found more."""
        return not parent.isValid() and not self._asked and len(self.records) < self.total

    def fetchMore(self, parent: Index) -> None:
        """Ask for more; they come later."""
        if self.canFetchMore(parent):
            self._asked = True
            self.more_wanted.emit(len(self.records))

    def tooltip(self, reading: Reading, column: int) -> str:
        """What the model said, and what became of it."""
        own = f"modified to {years_and_months(reading.final_months)}" if reading.decision is Decision.MODIFIED else ""
        said = f"The model said {years_and_months(reading.age_months)}"
        reference = REFERENCES.get(reading.reference_key)
        by = f"score by {reference.shown_name}" if reference is not None and reading.assessment is not None else ""
        return "; ".join(part for part in (said, own, by) if part)


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
        return self.readings.records[rows[0].row()] if rows else None
