"""Rows of the form, and the groups that can be folded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import Field
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from boneage_gui import assets, theme
from boneage_gui.widgets.marks import mark
from boneage_gui.widgets.text import label, plain_tooltip
from boneage_gui.widgets.training_form.editors import Editor, RecipeEditor
from boneage_gui.widgets.training_form.words import label_of, meaning_of, recipe_in_words, shown

LABEL_PX, UNIT_PX = 128, 46


class FieldRow(QObject):
    """One field: its label, its editor, its unit, a way back to the preset, and what is wrong with it."""

    edited = Signal()

    def __init__(self, entry: Field[Any], editor: Editor, parent: QObject) -> None:
        super().__init__(parent)
        self.name, self.editor = entry.name, editor
        self.caption = QLabel(label_of(entry.name))
        self.caption.setBuddy(editor.field)
        self.unit = label(str(entry.metadata.get("unit") or ""), rank="small")
        self.unit.setWordWrap(False)
        self.message = label(rank="wrong")
        self.message.hide()
        self.reset = QToolButton()
        policy = QSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.reset.hide()
        self._meaning, self._preset = meaning_of(entry), entry.default
        editor.field.setAccessibleName(label_of(entry.name))
        editor.edited.connect(self.edited)
        editor.refused.connect(self.say)
        self.reset.clicked.connect(self.put_back)
        self.restyle()

    @property
    def changed(self) -> bool:
        """Whether the value is another than the preset's."""
        return bool(self.editor.value() != self._preset)

    def show_preset(self, preset: Any) -> None:
        """Take the value to compare with."""
        self._preset = preset
        said = f"{self._meaning} Preset: {shown(self.name, preset)}."
        value = self.editor.value()
        if isinstance(self.editor, RecipeEditor):
            said += f"\n\n{recipe_in_words(value)}"
        for widget in (self.caption, self.editor.field):
            widget.setToolTip(plain_tooltip(said))
        self.editor.field.setAccessibleDescription(said)
        back = f"Changed. Back to the preset’s {shown(self.name, preset)}"
        self.reset.setToolTip(plain_tooltip(back))
        self.reset.setAccessibleName(f"{label_of(self.name)}: back to {shown(self.name, preset)}")
        self.reset.setVisible(self.changed)
        mark(self.caption, "rank", "accent" if self.changed else "")

    def put_back(self) -> None:
        """Take the preset's value."""
        self.editor.set_value(self._preset)
        self.editor.field.setFocus()  # the button goes
        self.edited.emit()

    def say(self, sentence: str) -> None:
        """Say what is wrong with the value; nothing is where this is empty."""
        self.message.setText(sentence)
        self.message.setVisible(bool(sentence))
        mark(self.editor.field, "wrong", bool(sentence))

    def restyle(self) -> None:
        """Draw the sign in the theme's colours."""
        look = theme.current()
        self.reset.setIcon(assets.icon("reset", colour=look.accent, disabled=look.disabled))


class FieldGroup(QWidget):
    """Rows under a heading that folds them away."""

    def __init__(self, title: str, rows: Sequence[FieldRow], *, folds: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.rows = title, tuple(rows)
        self.heading = QPushButton()
        self.heading.setProperty("fold", True)
        self.heading.setEnabled(folds)
        self.heading.setToolTip(f"Show or hide: {title}")
        self.heading.clicked.connect(self._turn)
        self._body = QWidget()
        grid = QGridLayout(self._body)
        grid.setContentsMargins(4, 2, 0, 8)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, LABEL_PX)
        grid.setColumnMinimumWidth(2, UNIT_PX)
        grid.setColumnStretch(1, 1)
        for number, row in enumerate(self.rows):
            line = 2 * number
            grid.addWidget(row.caption, line, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(row.editor, line, 1)
            grid.addWidget(row.unit, line, 2, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(row.reset, line, 3)
            grid.addWidget(row.message, line + 1, 1, 1, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.heading)
        column.addWidget(self._body)
        self._folds = folds
        self.open(not folds)

    @property
    def is_open(self) -> bool:
        """Whether the rows are shown."""
        return not self._body.isHidden()

    def open(self, shown: bool) -> None:
        """Show the rows, or fold them away."""
        self._body.setVisible(shown)
        self.count()

    def _turn(self) -> None:
        self.open(not self.is_open)

    def count(self) -> None:
        """Say in the heading how many values are not the preset's, and whether one is wrong."""
        changed = sum(row.changed for row in self.rows)
        wrong = any(not row.message.isHidden() for row in self.rows)
        mark = ("▾  " if self.is_open else "▸  ") if self._folds else ""
        said = (f"  ·  {changed} changed" if changed else "") + ("  ·  look here" if wrong and not self.is_open else "")
        self.heading.setText(f"{mark}{self.title.upper()}{said}")
        state = "open" if self.is_open else "folded"
        self.heading.setAccessibleName(f"{self.title}, {state}{said.replace('·', ',')}")
