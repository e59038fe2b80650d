"""The choices: the name of the run and the form that is the TrainingConfig."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from boneage_gui import settings
from boneage_gui.widgets.text import label
from boneage_gui.widgets.training_form import TrainingForm

if TYPE_CHECKING:
    from trainer.config import TrainingConfig

NAME_PX = 320


class ChoicesPage(QWidget):
    """Holds the config of the next run, or none while a field is wrong."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.form = TrainingForm(settings.recipes_folder())
        self.name = QLineEdit()
        self.name.setFixedWidth(NAME_PX)
        self.name.setAccessibleName("Name of the run")
        self.name.setToolTip("Under this name the run stands among the past runs, and its folder is named so")
        self.name.setPlaceholderText("A name is made from the model and the time")
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(label("Name of the run"))
        row.addWidget(self.name)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 14, 20, 10)
        column.setSpacing(10)
        column.addLayout(row)
        column.addWidget(self.form, 1)
        self.form.changed.connect(lambda *_: self.changed.emit())

    @property
    def config(self) -> TrainingConfig | None:
        """The choices; None while a field is wrong."""
        return None if self.form.problem else self.form.config()

    def run_name(self) -> str:
        """The name that was typed, or one made of model and time."""
        typed = self.name.text().strip()
        model = self.config.model if self.config is not None else "run"
        return typed or f"{model} {datetime.now().astimezone():%Y-%m-%d %H.%M}"
