"""Model, Remove my model: which one, and whether really."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from boneage_gui.widgets.text import label, plain_tooltip
from boneage_gui.work.models import OwnModel

WARNING = (
    "The model’s file is deleted and cannot be brought back. The training run it was made from stays: as long as it is "
    "there, the model can be used again from the past runs."
)


class RemoveModel(QDialog):
    """Lists the user's own models; one is chosen and removed."""

    remove = Signal(object)  # Path

    def __init__(self, own: Sequence[OwnModel], used: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Remove my model")
        self.list = QListWidget()
        self.list.setObjectName("models")
        self.list.setAccessibleName("My models")
        self.list.setToolTip("Choose the model to remove")
        for model in own:
            said = " (in use)" if model.path == used else ""
            item = QListWidgetItem(f"{model.name}{said}\n{model.card.accuracy_line()}")
            item.setToolTip(plain_tooltip(str(model.path)))
            item.setData(Qt.ItemDataRole.UserRole, str(model.path))
            self.list.addItem(item)
        buttons = QDialogButtonBox()
        self.remove_button = buttons.addButton("&Remove", QDialogButtonBox.ButtonRole.DestructiveRole)
        self.remove_button.setToolTip("Delete the chosen model (Alt+R)")
        cancel = buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        cancel.setToolTip("Remove nothing (Esc)")
        cancel.setDefault(True)
        for button in (self.remove_button, cancel):
            button.setIcon(QIcon())  # a desktop's own icon would be the only one of another family
        self.remove_button.setAutoDefault(False)  # Enter removes nothing
        self.remove_button.clicked.connect(self._remove)
        buttons.rejected.connect(self.reject)
        self.list.itemSelectionChanged.connect(self._enable)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(label("Which of your models is to be removed?", rank="state"))
        column.addWidget(self.list, 1)
        column.addWidget(label(WARNING, rank="muted"))
        column.addWidget(buttons)
        self.resize(560, 400)
        self._enable()

    def _enable(self) -> None:
        self.remove_button.setEnabled(bool(self.list.selectedItems()))

    def _remove(self) -> None:
        for item in self.list.selectedItems():
            self.remove.emit(Path(item.data(Qt.ItemDataRole.UserRole)))
        self.accept()
