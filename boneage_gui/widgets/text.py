"""Labels of the panel by rank, hairlines, and the way a wrapped label asks for its height."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy


def label(text: str = "", *, rank: str = "", selectable: bool = False) -> QLabel:
    """A wrapping label; the theme's stylesheet knows the rank."""
    made = QLabel(text)
    made.setWordWrap(True)
    made.setTextFormat(Qt.TextFormat.PlainText)
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)  # or a wrapped line asks for the room of a narrower one
    made.setSizePolicy(policy)
    if rank:
        made.setProperty("rank", rank)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def rule() -> QFrame:
    """A hairline."""
    line = QFrame()
    line.setObjectName("rule")
    return line
