"""PACS, Send report: to which system, and what became of each object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QVBoxLayout, QWidget

from boneage_gui.clinic.dicom_node.node import Node
from boneage_gui.jobs import Job
from boneage_gui.widgets.buttons import DialogButtons
from boneage_gui.widgets.text import label
from boneage_gui.windows import dialogs
from trainer.radiograph import shown_name

if TYPE_CHECKING:
    from pydicom import Dataset

    from boneage_gui.clinic.dicom_node.address_book import AddressBook
    from boneage_gui.clinic.dicom_node.send import Sent
    from boneage_gui.windows.clinic.reports import ReportMaterial, Reports
    from boneage_gui.windows.pacs.desk import PacsDesk
    from boneage_gui.windows.radiograph_window import RadiographWindow

TOLD_MS = 8000
NO_NODE = "No system is known to send to. Add one under DICOM, Find in PACS."
EXPLANATION = (
    "Structured report, picture and page go into the radiograph’s own study, with the patient’s name and number."
)


class Sending(QObject):
    """Sends the report of the open radiograph's reading, one at a time."""

    sent = Signal(object)  # list of Sent

    def __init__(self, window: RadiographWindow, desk: PacsDesk, reports: Reports) -> None:
        super().__init__(window)
        self._main, self._desk, self._reports = window, desk, reports
        self._running: Job | None = None
        self._sending = ""  # the file whose report is on its way
        self._results: list[Sent] = []
        self._unsent: _Parcels | None = None  # of the last report that did not get there whole

    def ask(self) -> None:
        """Ask which system."""
        material = self._reports.material()
        if material is None or self._is_busy():
            return
        if not self._desk.book.nodes:
            self._main.tell(NO_NODE)
            return
        dialog = SendDialog(shown_name(material.radiograph.source), self._desk.book.nodes, self._main)
        dialog.chosen.connect(lambda node: self.send(material, node))
        dialogs.show(dialog)

    def send(self, material: ReportMaterial, node: Node) -> None:
        """Send to a system."""
        if self._is_busy():
            return
        self._results, self._sending = [], shown_name(material.radiograph.source)
        parcels = self._unsent
        if parcels is None or (parcels.node, parcels.reading_id) != (node, material.reading.reading_id):
            parcels = _Parcels(node, material.reading.reading_id, {})
        job = Job(_send, parcels, self._desk.book, material)
        job.item.connect(self._one)
        job.result.connect(lambda _none: self._done(parcels))
        job.failed.connect(self._main.door.tell)
        job.ended.connect(self._over)
        self._main.status_line.tell(f"Sending the report of “{self._sending}” to {node.name}…")
        self._running = job.begin()

    def _is_busy(self) -> bool:
        """Say that another report is on its way, where one is."""
        if self._running is None:
            return False
        self._main.tell(f"The report of “{self._sending}” is still being sent. Send this one when it has arrived.")
        return True

    def _one(self, sent: Sent) -> None:
        self._results.append(sent)
        self._main.status_line.tell(f"Sending the report of “{self._sending}”: {sent.number} of {sent.total}…")

    def _done(self, parcels: _Parcels) -> None:
        from boneage_gui.clinic.dicom_node.send import unsent_in_words

        node, problem = parcels.node, unsent_in_words(self._results)
        left = {sent.name: parcels.objects[sent.name] for sent in self._results if not sent.arrived}
        self._unsent = parcels._replace(objects=left) if left else None
        if problem is not None:
            self._main.tell(problem)
        else:
            self._main.status_line.tell(f"{node.name} has taken the report of “{self._sending}”.", for_ms=TOLD_MS)
        self.sent.emit(self._results)

    def _over(self) -> None:
        self._running = None
        if self._results and all(sent.arrived for sent in self._results):
            return  # the good news stays for its while
        self._main.status_line.fall_silent()


class SendDialog(QDialog):
    """Which system a report goes to; sending is never one key away from a wrong one."""

    chosen = Signal(object)  # Node

    def __init__(self, file_name: str, nodes: Sequence[Node], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Send report")
        self.setMinimumWidth(440)
        self._nodes = list(nodes)
        self.to = QComboBox()
        self.to.setAccessibleName("System")
        self.to.setToolTip("The system that the report goes to")
        self.to.addItems([f"{node.name}  ·  {node.ae_title}" for node in nodes])
        caption = QLabel("&To")
        caption.setProperty("rank", "small")
        caption.setBuddy(self.to)
        buttons = DialogButtons("&Send", "Send the report (Enter)", "Send nothing (Esc)")
        self.go = buttons.go
        buttons.accepted.connect(self._send)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        column.addWidget(label("Send report", rank="state"))
        column.addWidget(label(f"Of “{file_name}”", rank="fact"))
        column.addWidget(label(EXPLANATION, rank="muted"))
        column.addWidget(caption)
        column.addWidget(self.to)
        column.addSpacing(6)
        column.addWidget(buttons)

    def _send(self) -> None:
        self.chosen.emit(self._nodes[self.to.currentIndex()])
        self.accept()


class _Parcels(NamedTuple):
    """What of a report is to get to a system: all of it, or what did not get there. Sent again, it is the same objects.

    Made anew, those that had arrived would stand in the study twice.
    """

    node: Node
    reading_id: str
    objects: dict[str, Dataset]  # empty until the job has made them


def _send(parcels: _Parcels, book: AddressBook, material: ReportMaterial) -> Iterator[Sent]:
    from boneage_gui.work import pacs, reports

    if not parcels.objects:
        report = reports.make_report(*material)
        parcels.objects.update(reports.report_objects(report, material.radiograph).named())
    yield from pacs.send_report(parcels.node, parcels.objects, book)
