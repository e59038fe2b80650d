"""Editors of single values: a number, a text, a choice, a switch, the first weights, a recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QHBoxLayout, QLineEdit, QWidget

from boneage_gui.widgets.training_form.words import shown, value_words
from trainer.augment import Recipe, read_recipe
from trainer.errors import BoneAgeError

FILE = "a file…"


class Editor(QWidget):
    """One value. ``field`` is what takes the focus and looks wrong when the value is."""

    edited = Signal()
    refused = Signal(str)  # a sentence: what was chosen could not be taken

    field: QWidget

    def value(self) -> Any:
        """The value, or what was typed where it is none."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value; nothing is announced."""
        raise NotImplementedError

    def _hold(self, field: QWidget, *more: QWidget) -> None:
        self.field = field
        self.setFocusProxy(field)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(field, 1)
        for widget in more:
            row.addWidget(widget)


class Combo(QComboBox):
    """A combo box that a wheel meant for the page does not turn."""

    opening = Signal()  # its list is about to be seen

    def showPopup(self) -> None:
        """Open the list."""
        self.opening.emit()
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the page."""
        event.ignore()


class NumberEditor(Editor):
    """A whole number, or one with a point (a comma will do)."""

    def __init__(self, kind: type[int] | type[float]) -> None:
        super().__init__()
        self._kind = kind
        self.line = QLineEdit()
        self.line.textEdited.connect(self.edited)
        self._hold(self.line)

    def value(self) -> Any:
        """The number, or the text that is none."""
        text = self.line.text().strip()
        for kind in (int, float) if self._kind is float else (int,):
            try:
                return kind(text.replace(",", "."))
            except ValueError:
                continue
        return text

    def set_value(self, value: Any) -> None:
        """Show a number."""
        if self.value() != value:
            self.line.setText(shown("", value))


class TextEditor(Editor):
    """A text."""

    def __init__(self) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.textEdited.connect(self.edited)
        self._hold(self.line)

    def value(self) -> Any:
        """What was typed."""
        return self.line.text().strip()

    def set_value(self, value: Any) -> None:
        """Show a text."""
        self.line.setText(str(value))


class ChoiceEditor(Editor):
    """One of some values."""

    def __init__(self, name: str, choices: tuple[Any, ...]) -> None:
        super().__init__()
        self.combo = Combo()
        for choice in choices:
            self.combo.addItem(value_words(name, str(choice)), choice)
        self.combo.activated.connect(lambda _index: self.edited.emit())
        self._hold(self.combo)

    def value(self) -> Any:
        """The chosen value."""
        return self.combo.currentData()

    def set_value(self, value: Any) -> None:
        """Choose a value."""
        self.combo.setCurrentIndex(self.combo.findData(value))


class SwitchEditor(Editor):
    """On or off."""

    def __init__(self) -> None:
        super().__init__()
        self.box = QCheckBox("on")
        self.box.clicked.connect(lambda _on: self.edited.emit())
        self._hold(self.box)

    def value(self) -> Any:
        """Whether it is on."""
        return self.box.isChecked()

    def set_value(self, value: Any) -> None:
        """Switch."""
        self.box.setChecked(bool(value))


class WeightsEditor(Editor):
    """What a training begins with: random weights, ImageNet's, or a file's."""

    def __init__(self) -> None:
        super().__init__()
        self.combo = Combo()
        for choice in ("none", "imagenet"):
            self.combo.addItem(value_words("initial_weights", choice), choice)
        self.combo.addItem(FILE, None)
        self.combo.activated.connect(self._chosen)
        self._before = "none"
        self._hold(self.combo)

    def value(self) -> Any:
        """none, imagenet, or a file's path."""
        return self.combo.currentData() or self._before

    def set_value(self, value: Any) -> None:
        """Show it; a file gets an entry of its own."""
        self._before = str(value)
        if self.combo.findData(self._before) < 0:
            self.combo.insertItem(2, Path(self._before).name, self._before)
        self.combo.setCurrentIndex(self.combo.findData(self._before))

    def _chosen(self, index: int) -> None:
        if self.combo.itemData(index) is None:
            name, _ = QFileDialog.getOpenFileName(self, "First weights", "", "Models (*.safetensors)")
            self.set_value(name or self._before)
            if not name:
                return
        self._before = str(self.combo.currentData())
        self.edited.emit()


class RecipeEditor(Editor):
    """A recipe by its name, or from a file. What is offered is asked whenever the list opens: the lab saves recipes."""

    def __init__(self, offered: Callable[[], Mapping[str, Recipe]]) -> None:
        super().__init__()
        self.combo = Combo()
        self.combo.opening.connect(self._offer)
        self.combo.activated.connect(self._chosen)
        self._offered = offered
        self._recipe = next(iter(offered().values()))
        self._offer()
        self._hold(self.combo)

    def value(self) -> Any:
        """The recipe."""
        return self._recipe

    def set_value(self, value: Any) -> None:
        """Show a recipe; one that was not offered gets an entry of its own."""
        self._recipe = value
        if self._index() < 0:
            self.combo.insertItem(self.combo.count() - 1, f"{value.name} (own)", value)
        self.combo.setCurrentIndex(self._index())

    def open(self, path: Path) -> None:
        """Take the recipe of a file; ``refused`` says why not."""
        try:
            recipe = read_recipe(path)
        except BoneAgeError as error:
            self.set_value(self._recipe)
            self.refused.emit(str(error))
            return
        self.set_value(recipe)
        self.edited.emit()

    def _offer(self) -> None:
        self.combo.clear()
        for name, recipe in self._offered().items():
            self.combo.addItem(value_words("recipe", name), recipe)
        self.combo.addItem(FILE, None)
        self.set_value(self._recipe)

    def _index(self) -> int:
        found = [index for index in range(self.combo.count()) if self.combo.itemData(index) == self._recipe]
        return found[0] if found else -1

    def _chosen(self, index: int) -> None:
        recipe = self.combo.itemData(index)
        if recipe is not None:
            self._recipe = recipe
            self.edited.emit()
            return
        name, _ = QFileDialog.getOpenFileName(self, "Open a recipe", "", "Recipes (*.json)")
        if name:
            self.open(Path(name))
        else:
            self.set_value(self._recipe)


def editor_for(entry: Field[Any], recipes: Callable[[], Mapping[str, Recipe]]) -> Editor:
    """Return the editor that fits a field of TrainingConfig."""
    if isinstance(entry.default, Recipe):
        return RecipeEditor(recipes)
    if entry.name == "initial_weights":
        return WeightsEditor()
    if entry.metadata.get("choices"):
        return ChoiceEditor(entry.name, tuple(entry.metadata["choices"]))
    if isinstance(entry.default, bool):
        return SwitchEditor()
    if isinstance(entry.default, (int, float)):
        return NumberEditor(type(entry.default))
    return TextEditor()
