"""Buttons as the house makes them: one with its tip, and those under a dialog."""

from __future__ import annotations

from PySide6.QtGui import QIcon, QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QWidget


def push_button(text: str, tip: str) -> QPushButton:
    """Return a button; a screen reader says its words without the marks."""
    made = QPushButton(text)
    made.setToolTip(tip)
    made.setAccessibleName(text.replace("&", "").rstrip("…"))
    return made


class DialogButtons(QDialogButtonBox):
    """``go`` is the default one, in the accent colour; neither has an icon, which styles would add."""

    def __init__(self, go: str, tip: str, cancel_tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.go = self.addButton(go, QDialogButtonBox.ButtonRole.AcceptRole)
        self.go.setToolTip(tip)
        self.go.setProperty("primary", True)
        self.cancel = self.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.cancel.setToolTip(cancel_tip)
        for button in (self.go, self.cancel):
            button.setIcon(QIcon())

    def showEvent(self, event: QShowEvent) -> None:
        """Enter means ``go``, wherever the cursor was before: only now is there a dialog that can be told so."""
        super().showEvent(event)
        self.cancel.setAutoDefault(False)
        self.go.setDefault(True)


class CloseButton(QDialogButtonBox):
    """Under what is only looked at; without an icon too."""

    def __init__(self, dialog: QDialog, tip: str = "Close (Esc)") -> None:
        super().__init__(QDialogButtonBox.StandardButton.Close)
        self.rejected.connect(dialog.reject)
        close = self.button(QDialogButtonBox.StandardButton.Close)
        close.setToolTip(tip)
        close.setIcon(QIcon())
