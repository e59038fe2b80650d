"""A quiet line at the top of the window for what went wrong; nothing is blocked by it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from boneage_gui import assets, theme
from boneage_gui.widgets.text import label

SIGN_PX = 20


class Banner(QFrame):
    """Shows one sentence until it is closed, or the next good thing happens."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stays = False
        self.setObjectName("banner")
        self.setAccessibleName("Message")
        self._sign = QLabel()
        self._text = label(selectable=True)
        self._close = QToolButton()
        self._close.setToolTip("Close this message (Ctrl+W)")
        self._close.setAccessibleName("Close this message")
        self._close.clicked.connect(self.hide)
        self._shortcut = QShortcut(QKeySequence("Ctrl+W"), self)
        self._shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        self._shortcut.activated.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 10, 8)
        row.setSpacing(10)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._text, 1)
        row.addWidget(self._close)
        self.restyle()
        self.hide()

    @property
    def text(self) -> str:
        """The sentence on show; empty when there is none."""
        return "" if self.isHidden() else self._text.text()

    def say(self, sentence: str, *, stays: bool = False) -> None:
        """Show a sentence. One that ``stays`` outlasts good things, and stands beside another that does, once."""
        before = self.text if stays and self._stays else ""
        said = before if sentence in before else f"{before} {sentence}".lstrip()
        self._stays = stays
        self._text.setText(said)
        self.setAccessibleDescription(said)
        self.show()

    def calm(self) -> None:
        """A good thing happened."""
        if not self._stays:
            self.hide()

    def close_before(self, window: QWidget) -> None:
        """Ctrl+W closes the message, and its window when none is on show: of two owners of a key Qt obeys neither."""
        self._shortcut.setEnabled(False)
        keys = QShortcut(QKeySequence.StandardKey.Close, window)
        keys.activated.connect(lambda: self.hide() if self.isVisible() else window.close())

    def restyle(self) -> None:
        """Draw the signs in the theme's colours again."""
        look, ratio = theme.current(), self.devicePixelRatioF()
        self._sign.setPixmap(assets.pixmap("caution", colour=look.caution, ratio=ratio, side_px=SIGN_PX))
        self._close.setIcon(assets.icon("close", colour=look.muted, disabled=look.disabled))
