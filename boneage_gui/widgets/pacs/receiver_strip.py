"""Whether radiographs are received, with the switch for it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QPushButton, QWidget

from boneage_gui.widgets.text import label


class ReceiverStrip(QFrame):
    """One line: a switch, what it says, and its settings."""

    switched = Signal(bool)
    changing = Signal()
    making_room = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("summary")
        self.switch = QCheckBox("&Receive radiographs")
        self.switch.setToolTip("Listen for radiographs that other systems send; each is read and waits in the worklist")
        self.said = label(rank="muted", selectable=True)
        self.change = QPushButton("Receiver’s se&ttings…")
        self.change.setToolTip("Our AE title and port, and who may call")
        self.room = QPushButton("&Make room…")
        self.room.setToolTip("Delete received radiographs whose reading is confirmed, and unreadable files; asks first")
        self.room.clicked.connect(self.making_room)
        self.switch.clicked.connect(self.switched)
        self.change.clicked.connect(self.changing)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(12)
        row.addWidget(self.switch)
        row.addWidget(self.said, 1)
        row.addWidget(self.room)
        row.addWidget(self.change)

    def show_state(self, sentence: str, *, listening: bool) -> None:
        """Show whether there is somebody listening, in words."""
        self.switch.setChecked(listening)
        self.said.setText(sentence)
