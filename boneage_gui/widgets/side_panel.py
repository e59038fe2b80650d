"""The left side of a window that works through something: its form, its buttons, and what must be said of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from boneage_gui.widgets.text import Column, label, scrolled

WIDTH_PX = 320


class SidePanel(QFrame):
    """A form over a row of buttons, more below; the caution stands at the foot."""

    def __init__(
        self,
        form: QWidget,
        buttons: Sequence[QPushButton],
        *below: QWidget,
        caution: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("recipe")
        self.setFixedWidth(WIDTH_PX)
        presses = QHBoxLayout()
        presses.setSpacing(8)
        for button in buttons:
            presses.addWidget(button, 1)
        content = Column()
        column = QVBoxLayout(content)
        column.setContentsMargins(18, 16, 18, 4)
        column.setSpacing(12)
        column.addWidget(form)
        column.addLayout(presses)
        for part in below:
            column.addWidget(part)
        column.addStretch(1)
        said = label(caution, rank="caution")
        said.setContentsMargins(18, 4, 18, 16)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scrolled(content), 1)  # on a small screen the form gives way, never the caution
        whole.addWidget(said)
