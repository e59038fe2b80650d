"""The choice at the foot of the page: use the new model or keep the one in use; what may be saved; what it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from boneage_gui import assets, theme
from boneage_gui.widgets.marks import mark
from boneage_gui.widgets.text import label, research_use_line, rule
from boneage_gui.work.comparing import IN_USE

if TYPE_CHECKING:
    from boneage_gui.work.comparing import Judgement

KEEP: Final = ("&Keep the model in use", "Change nothing; the run stays among past runs (Alt+K)")
DONE: Final = ("&Done", "Leave this page (Alt+D)")


class Choice(QFrame):
    """Four buttons, a word on what was done, and the research line."""

    use = Signal()
    keep = Signal()
    save_page = Signal()
    save_pictures = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("choice")
        self.setAccessibleName("Your choice")
        self.use_button = _button("&Use this model", "Keep the new model and read with it from now on (Alt+U)")
        self.keep_button = _button(*KEEP)
        self.page_button = _button("Save as &PDF…", "Save verdict, table and figures as a PDF (Alt+P)")
        self.pictures_button = _button("Save &figures…", "Save every figure as a picture into a folder (Alt+F)")
        self.said = label(rank="muted", selectable=True)
        for button, signal in (
            (self.use_button, self.use),
            (self.keep_button, self.keep),
            (self.page_button, self.save_page),
            (self.pictures_button, self.save_pictures),
        ):
            button.clicked.connect(signal)
        row = QHBoxLayout()
        row.setContentsMargins(28, 10, 28, 10)
        row.setSpacing(8)
        for button in (self.use_button, self.keep_button):
            row.addWidget(button)
        row.addSpacing(12)
        row.addWidget(self.said, 1)
        for button in (self.page_button, self.pictures_button):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(rule())
        column.addLayout(row)
        column.addWidget(research_use_line())
        self._can_save = self._can_use = False
        self.restyle()
        self.show_nothing()

    def show_nothing(self) -> None:
        """There is nothing to choose yet."""
        self._can_use = self._can_save = False
        self._name_keeping(KEEP)
        self.said.setText("")
        self._enable()

    def show_judgement(self, judgement: Judgement) -> None:
        """Offer what can be done with this verdict; a better model is offered first."""
        in_use = judgement.why_not == IN_USE
        self._can_use, self._can_save = not in_use, judgement.answers is not None
        self._name_keeping(DONE if in_use else KEEP)
        better = judgement.comparison is not None and judgement.comparison.verdict == "better"
        for button, first in ((self.use_button, better), (self.keep_button, not better)):
            mark(button, "primary", first)
        self.said.setText("")
        self._enable()

    def show_busy(self, words: str) -> None:
        """Something is done; nothing else can be asked for meanwhile."""
        self.said.setText(words)
        for button in self._buttons():
            button.setEnabled(False)

    def show_done(self, words: str) -> None:
        """It is done, or it failed and the words are empty."""
        self.said.setText(words)
        self._enable()

    def show_used(self, name: str) -> None:
        """The new model is in use: nothing is left to choose."""
        self._can_use = False
        self._name_keeping(DONE)
        self.show_done(f"Kept as “{name}” and in use now.")

    def restyle(self) -> None:
        """Draw the signs in the theme's colours."""
        look = theme.current()
        for button, name in ((self.page_button, "save"), (self.pictures_button, "save")):
            button.setIcon(assets.icon(name, colour=look.text, disabled=look.disabled))

    def _name_keeping(self, words: tuple[str, str]) -> None:
        """Once the new model is in use, there is none to keep instead: the button leaves the page."""
        text, tip = words
        self.keep_button.setText(text)
        self.keep_button.setToolTip(tip)
        self.keep_button.setAccessibleName(text.replace("&", ""))
        self.keep_button.setAccessibleDescription(tip)

    def _enable(self) -> None:
        self.use_button.setEnabled(self._can_use)
        self.keep_button.setEnabled(True)
        for button in (self.page_button, self.pictures_button):
            button.setEnabled(self._can_save)

    def _buttons(self) -> tuple[QPushButton, ...]:
        return (self.use_button, self.keep_button, self.page_button, self.pictures_button)


def _button(text: str, tip: str) -> QPushButton:
    made = QPushButton(text)
    made.setToolTip(tip)
    made.setAccessibleName(text.replace("&", "").rstrip("…"))
    made.setAccessibleDescription(tip)
    return made
