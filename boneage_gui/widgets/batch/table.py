"""The rows of a folder as they come."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, Final

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QTableView, QWidget

from boneage_gui import theme
from boneage_gui.clinic.batch_row import TOLD, BatchRow
from boneage_gui.clinic.reference import Standing, score_on_screen
from boneage_gui.widgets.rows import DASH, Column, Index, RecordsModel, age_in_cell, show_as_rows
from boneage_gui.widgets.text import plain_tooltip


def _interval(row: BatchRow) -> str:
    if row.low_months is None or row.high_months is None:
        return DASH
    return f"{age_in_cell(row.low_months)} – {age_in_cell(row.high_months)}"


def _sex(row: BatchRow) -> str:
    return f"{row.sex} *" if row.sex_from == TOLD else row.sex or DASH


def _score(row: BatchRow) -> str:
    return DASH if row.sds is None else score_on_screen(row.sds, row.standing)


def said(row: BatchRow) -> str:
    """Return the reason of a refusal, or the cautions, or a dash."""
    return row.refused or " ".join(row.cautions) or DASH


COLUMNS: Final[tuple[Column, ...]] = (
    (
        "File",
        "The radiograph; its tooltip says where in the folder it lies",
        lambda row: PurePosixPath(row.file).name,
        190,
    ),
    ("Sex", "Sex of the child; * where you gave it and not the file", _sex, 74),
    ("Age", "Chronological age", lambda row: age_in_cell(row.chronological_months), 84),
    ("Bone age", "What the model read; nobody has confirmed it", lambda row: age_in_cell(row.age_months), 88),
    ("Interval", "The model's interval", _interval, 150),
    ("Score", "Standard deviation score", _score, 76),
    ("Standing", "Delayed, normal or advanced by more than two SD", lambda row: row.standing or DASH, 86),
    ("Said", "Why a file was refused, or what to be cautious of", said, 180),
)
SAID: Final = 7


class BatchModel(RecordsModel):
    """The rows that came so far; what stands out has the colour of cautions."""

    columns = COLUMNS
    right = frozenset({2, 3, 5})
    records: list[BatchRow]

    def clear(self) -> None:
        """Begin again."""
        self.beginResetModel()
        self.records = []
        self.endResetModel()

    def add(self, row: BatchRow) -> None:
        """Show one more."""
        self.beginInsertRows(QModelIndex(), len(self.records), len(self.records))
        self.records.append(row)
        self.endInsertRows()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words of a cell, and its colour."""
        if role == Qt.ItemDataRole.ForegroundRole and index.isValid():
            return _colour(self.records[index.row()], index.column())
        return super().data(index, role)

    def tooltip(self, row: BatchRow, column: int) -> str:
        """The whole of what a narrow cell may cut off."""
        return plain_tooltip({0: row.file, SAID: said(row)}.get(column) or COLUMNS[column][2](row))


class BatchTableView(QTableView):
    """The table itself."""

    opened = Signal(object)  # BatchRow, by Enter or double-click
    chosen = Signal(object)  # BatchRow | None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Radiographs of the folder")
        self.setToolTip("A row for each radiograph; Enter or double-click shows the radiograph")
        self.batch = BatchModel()
        self.setModel(self.batch)
        show_as_rows(self, [width for _, _, _, width in COLUMNS[:SAID]])
        self.selectionModel().currentRowChanged.connect(
            lambda now, _before: self.chosen.emit(self.batch.records[now.row()] if now.isValid() else None)
        )
        self.batch.modelReset.connect(lambda: self.chosen.emit(None))
        self.activated.connect(lambda index: self.opened.emit(self.batch.records[index.row()]))

    def add(self, row: BatchRow) -> None:
        """Show one more row, and it if the last one was on show."""
        bar = self.verticalScrollBar()
        at_end = bar.value() == bar.maximum()
        self.batch.add(row)
        if at_end:
            self.scrollToBottom()


def _colour(row: BatchRow, column: int) -> QColor | None:
    look = theme.current()
    outside = row.standing in (Standing.DELAYED, Standing.ADVANCED)
    if (row.refused and column in (0, SAID)) or (outside and COLUMNS[column][0] in ("Score", "Standing")):
        return QColor(look.caution)
    return QColor(look.muted) if column == SAID else None
