"""A quiet question at the bottom of the window: one thing to do, or not now. Blocks nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from boneage_gui.widgets.text import label


class Offer(QFrame):
    """A sentence, a button that does it, a button that declines."""

    taken = Signal()
    declined = Signal()

    def __init__(self, *, take: str, take_tip: str, decline: str, decline_tip: str) -> None:
        super().__init__()
        self.setObjectName("offer")
        self.setAccessibleName("Offer")
        self._text = label()
        self.take_button = _button(take, take_tip)
        self.take_button.setDefault(True)
        self.decline_button = _button(decline, decline_tip)
        self.take_button.clicked.connect(self._take)
        self.decline_button.clicked.connect(self._decline)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 12, 10)
        row.setSpacing(10)
        row.addWidget(self._text, 1)
        for button in (self.take_button, self.decline_button):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    def say(self, sentence: str) -> None:
        """Show the offer."""
        self._text.setText(sentence)
        self.setAccessibleDescription(sentence)
        self.show()

    @property
    def text(self) -> str:
        """The sentence on show; empty when there is none."""
        return "" if self.isHidden() else self._text.text()

    def _take(self) -> None:
        self.hide()
        self.taken.emit()

    def _decline(self) -> None:
        self.hide()
        self.declined.emit()


def _button(text: str, tip: str) -> QPushButton:
    made = QPushButton(text)
    made.setToolTip(tip)
    made.setAccessibleName(text.replace("&", ""))
    return made
