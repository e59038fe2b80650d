"""The scores by sex and age band as a table that can be read with the keys and copied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableWidget, QTableWidgetItem, QWidget

from boneage_gui.widgets.verdict_page.colours import colour_of

if TYPE_CHECKING:
    from trainer.score_rows import ScoreRow

HEADS = ("", "Model", "n", "MAE", "RMSE", "Bias", "Within 6 m", "Within 12 m", "Within 24 m")
TIPS = (
    "Sex, or age band in years",
    "Which model",
    "How many radiographs",
    "Mean absolute error, months, with its 95 % interval",
    "Root of the mean squared error, months, with its 95 % interval",
    "Mean of predicted minus actual age, months, with its 95 % interval",
    "Share of radiographs read within 6 months of their labelled age, with its 95 % interval",
    "Share of radiographs read within 12 months of their labelled age, with its 95 % interval",
    "Share of radiographs read within 24 months of their labelled age, with its 95 % interval",
)
ROW_PX = 25
FIRST_FIGURE = 3  # the first column of figures


class ScoreTable(QTableWidget):
    """As high as its rows: the page scrolls, not the table."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(HEADS), parent)
        self.rows: tuple[ScoreRow, ...] = ()
        self.setHorizontalHeaderLabels(list(HEADS))
        for column, tip in enumerate(TIPS):
            item = self.horizontalHeaderItem(column)
            if item is not None:
                item.setToolTip(tip)
        self.setAccessibleName("Scores by sex and age")
        self.setToolTip("Scores with their 95 % intervals; Ctrl+C copies the chosen cells")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        count = self.horizontalHeaderItem(2)
        if count is not None:
            count.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def show_rows(self, rows: Sequence[ScoreRow]) -> None:
        """Show these scores."""
        self.rows = tuple(rows)
        self.setRowCount(len(rows))
        self.setColumnHidden(1, not any(row.role for row in rows))
        for index, row in enumerate(rows):
            group = "" if row.place else row.group
            for column, text in enumerate((group, row.role, f"{row.n:,}", *row.cells)):
                self.setItem(index, column, self._item(text, row, column))
        self._spread()
        self.updateGeometry()

    def restyle(self) -> None:
        """Follow the theme."""
        self.show_rows(self.rows)

    def sizeHint(self) -> QSize:
        """The height of all rows."""
        high = self.horizontalHeader().sizeHint().height() + ROW_PX * self.rowCount() + 4
        bar = self.horizontalScrollBar()
        return QSize(600, high + (bar.sizeHint().height() if bar.isVisible() else 0))

    def minimumSizeHint(self) -> QSize:
        """Never lower than its rows."""
        return QSize(300, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Spread the columns over the width."""
        super().resizeEvent(event)
        self._spread()

    def _spread(self) -> None:
        """Give the columns of figures equal room where it is enough; else what they need, and the last the rest."""
        header = self.horizontalHeader()
        hints = [max(self.sizeHintForColumn(column), header.sectionSizeHint(column)) for column in range(len(HEADS))]
        figures = range(FIRST_FIGURE, len(HEADS))
        needed = sum(hints[:FIRST_FIGURE]) + len(figures) * max(hints[FIRST_FIGURE:])
        wide = self.viewport().width() >= needed
        mode = QHeaderView.ResizeMode.Stretch if wide else QHeaderView.ResizeMode.ResizeToContents
        for column in figures:
            header.setSectionResizeMode(column, mode)
        header.setStretchLastSection(not wide)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the chosen cells, a row a line, tabs between."""
        if not event.matches(QKeySequence.StandardKey.Copy):
            super().keyPressEvent(event)
            return
        chosen = sorted((index.row(), index.column()) for index in self.selectedIndexes())
        lines: dict[int, list[str]] = {}
        for row, column in chosen:
            item = self.item(row, column)
            lines.setdefault(row, []).append(item.text() if item is not None else "")
        QGuiApplication.clipboard().setText("\n".join("\t".join(cells) for cells in lines.values()))

    def _item(self, text: str, row: ScoreRow, column: int) -> QTableWidgetItem:
        item = QTableWidgetItem(text)
        item.setToolTip(f"{row.group}{', ' + row.role.lower() if row.role else ''}: {TIPS[column].lower()}")
        if column == 0:
            font = QFont(self.font())
            font.setBold(True)
            item.setFont(font)
        if column == 1:
            item.setForeground(QColor(colour_of(row.place)))
        if column == 2:
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return item
