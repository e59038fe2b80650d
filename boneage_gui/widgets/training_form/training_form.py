"""The form that is a TrainingConfig: built from its fields, so that a new one appears by itself."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from boneage_gui.widgets.text import Column, label
from boneage_gui.widgets.training_form.editors import editor_for
from boneage_gui.widgets.training_form.field_group import FieldGroup, FieldRow
from boneage_gui.widgets.training_form.words import GROUPS, MODELS, PAPER, group_of, label_of
from trainer.augment import RECIPES, Recipe, offered_recipes
from trainer.config import DEFAULT_RECIPES, TrainingConfig, config_for
from trainer.errors import ConfigError

FIRST_MODEL = "improved"
TWO_COLUMNS_PX, WIDEST_COLUMN_PX = 860, 600


class TrainingForm(QWidget):
    """Every choice of a run; the buttons at its top set model and recipe, the rest stays as it was typed."""

    changed = Signal()

    def __init__(self, recipes_folder: Path | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Choices of the training")
        self.problem = ""  # the sentence: why no training can begin; empty where one can
        self._model = FIRST_MODEL
        self.rows = {
            entry.name: FieldRow(entry, editor_for(entry, partial(_recipes, recipes_folder)), self)
            for entry in fields(TrainingConfig)
            if entry.name != "model"
        }
        self.groups = tuple(
            FieldGroup(title, [row for name, row in self.rows.items() if group_of(name) == title], folds=title != PAPER)
            for title in GROUPS
        )
        self.presets = {model: _preset(model) for model in DEFAULT_RECIPES}
        self.reset_button = QPushButton("&Reset")
        self.reset_button.setProperty("quiet", True)
        self.reset_button.setToolTip("Put every value back to the preset’s")
        self.reset_button.setAccessibleName("Reset every value to the preset")
        self._meaning = label(rank="muted")
        self._problem = label(rank="wrong")
        self._lay_out()
        self.set_config(config_for(FIRST_MODEL))
        for row in self.rows.values():
            row.edited.connect(self._edited)
        for model, button in self.presets.items():
            button.clicked.connect(lambda _checked=False, model=model: self.choose_preset(model))
        self.reset_button.clicked.connect(lambda: self.set_config(config_for(self._model)))

    def config(self) -> TrainingConfig:
        """The choices as they stand. Raises ConfigError, naming the field as the form calls it."""
        try:
            return config_for(self._model, **{name: row.editor.value() for name, row in self.rows.items()})
        except ConfigError as error:
            raise ConfigError(self._in_form_words(error)) from error

    def set_config(self, config: TrainingConfig) -> None:
        """Show the choices of a run."""
        self._model = config.model
        for name, row in self.rows.items():
            row.editor.set_value(getattr(config, name))
        self._edited()

    def choose_preset(self, model: str) -> None:
        """Take a model and its recipe; every other choice stays."""
        self._model = model
        self.rows["recipe"].editor.set_value(config_for(model).recipe)
        self._edited()

    def restyle(self) -> None:
        """Draw the signs in the theme's colours again."""
        for row in self.rows.values():
            row.restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The paper's choices and the rest stand beside each other where there is room."""
        super().resizeEvent(event)
        wide = self.width() >= TWO_COLUMNS_PX
        self._columns.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        self._columns.setSpacing(36 if wide else 6)
        for place, stretch in enumerate((1, 1, 0) if wide else (0, 0, 1)):
            self._columns.setStretch(place, stretch)

    def _edited(self) -> None:
        preset = config_for(self._model)
        self.presets[self._model].setChecked(True)
        self._meaning.setText(f"{self.presets[self._model].toolTip()}.")
        for name, row in self.rows.items():
            row.say(self._wrong_with(preset, name, row.editor.value()))
            row.show_preset(getattr(preset, name))
        for group in self.groups:
            group.count()
        try:
            self.config()
        except ConfigError as error:
            self.problem = str(error)
        else:
            self.problem = ""
        alone = all(row.message.isHidden() for row in self.rows.values())
        self._problem.setText(self.problem)
        self._problem.setVisible(bool(self.problem) and alone)  # what one field says need not be said twice
        self.reset_button.setEnabled(any(row.changed for row in self.rows.values()))
        self.changed.emit()

    def _wrong_with(self, preset: TrainingConfig, name: str, value: Any) -> str:
        """The sentence about one value; empty where it is right by itself."""
        try:
            replace(preset, **{name: value})
        except ConfigError as error:
            return self._in_form_words(error)
        return ""

    def _in_form_words(self, error: ConfigError) -> str:
        """The sentence with the fields' labels in the place of their names."""
        name, _, rest = str(error).partition(" ")
        for other in self.rows:
            if "_" in other:  # any other name is a word of its own
                rest = re.sub(rf"\b{other}\b", f"“{label_of(other)}”", rest)
        return f"{label_of(name) if name in self.rows else name} {rest}"

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        together = QButtonGroup(self)
        for button in self.presets.values():
            together.addButton(button)
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.reset_button)
        content = Column()
        self._columns = QBoxLayout(QBoxLayout.Direction.TopToBottom, content)
        self._columns.setContentsMargins(0, 0, 10, 0)
        self._columns.setSpacing(6)
        for groups in (self.groups[:1], self.groups[1:]):
            inner = QVBoxLayout()
            inner.setSpacing(6)
            for group in groups:
                group.setMaximumWidth(WIDEST_COLUMN_PX)
                inner.addWidget(group)
            inner.addStretch(1)
            self._columns.addLayout(inner)
        self._columns.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        for widget in (content, scroll.viewport()):
            widget.setAutoFillBackground(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(buttons)
        column.addWidget(self._meaning)
        column.addWidget(scroll, 1)
        column.addWidget(self._problem)


def _recipes(folder: Path | None) -> dict[str, Recipe]:
    return offered_recipes(folder) if folder else dict(RECIPES)


def _preset(model: str) -> QPushButton:
    text, meaning = MODELS.get(model, (model, f"The model {model} with its recipe"))
    made = QPushButton(text)
    made.setCheckable(True)
    made.setToolTip(meaning)
    made.setAccessibleName(f"Preset: {text.replace('&', '')}")
    made.setAccessibleDescription(meaning)
    return made
