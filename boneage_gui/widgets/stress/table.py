"""The table of a stress test: a row a transformation, one model or two side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QTableWidget, QTableWidgetItem, QWidget

from boneage_gui import theme
from boneage_gui.widgets.rows import show_as_rows
from trainer.stress import StressRow, Transformation, Trial

AIM_MONTHS: Final = 6.0
DASH: Final = "–"
CHANGE: Final = Qt.ItemDataRole.UserRole
FIRST_PX: Final = 124
WIDTHS_PX: Final = (166, 82, 148)
TIPS: Final = {
    "Mean shift, months": "How far the mean answer moved, months, with its 95 % interval; over 6 months is marked",
    "Over 12": "Share of the answers that moved by more than 12 months; the pages have its interval",
    "Error, months": "Change of the mean absolute error, with its 95 % interval; what is shown to rise is marked",
}


class StressTable(QTableWidget):
    """Choosing a row says whose curve is to be drawn."""

    chosen = Signal(object)  # Transformation

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Transformations")
        self.setToolTip("A row for each transformation; the chosen one’s curve is drawn below")
        show_as_rows(self, ())
        self._set_heads(["Transformation", *TIPS])
        self.itemSelectionChanged.connect(self._choose)

    def show_trials(self, trials: Sequence[Trial]) -> None:
        """Show what came out."""
        heads = ["Transformation"]
        for trial in trials:
            heads += [f"{name}\n{trial.name}" for name in TIPS]
        changes = [change for change, _ in max((trial.rows for trial in trials), key=len)]
        by_name = [{row.name: row for _, row in trial.rows} for trial in trials]
        self.clear()
        self.setRowCount(len(changes))
        self._set_heads(heads)
        for line, change in enumerate(changes):
            self._put(line, 0, change.name, change, marked=False)
            for place, rows in enumerate(by_name):
                for offset, (words, marked) in enumerate(_cells(rows.get(change.name))):
                    self._put(line, 1 + place * len(TIPS) + offset, words, change, marked=marked)
        if changes:
            self.selectRow(0)

    def change(self) -> Transformation | None:
        """Return the chosen transformation."""
        item = self.item(self.currentRow(), 0)
        change: Transformation | None = item.data(CHANGE) if item is not None else None
        return change

    def _set_heads(self, heads: Sequence[str]) -> None:
        self.setColumnCount(len(heads))
        self.setHorizontalHeaderLabels(heads)
        self.setColumnWidth(0, FIRST_PX)
        for column in range(1, len(heads)):
            self.setColumnWidth(column, WIDTHS_PX[(column - 1) % len(TIPS)])
            head = self.horizontalHeaderItem(column)
            if head is not None:
                head.setToolTip(list(TIPS.values())[(column - 1) % len(TIPS)])

    def _put(self, line: int, column: int, words: str, change: Transformation, *, marked: bool) -> None:
        item = QTableWidgetItem(words)
        item.setData(CHANGE, change)
        if marked:
            item.setForeground(QColor(theme.current().caution))
        self.setItem(line, column, item)

    def _choose(self) -> None:
        change = self.change()
        if change is not None:
            self.chosen.emit(change)


def _cells(row: StressRow | None) -> list[tuple[str, bool]]:
    """Return the words of a model's cells, and whether each deserves a look."""
    if row is None:
        return [("refused all", True), (DASH, False), (DASH, False)]
    share = 100 * row.over_12[0]
    return [
        (_signed(row.shift_months), abs(row.shift_months[0]) > AIM_MONTHS),
        (f"{share:.0f} %", False),
        (_signed(row.change_months), row.raises_error),
    ]


def _signed(estimate: tuple[float, float, float]) -> str:
    value, low, high = (f"{end:+.1f}".replace("-", "−") for end in estimate)
    return f"{value} ({low} to {high})"
