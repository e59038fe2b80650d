"""The systems that are known, one of them chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from boneage_gui.clinic.dicom_node.node import Node
from boneage_gui.widgets.buttons import push_button
from boneage_gui.widgets.text import label

NODE = Qt.ItemDataRole.UserRole
EMPTY = "No system is known yet. Add the archive of your clinic."


class NodeList(QWidget):
    """Names with their addresses; add, change, remove, and the echo that says whether it answers."""

    chosen = Signal(object)  # Node | None
    adding = Signal()
    changing = Signal(object)  # Node
    removing = Signal(object)  # Node
    testing = Signal(object)  # Node

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget()
        self.list.setObjectName("models")
        self.list.setAccessibleName("Systems")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setToolTip("The systems that can be asked and sent to")
        self.empty = label(EMPTY, rank="muted")
        self.add = push_button("&Add…", "Add a system (Ctrl+N)")
        self.add.setShortcut("Ctrl+N")
        self.change = push_button("C&hange…", "Change the chosen system's address (F2)")
        self.change.setShortcut("F2")
        self.remove = push_button("Re&move", "Forget the chosen system; it is asked about first")
        self.test = push_button("&Test", "Ask the chosen system whether it hears us: C-ECHO (Ctrl+T)")
        self.test.setShortcut("Ctrl+T")
        self.said = label(rank="muted", selectable=True)
        self.add.clicked.connect(self.adding)
        for button, signal in ((self.change, self.changing), (self.remove, self.removing), (self.test, self.testing)):
            button.clicked.connect(lambda _checked=False, which=signal: which.emit(self.node()))
        self.list.currentItemChanged.connect(self._chosen)
        self.list.itemActivated.connect(lambda _item: self.changing.emit(self.node()))
        self._lay_out()
        self._chosen()

    def show_nodes(self, nodes: Sequence[Node], chosen: str = "") -> None:
        """Fill the list; the one named is chosen, else the first."""
        self.list.clear()
        for node in nodes:
            item = QListWidgetItem(f"{node.name}\n{node.ae_title}  ·  {node.host}:{node.port}")
            item.setData(NODE, node)
            self.list.addItem(item)
            if node.name == chosen:
                self.list.setCurrentItem(item)
        if self.list.currentRow() < 0 and nodes:
            self.list.setCurrentRow(0)
        self.empty.setVisible(not nodes)
        self._chosen()

    def node(self) -> Node | None:
        """Return the chosen system."""
        item = self.list.currentItem()
        node: Node | None = item.data(NODE) if item is not None else None
        return node

    def say(self, sentence: str) -> None:
        """Say what came of a test."""
        self.said.setText(sentence)

    def _chosen(self, *_: object) -> None:
        node = self.node()
        self.said.clear()
        for button in (self.change, self.remove, self.test):
            button.setEnabled(node is not None)
        self.chosen.emit(node)

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row, buttons in ((first, (self.add, self.change)), (second, (self.test, self.remove))):
            row.setSpacing(8)
            for button in buttons:
                row.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(label("SYSTEMS", rank="section"))
        column.addWidget(self.empty)
        column.addWidget(self.list, 1)
        column.addWidget(self.said)
        column.addLayout(first)
        column.addLayout(second)
