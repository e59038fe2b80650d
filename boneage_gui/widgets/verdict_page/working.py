"""What is seen while two models read the held-out radiographs, and where that came to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from boneage_gui.widgets.text import label

if TYPE_CHECKING:
    from trainer.events import Preparing

WIDTH_PX = 520


class Working(QWidget):
    """How far the comparison is; a button ends it, or begins it again."""

    stopped = Signal()
    again = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label(rank="state")
        self.detail = label(rank="muted", selectable=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.bar.setAccessibleName("Progress of the comparison")
        self.stop_button = QPushButton("&Stop comparing")
        self.stop_button.setToolTip("End the comparison; it can be begun again (Alt+S)")
        self.again_button = QPushButton("Compare &again")
        self.again_button.setToolTip("Begin the comparison again (Alt+A)")
        self.stop_button.clicked.connect(self.stopped)
        self.again_button.clicked.connect(self.again)
        buttons = QHBoxLayout()
        buttons.addWidget(self.stop_button)
        buttons.addWidget(self.again_button)
        buttons.addStretch(1)
        inner = QWidget()
        inner.setFixedWidth(WIDTH_PX)
        column = QVBoxLayout(inner)
        column.setSpacing(10)
        for part in (self.title, self.detail, self.bar):
            column.addWidget(part)
        column.addSpacing(6)
        column.addLayout(buttons)
        whole = QVBoxLayout(self)
        whole.addStretch(2)
        whole.addWidget(inner, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addStretch(3)

    def show_begun(self) -> None:
        """The comparison begins."""
        self._show("Comparing with the model in use…", "Both models read the radiographs held out from training.")
        self.bar.setRange(0, 0)

    def show_progress(self, event: Preparing) -> None:
        """How far it is."""
        self.bar.setRange(0, event.total if event.done else 0)
        self.bar.setValue(event.done)
        said = event.what[:1].upper() + event.what[1:]
        self.detail.setText(f"{said}: {event.done:,} of {event.total:,}." if event.done else f"{said}…")

    def show_failed(self, sentence: str) -> None:
        """It came to nothing."""
        self._show("No verdict", sentence, works=False)

    def _show(self, title: str, detail: str, *, works: bool = True) -> None:
        self.title.setText(title)
        self.detail.setText(detail)
        self.bar.setVisible(works)
        self.stop_button.setVisible(works)
        self.again_button.setVisible(not works)
