"""A line for a path: typed, pasted, or chosen in a dialog."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QToolButton, QWidget

from boneage_gui import assets, theme


class PathLine(QWidget):
    """Holds a path, or none."""

    changed = Signal()

    def __init__(self, name: str, meaning: str, *, ask: Callable[[QWidget], str], placeholder: str) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setPlaceholderText(placeholder)
        self.line.setAccessibleName(name)
        self.line.setAccessibleDescription(meaning)
        self.line.setToolTip(meaning)
        self.line.editingFinished.connect(self._typed)
        self.button = QPushButton("Choose…")
        self.button.setToolTip(f"Choose: {name.lower()}")
        self.button.setAccessibleName(f"Choose: {name.lower()}")
        self.button.clicked.connect(lambda: self._take(ask(self)))
        self.remove = QToolButton()
        self.remove.setToolTip(f"Do without: {name.lower()}")
        self.remove.setAccessibleName(f"Do without: {name.lower()}")
        self.remove.clicked.connect(lambda: self.choose(None))
        self._path: Path | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.line, 1)
        row.addWidget(self.remove)
        row.addWidget(self.button)
        self.setFocusProxy(self.line)
        self.restyle()
        self.show_path(None)

    def path(self) -> Path | None:
        """The path, if there is one."""
        return self._path

    def show_path(self, path: Path | None) -> None:
        """Show a path; nothing is announced."""
        self._path = path
        self.line.setText(str(path) if path else "")
        self.line.setCursorPosition(len(self.line.text()))
        self.remove.setVisible(path is not None)

    def choose(self, path: Path | None) -> None:
        """Take a path and announce it."""
        if path != self._path:
            self.show_path(path)
            self.changed.emit()

    def restyle(self) -> None:
        """Draw the sign in the theme's colours."""
        look = theme.current()
        self.remove.setIcon(assets.icon("close", colour=look.muted, disabled=look.disabled))

    def _typed(self) -> None:
        text = self.line.text().strip().strip('"')
        self.choose(Path(text).expanduser() if text else None)

    def _take(self, chosen: str) -> None:
        if chosen:  # also where it was chosen before: what lies there may be another by now
            self.show_path(Path(chosen))
            self.changed.emit()
