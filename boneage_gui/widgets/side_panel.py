"""The left side of a window that works through something: its form, its buttons, and what must be said of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from boneage_gui.widgets.text import label

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
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(12)
        column.addWidget(form)
        column.addLayout(presses)
        for part in below:
            column.addWidget(part)
        column.addStretch(1)
        column.addWidget(label(caution, rank="caution"))
