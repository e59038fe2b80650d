"""PACS, Find: the systems that are known, their studies, and what is received."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMessageBox, QPushButton, QSplitter, QVBoxLayout, QWidget

from boneage_gui.clinic.dicom_node.find import FindSummary, FoundStudy
from boneage_gui.clinic.dicom_node.node import Node, NodeError
from boneage_gui.clinic.dicom_node.retrieve import RetrieveProgress
from boneage_gui.jobs import Job, NewestOnly
from boneage_gui.widgets.first_size import open_at
from boneage_gui.widgets.pacs.node_form import NodeForm
from boneage_gui.widgets.pacs.node_list import NodeList
from boneage_gui.widgets.pacs.receiver_strip import ReceiverStrip
from boneage_gui.widgets.pacs.study_search import StudySearch
from boneage_gui.widgets.pacs.study_table import StudyTable
from boneage_gui.widgets.text import label, research_use_line
from boneage_gui.windows import dialogs
from boneage_gui.work import pacs as work
from trainer.errors import BoneAgeError

if TYPE_CHECKING:
    from boneage_gui.windows.pacs.desk import PacsDesk

TITLE = "PACS — Bone Age"
FIRST_SIZE_PX = (1240, 720)
LEAST_SIZE_PX = (980, 560)
ROOM = (
    "Delete the received radiographs whose reading is confirmed, and the files that were put aside because they could "
    "not be read? The readings stay; whatever is deleted can be fetched from its archive again."
)
NO_NODE = "Add a system first, or choose one."


class PacsWindow(QWidget):
    """Systems on the left, studies on the right, the receiver below."""

    searched = Signal(object)  # FindSummary
    fetched = Signal(object)  # RetrieveProgress
    made_room = Signal(int)  # how many were deleted
    receiver_wanted = Signal()  # its settings are to be changed

    def __init__(self, desk: PacsDesk) -> None:
        super().__init__()
        self.desk = desk
        self._testing, self._searching, self._fetching, self._clearing = (NewestOnly(self) for _ in range(4))
        self.nodes = NodeList()
        self.search = StudySearch()
        self.table = StudyTable()
        self.said = label(rank="muted", selectable=True)
        self.fetch = QPushButton("&Fetch and read")
        self.fetch.setToolTip("Fetch the chosen study; its hand radiographs are read and wait in the worklist (Enter)")
        self.fetch.setProperty("primary", True)
        self.stop = QPushButton("Stop")
        self.stop.setToolTip("Fetch no more; what has arrived is read")
        self.stop.hide()
        self.receiver = ReceiverStrip()
        self._searched: Node | None = None  # the system that knows the studies in the table
        self._lay_out()
        self._wire()
        self.show_book()

    def show_book(self, chosen: str = "") -> None:
        """Show the systems as they are known now."""
        self.nodes.show_nodes(self.desk.book.nodes, chosen)
        self._show_receiver()

    def leave(self) -> None:
        """The program ends."""
        for jobs in (self._testing, self._searching, self._fetching, self._clearing):
            jobs.drop()
        self.close()

    # -- systems

    def _add_node(self) -> None:
        form = NodeForm(None, [node.name for node in self.desk.book.nodes], self)
        form.chosen.connect(lambda node: self._put(None, node))
        dialogs.show(form)

    def _change_node(self, node: Node | None) -> None:
        if node is not None:
            form = NodeForm(node, [other.name for other in self.desk.book.nodes if other is not node], self)
            form.chosen.connect(lambda changed: self._put(node, changed))
            dialogs.show(form)

    def _put(self, before: Node | None, node: Node) -> None:
        if self._told_why_not(lambda: self.desk.put_node(before, node)):
            self.show_book(node.name)

    def _remove_node(self, node: Node | None) -> None:
        if node is None:
            return
        asked = QMessageBox(QMessageBox.Icon.Question, "Forget this system", f"Forget {node.in_words}?", parent=self)
        forget = asked.addButton("&Forget", QMessageBox.ButtonRole.DestructiveRole)
        asked.addButton(QMessageBox.StandardButton.Cancel)
        forget.clicked.connect(lambda: self._forget(node))
        dialogs.show(asked)

    def _forget(self, node: Node) -> None:
        if self._told_why_not(lambda: self.desk.remove_node(node)):
            self.show_book()

    def _test(self, node: Node | None) -> None:
        if node is not None:
            self.nodes.say(f"Asking {node.name}…")
            job = Job(work.ask_node, node, self.desk.book)
            self._testing.start(job, result=self.nodes.say, failed=self._not_tested)

    def _not_tested(self, error: BaseException) -> None:
        self.nodes.say(self.desk.note(error))

    # -- studies

    def _search(self) -> None:
        node = self.nodes.node()
        if node is None:
            self.said.setText(NO_NODE)
            return
        try:
            query = self.search.query()
        except NodeError as error:
            self.said.setText(str(error))
            return
        self.table.clear_studies()
        self._searched = node
        self.said.setText(f"Searching {node.name}…")
        self.search.show_busy(True)
        job = Job(work.search, node, query, self.desk.book)
        self._searching.start(job, item=self.table.add, result=self._found, failed=self._not_found)

    def _found(self, summary: FindSummary) -> None:
        self.search.show_busy(False)
        self.said.setText(summary.in_words)
        if self.table.rowCount():
            self.table.setFocus()
        self.searched.emit(summary)

    def _not_found(self, error: BaseException) -> None:
        self.search.show_busy(False)
        self.said.setText(self.desk.note(error))

    def _stop_search(self) -> None:
        self._searching.drop()
        self.search.show_busy(False)
        self.said.setText("Stopped.")

    def _fetch(self, study: FoundStudy | None) -> None:
        node = self._searched or self.nodes.node()  # the list may name another by now
        if study is None or node is None:
            return
        if not self.stop.isHidden():
            self.said.setText("A study is being fetched. Wait for it or stop it, then fetch this one.")
            return
        inbox = self.desk.inbox
        if inbox is None:
            self.said.setText("What is fetched has no place to go: the readings could not be opened.")
            return
        self._show_fetching(True)
        self.said.setText(f"Fetching from {node.name}…")
        job = Job(work.fetch, node, study.study_uid, self.desk.book, inbox, self.desk.receiver)
        job.ended.connect(self.desk.read_waiting)
        self._fetching.start(job, item=self._coming, result=self._came, failed=self._not_fetched)

    def _coming(self, progress: RetrieveProgress) -> None:
        self.said.setText(progress.in_words)
        self.desk.read(progress.arrived)

    def _came(self, progress: RetrieveProgress) -> None:
        self._show_fetching(False)
        self.said.setText(f"{progress.in_words} Hand radiographs among them wait in the worklist.")
        self.fetched.emit(progress)

    def _not_fetched(self, error: BaseException) -> None:
        self._show_fetching(False)
        self.said.setText(self.desk.note(error))

    def _stop_fetching(self) -> None:
        self._fetching.drop()
        self._show_fetching(False)
        self.said.setText("Stopped. What had arrived is read.")

    def _show_fetching(self, busy: bool) -> None:
        self.fetch.setVisible(not busy)
        self.stop.setVisible(busy)

    # -- the rest

    def _ask_room(self) -> None:
        asked = QMessageBox(QMessageBox.Icon.Question, "Make room", ROOM, parent=self)
        delete = asked.addButton("&Delete", QMessageBox.ButtonRole.DestructiveRole)
        asked.addButton(QMessageBox.StandardButton.Cancel)
        delete.clicked.connect(self.make_room)
        dialogs.show(asked)

    def make_room(self) -> None:
        """Delete what was received and is confirmed, or could not be read."""
        inbox, opened = self.desk.inbox, self.desk.readings
        if inbox is not None and opened is not None:
            job = Job(work.make_room, inbox, opened)
            self._clearing.start(job, result=self._made_room, failed=self._not_found)

    def _made_room(self, made: work.MadeRoom) -> None:
        self.said.setText(f"{made.in_words} The readings stay.")
        self.made_room.emit(made.radiographs + made.refused)

    def _show_receiver(self) -> None:
        self.receiver.show_state(self.desk.receiving_in_words, listening=self.desk.listening)

    def _told_why_not(self, change: Callable[[], None]) -> bool:
        try:
            change()
        except BoneAgeError as error:
            self.nodes.say(self.desk.note(error))
            return False
        return True

    def _wire(self) -> None:
        self.nodes.adding.connect(self._add_node)
        self.nodes.changing.connect(self._change_node)
        self.nodes.removing.connect(self._remove_node)
        self.nodes.testing.connect(self._test)
        self.search.asked.connect(self._search)
        self.search.stopping.connect(self._stop_search)
        self.table.chosen.connect(lambda study: self.fetch.setEnabled(study is not None))
        self.table.wanted.connect(self._fetch)
        self.fetch.clicked.connect(lambda: self._fetch(self.table.study()))
        self.stop.clicked.connect(self._stop_fetching)
        self.receiver.switched.connect(self.desk.listen)
        self.receiver.changing.connect(self.receiver_wanted)
        self.receiver.making_room.connect(self._ask_room)
        self.desk.receiving_changed.connect(self._show_receiver)
        self.fetch.setEnabled(False)
        QShortcut(QKeySequence.StandardKey.Find, self, self.search.patient_id.setFocus)
        QShortcut(QKeySequence.StandardKey.Close, self, self.close)

    def _lay_out(self) -> None:
        self.setWindowTitle(TITLE)
        open_at(self, FIRST_SIZE_PX, LEAST_SIZE_PX)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(14, 12, 8, 12)
        column.addWidget(self.nodes)
        right = QWidget()
        low = QHBoxLayout()
        low.setSpacing(8)
        low.addWidget(self.said, 1)
        low.addWidget(self.stop)
        low.addWidget(self.fetch)
        studies = QVBoxLayout()
        studies.setContentsMargins(8, 10, 14, 12)
        studies.setSpacing(10)
        studies.addWidget(self.table, 1)
        studies.addLayout(low)
        pane = QVBoxLayout(right)
        pane.setContentsMargins(0, 0, 0, 0)
        pane.setSpacing(0)
        pane.addWidget(self.search)
        pane.addLayout(studies, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(left)
        split.addWidget(right)
        split.setStretchFactor(1, 1)
        split.setChildrenCollapsible(False)
        split.setSizes([280, 960])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(split, 1)
        whole.addWidget(self.receiver)
        whole.addWidget(research_use_line())
