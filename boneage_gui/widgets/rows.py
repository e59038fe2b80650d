"""How the house's tables of records look: whole rows, one chosen at a time, no grid; and how they answer Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

Index = QModelIndex | QPersistentModelIndex
Column = tuple[str, str, Callable[[Any], str], int]  # title, tooltip, words of a record's cell, width in px
NOWHERE: Final = QModelIndex()
DASH: Final = "–"


def age_in_cell(months: float | None) -> str:
    """Return an age as it stands in a cell, or a dash."""
    if months is None:
        return DASH
    years, rest = divmod(max(0, round(months)), 12)
    return f"{years} y {rest} m"


class RecordsModel(QAbstractTableModel):
    """Records as rows, one column for each fact; numbers stand at the right."""

    columns: Sequence[Column] = ()
    right: frozenset[int] = frozenset()

    def __init__(self) -> None:
        super().__init__()
        self.records: list[Any] = []

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """As many as came."""
        return 0 if parent.isValid() else len(self.records)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """One for each fact."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words of a cell."""
        if not index.isValid():
            return None
        record, column = self.records[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[column][2](record)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tooltip(record, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in self.right:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words of a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section][0]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.columns[section][1]
        if role == Qt.ItemDataRole.TextAlignmentRole and section in self.right:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def tooltip(self, record: Any, column: int) -> str:
        """Words over a cell; nothing, where a table has none."""
        return ""


def show_as_rows(table: QTableView, widths_px: Sequence[int]) -> None:
    """Set up a table that has its model; columns beyond the widths share what is left, the last one stretches."""
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.setWordWrap(False)
    table.verticalHeader().hide()
    head = table.horizontalHeader()
    head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    head.setHighlightSections(False)
    head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    for column, width_px in enumerate(widths_px):
        table.setColumnWidth(column, width_px)
    head.setStretchLastSection(True)
