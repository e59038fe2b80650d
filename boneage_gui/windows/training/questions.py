"""What the training window asks before something is deleted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialogButtonBox, QMessageBox, QWidget


def ask_before_discarding(parent: QWidget, name: str, discard: Callable[[], None]) -> QMessageBox:
    """Ask; a second thought is the default. The window lives on meanwhile."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, "Discard the run", f"Discard “{name}”?", parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText("The folder of the run is deleted, and with it its curves and its best model.")
    doing = box.addButton("&Discard", QMessageBox.ButtonRole.DestructiveRole)
    doing.setToolTip("Delete the run")
    staying = box.addButton("&Keep", QMessageBox.ButtonRole.RejectRole)
    staying.setToolTip("Delete nothing (Esc)")
    for button in box.findChildren(QDialogButtonBox)[0].buttons():
        button.setIcon(QIcon())
    box.setDefaultButton(staying)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.buttonClicked.connect(lambda button: discard() if button is doing else None)
    box.open()
    return box
