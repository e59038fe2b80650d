"""Labels of the panel by rank, hairlines, what scrolls, and the way a wrapped label asks for its height."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QWidget

from trainer.prediction import RESEARCH_USE


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


def plain_tooltip(text: str) -> str:
    """Words from outside for a tooltip, which would take a file's name for HTML."""
    return f'<p style="white-space:pre-wrap">{escape(text)}</p>'


def rule() -> QFrame:
    """A hairline."""
    line = QFrame()
    line.setObjectName("rule")
    return line


def research_use_line() -> QLabel:
    """What stands under every number, over the whole width."""
    line = QLabel(RESEARCH_USE)
    line.setObjectName("researchUse")
    line.setIndent(0)
    return line


def scrolled(content: QWidget, *, across: bool = False) -> QScrollArea:
    """A pane that scrolls down alone, or ``across`` too, and is no stop for the keyboard."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    if not across:
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area


class Column(QWidget):
    """What scrolls: as high as its wrapped lines need at its width, not at a narrower one."""

    def minimumSizeHint(self) -> QSize:
        """What a scroll area asks."""
        layout = self.layout()
        return QSize(0, layout.heightForWidth(self.width())) if layout is not None else QSize()
