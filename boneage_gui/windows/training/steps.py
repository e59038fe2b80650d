"""The head of the training window: its pages as steps, from left to right, and the past runs."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget


class Page(IntEnum):
    """The pages, in the order of their keys."""

    DATA = 0
    CHOICES = 1
    TRAINING = 2
    VERDICT = 3
    RUNS = 4


TEXTS = {
    Page.DATA: ("1   Data", "Choose the radiographs and the table of ages"),
    Page.CHOICES: ("2   Choices", "Choose the model and how it is trained"),
    Page.TRAINING: ("3   Training", "See the training: curves, speed, time left, log"),
    Page.VERDICT: ("4   Verdict", "See whether the new model is better than the one in use"),
    Page.RUNS: ("Past runs", "List the trainings of the past and compare their curves"),
}


class Steps(QWidget):
    """Buttons of which one is chosen; a step that has nothing to show yet is greyed out."""

    chosen = Signal(object)  # Page

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("steps")
        self.buttons: dict[Page, QPushButton] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 10, 20, 10)
        row.setSpacing(4)
        for page, (text, tip) in TEXTS.items():
            button = QPushButton(text)
            button.setObjectName("step")
            button.setCheckable(True)
            keys = QKeySequence(f"Ctrl+{page + 1}")
            button.setShortcut(keys)
            button.setToolTip(f"{tip} ({keys.toString(QKeySequence.SequenceFormat.NativeText)})")
            button.setAccessibleName(text.lstrip("1234 "))
            button.clicked.connect(lambda _checked=False, page=page: self.chosen.emit(page))
            self._group.addButton(button)
            if page is Page.RUNS:
                row.addStretch(1)
            row.addWidget(button)
            self.buttons[page] = button

    def show_page(self, page: Page) -> None:
        """Mark the page on show."""
        self.buttons[page].setChecked(True)

    def enable(self, page: Page, there: bool) -> None:
        """Whether a page has something to show."""
        self.buttons[page].setEnabled(there)
