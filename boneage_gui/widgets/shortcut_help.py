"""F1: every shortcut, from the same table the menus are made of."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from boneage_gui.widgets.buttons import CloseButton
from boneage_gui.widgets.first_size import open_at
from boneage_gui.widgets.text import Column, label

Section = tuple[str, Sequence[tuple[str, str]]]  # title, (keys, what they do)
COLUMNS = 3
LEAST_KEYS_PX = 120
SIZE_PX = (1220, 670)


class ShortcutHelp(QDialog):
    """Lists sections of shortcuts in columns of about equal length."""

    def __init__(self, sections: Sequence[Section], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard and mouse")
        self.rows = [row for _, rows in sections for row in rows]
        words = [word for keys, _ in self.rows for word in keys.split()]  # lines break between them, not within
        widest = max([LEAST_KEYS_PX, *(self.fontMetrics().horizontalAdvance(word) for word in words)])
        columns = QHBoxLayout()
        columns.setSpacing(36)
        for share in in_columns(sections, COLUMNS):
            column = QVBoxLayout()
            column.setSpacing(6)
            for title, rows in share:
                column.addWidget(label(title.upper(), rank="section"))
                column.addLayout(_table(rows, keys_px=widest + 2))
                column.addSpacing(14)
            column.addStretch(1)
            columns.addLayout(column, 1)
        content = Column()
        content.setLayout(columns)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(content)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(22, 20, 22, 16)
        whole.addWidget(scroll, 1)
        whole.addWidget(CloseButton(self, "Close this list (Esc)"))
        open_at(self, SIZE_PX)


def in_columns(sections: Sequence[Section], count: int) -> list[list[Section]]:
    """Spread sections over columns in order, none much longer than the others."""
    heights = [len(rows) + 2 for _, rows in sections]
    ends = range(1, len(sections))

    def tallest(cuts: tuple[int, ...]) -> int:
        edges = (0, *cuts, len(sections))
        return max(sum(heights[start:end]) for start, end in pairwise(edges))

    best = min(combinations(ends, min(count, len(sections)) - 1), key=tallest)
    return [list(sections[start:end]) for start, end in pairwise((0, *best, len(sections)))]


def _table(rows: Sequence[tuple[str, str]], *, keys_px: int) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(1, 1)
    for row, (keys, what) in enumerate(rows):
        shown = label(keys, rank="accent")
        shown.setFixedWidth(keys_px)
        grid.addWidget(shown, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label(what), row, 1, Qt.AlignmentFlag.AlignTop)
    return grid
