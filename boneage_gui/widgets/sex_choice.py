"""The child's sex: from the header, or asked; never guessed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from boneage_gui.widgets.marks import mark
from boneage_gui.widgets.text import label
from trainer.radiograph import Sex

CHOICES: tuple[tuple[str, Sex | None, str], ...] = (
    ("Female", Sex.FEMALE, "Shift+F"),
    ("Male", Sex.MALE, "Shift+M"),
    ("Not given", None, "Shift+N"),
)


class SexChoice(QWidget):
    """Three buttons and a line that says where the answer comes from, or asks for it."""

    chosen = Signal(object)  # Sex | None, when the user chose

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._header: Sex | None = None
        self._group = QButtonGroup(self)
        self._buttons: dict[Sex | None, QPushButton] = {}
        row = QHBoxLayout()
        row.setSpacing(6)
        for text, sex, keys in CHOICES:
            button = QPushButton(text)
            button.setCheckable(True)
            button.setToolTip(f"{text} ({keys})")
            button.setAccessibleName(f"Sex: {text.lower()}")
            button.clicked.connect(lambda _checked=False, sex=sex: self.choose(sex))
            self._group.addButton(button)
            self._buttons[sex] = button
            row.addWidget(button, 1)
        self._hint = label(rank="small")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self._hint)
        self.clear()

    def clear(self) -> None:
        """No radiograph: nothing to choose."""
        self._header = None
        self._check_none()
        self.setEnabled(False)
        self._ask(False)
        self._hint.hide()

    def show_header(self, sex: Sex | None) -> None:
        """A new radiograph whose header says this, or does not say."""
        self._header = sex
        self.setEnabled(True)
        self._hint.show()
        if sex is None:
            self._check_none()
            self._ask(True)
            self._say("Female or male? The file does not say.", "caution")
        else:
            self._buttons[sex].setChecked(True)
            self._ask(False)
            self._say("From the file’s header.", "small")

    def choose(self, sex: Sex | None, *, because: str = "You chose this.") -> None:
        """Take the user's answer and announce it; ``because`` says where it comes from."""
        if not self.isEnabled():
            return
        self._buttons[sex].setChecked(True)
        self._ask(False)
        if self._header is not None and sex is not self._header:
            self._say(f"You chose this; the file’s header says {self._header.value}.", "caution")
        elif sex is None:
            self._say("The bone age is read without it.", "small")
        else:
            self._say("From the file’s header." if sex is self._header else because, "small")
        self.chosen.emit(sex)

    def is_asking(self) -> bool:
        """Whether the header did not say and the user has not answered yet."""
        return self.isEnabled() and self._group.checkedButton() is None

    @property
    def answer(self) -> Sex | None:
        """What the header says or the user chose; None for neither, and where it is not to be told."""
        return next((sex for sex, button in self._buttons.items() if button.isChecked()), None)

    @property
    def hint(self) -> str:
        """The line under the buttons."""
        return self._hint.text()

    def button(self, sex: Sex | None) -> QPushButton:
        """The button of one answer."""
        return self._buttons[sex]

    def _check_none(self) -> None:
        self._group.setExclusive(False)
        for button in self._buttons.values():
            button.setChecked(False)
        self._group.setExclusive(True)

    def _ask(self, asking: bool) -> None:
        for button in self._buttons.values():
            mark(button, "asking", asking)

    def _say(self, text: str, rank: str) -> None:
        self._hint.setText(text)
        mark(self._hint, "rank", rank)
