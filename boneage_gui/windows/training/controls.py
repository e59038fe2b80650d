"""The buttons at the foot of the training window: what can be done now, each with its key."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QSize
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from boneage_gui import assets, theme
from boneage_gui.widgets.text import label
from trainer.prediction import RESEARCH_USE

ICON_PX = 16


class Control(NamedTuple):
    """One button."""

    name: str
    text: str
    tip: str
    keys: str
    icon: str


PAUSE = Control("pause", "Pause", "Save the run; it can be resumed at any time", "Ctrl+P", "pause")
CONTROLS = (
    Control("discard", "Discard…", "Delete the run and all it has learned", "Ctrl+D", "discard"),
    Control("stop", "Stop and keep best", "End the run; its best epoch is the model", "Ctrl+E", "stop"),
    PAUSE,
    Control("find", "Find radiographs…", "Choose the folder they were moved to, and go on", "Ctrl+O", "folder"),
    Control("resume", "Resume", "Go on with the run where it stopped", "Ctrl+G", "start"),
    Control("choices", "Continue", "Choose the model and how it is trained", "Ctrl+Return", "next"),
    Control("start", "Start training", "Train a model with these choices", "Ctrl+Shift+Return", "start"),
)
CANCEL = Control("pause", "Cancel", "Nothing was trained yet; the choices stay in the form", "Ctrl+P", "discard")
MAIN = ("choices", "start", "resume")  # what goes forward stands out


class Controls(QWidget):
    """The research line on the left, the buttons on the right."""

    def __init__(self, handlers: dict[str, Callable[[], None]]) -> None:
        super().__init__()
        self.setObjectName("controls")
        self.buttons: dict[str, QPushButton] = {}
        self.reason = label(rank="muted")  # why a button cannot be pressed
        self.reason.setWordWrap(False)
        self._named = {control.name: control for control in CONTROLS}
        research_use = label(RESEARCH_USE, rank="caution")
        research_use.setWordWrap(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 10, 20, 10)
        row.setSpacing(8)
        row.addWidget(research_use)
        row.addStretch(1)
        row.addWidget(self.reason)
        for control in CONTROLS:
            button = QPushButton()
            _name(button, control)
            button.setIconSize(QSize(ICON_PX, ICON_PX))
            button.setProperty("primary", control.name in MAIN)
            button.clicked.connect(handlers[control.name])
            row.addWidget(button)
            self.buttons[control.name] = button
        self.restyle()

    def show_only(self, enabled: dict[str, bool]) -> None:
        """Show these buttons, each enabled or not."""
        for name, button in self.buttons.items():
            button.setVisible(name in enabled)
            button.setEnabled(enabled.get(name, False))

    def offer_cancel(self, offered: bool) -> None:
        """Name the button that pauses after what it does while a new run is prepared, or again Pause."""
        self._named["pause"] = CANCEL if offered else PAUSE
        _name(self.buttons["pause"], self._named["pause"])
        self.restyle()

    def restyle(self) -> None:
        """Draw the icons in the theme's colours again."""
        look = theme.current()
        for control in self._named.values():
            colour = look.on_accent if control.name in MAIN else look.text
            icon = assets.icon(control.icon, colour=colour, disabled=look.disabled)
            self.buttons[control.name].setIcon(icon)


def _name(button: QPushButton, control: Control) -> None:
    button.setText(control.text)
    button.setShortcut(QKeySequence(control.keys))  # which a new text takes away
    shown = button.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    button.setToolTip(f"{control.tip} ({shown})")
    button.setAccessibleName(control.text.rstrip("…"))
