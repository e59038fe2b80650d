"""The desk of the PACS: whom we know, the inbox, the receiver, and the reading of what arrives. Knows no widgets."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from boneage_gui import settings
from boneage_gui.clinic.dicom_node.address_book import AddressBook, load_address_book, put_aside, save_address_book
from boneage_gui.clinic.dicom_node.node import NodeError
from boneage_gui.inference import Readiness
from boneage_gui.jobs import Job

if TYPE_CHECKING:
    from boneage_gui.clinic.dicom_node.inbox import Inbox
    from boneage_gui.clinic.dicom_node.node import Node
    from boneage_gui.clinic.dicom_node.receive import Receiver
    from boneage_gui.clinic.dicom_node.receiver_settings import ReceiverSettings
    from boneage_gui.windows.clinic.readings_desk import ReadingsDesk
    from boneage_gui.windows.radiograph_window import RadiographWindow
    from boneage_gui.work.pacs import Received
    from boneage_gui.work.readings import OpenedReadings

LOOK_MS: Final = 200  # between two looks at what the receiver announced
BOOK: Final = "dicom.json"
OFF: Final = "Off. Nothing is received."


class PacsDesk(QObject):
    """One inbox and at most one receiver; what arrives is read in its order, one at a time."""

    receiving_changed = Signal()
    received = Signal(object)  # Received, of work.pacs
    told = Signal(str)
    failed = Signal(str)  # a sentence that must not be missed

    def __init__(self, window: RadiographWindow, readings: ReadingsDesk) -> None:
        super().__init__(window)
        self._main, self._readings = window, readings
        self.book = AddressBook()
        self.inbox: Inbox | None = None
        self.receiver: Receiver | None = None
        self.listening = False  # or about to
        self._problem = ""
        self._book_problem = ""  # a sentence while the file of the book is one that could not be read
        self._waiting: deque[Path] = deque()
        self._reading: Job | None = None
        self._wants_inbox = False
        self._step: Job | None = None  # starting or stopping: one after another, they share inbox and port
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self._look_at_arrivals)
        window.inference.model_changed.connect(self._go_on)
        try:
            self.book = load_address_book(book_path())
        except NodeError as error:
            self._problem = self._book_problem = str(error)

    @property
    def receiving_in_words(self) -> str:
        """What the receiver does."""
        if self._problem:
            return self._problem
        if not self.listening or self.receiver is None:
            return "Starting…" if self.listening else OFF
        chosen = self.receiver.settings
        where = "this computer alone" if chosen.is_loopback else "the network"
        callers = f"{', '.join(chosen.allowed)} may call" if chosen.allowed else "nobody may call yet: see the settings"
        return f"Listening as {chosen.ae_title} at {chosen.host}:{self.receiver.port}, for {where}; {callers}."

    @property
    def readings(self) -> OpenedReadings | None:
        """The store of readings, once it is open."""
        return self._readings.opened

    # -- whom we know

    def put_node(self, before: Node | None, node: Node) -> None:
        """Add a system, or put it in the place of another. Raises NodeError, DataError."""
        kept = tuple(node if known is before else known for known in self.book.nodes)
        self._keep(replace(self.book, nodes=kept if before in self.book.nodes else (*kept, node)))

    def remove_node(self, node: Node) -> None:
        """Forget a system. Raises NodeError, DataError."""
        self._keep(replace(self.book, nodes=tuple(known for known in self.book.nodes if known is not node)))

    def set_receiver(self, chosen: ReceiverSettings) -> None:
        """Receive by other settings, at once where it receives. Raises NodeError, DataError."""
        self._keep(replace(self.book, receiver=chosen))
        if self.inbox is not None:  # what is fetched needs room too, whether anything listens or not
            self.inbox.max_bytes = chosen.max_bytes
        self._next_step()

    def note(self, error: BaseException) -> str:
        """Return what is said about an error; a bug is logged."""
        return self._main.door.note(error)

    # -- receiving

    def listen(self, on: bool) -> None:
        """Start or stop receiving; kept for the next start."""
        self._problem = ""
        if on and self._readings.opened is None:
            self._not_listening(NodeError("Nothing can be received while the readings are not open."))
            return
        self.listening = on
        self._next_step()
        self._main.keep(receives=on)
        self.receiving_changed.emit()

    def leave(self) -> None:
        """The program ends; what has arrived waits in the inbox."""
        if self._step is not None:
            self._step.stop()
        self._waiting.clear()
        receiver, self.receiver = self.receiver, None
        self._look.stop()
        inbox, self.inbox = self.inbox, None
        if receiver is not None:
            Job(_close, receiver, inbox).begin()
        elif inbox is not None:
            inbox.close()

    def open_inbox(self) -> None:
        """Take hold of the inbox, so that studies can be fetched into it, and read what waits there from before."""
        self._wants_inbox = True
        self._next_step()

    def read(self, paths: Iterable[Path]) -> None:
        """Read files of the inbox, each once, in their order."""
        self._waiting.extend(path for path in paths if path not in self._waiting)
        self._go_on()

    def read_waiting(self) -> None:
        """Read what waits in the inbox: what arrives while a retrieval is stopped or lost is announced by nobody."""
        if self.inbox is not None:
            self.read(self.inbox.waiting())

    @property
    def has_waiting(self) -> bool:
        """Whether something was fetched or received and not read before the program ended."""
        return any((settings.inbox_folder() / "received").glob("*.dcm"))

    def _next_step(self) -> None:
        """Go one step towards what is wanted; the end of the step asks for the next."""
        opened, receiver, chosen = self._readings.opened, self.receiver, self.book.receiver
        if self._step is not None or opened is None:
            return
        if receiver is not None and not (self.listening and receiver.settings == chosen):
            self._look.stop()
            self.receiver = None
            step = Job(receiver.stop)
            step.ended.connect(lambda: self._look_at_arrivals(receiver))  # what was confirmed while it hung up
        elif self.listening and receiver is None:
            step = Job(_listen, chosen, opened, self.inbox)
            step.result.connect(self._started)
            step.failed.connect(self._not_listening)
        elif self._wants_inbox and self.inbox is None:
            self._wants_inbox = False
            step = Job(_open_inbox, chosen, opened)
            step.result.connect(self._has_inbox)
            step.failed.connect(self._has_none)
        else:
            return
        step.ended.connect(self._step_ended)
        self._step = step.begin()

    def _step_ended(self) -> None:
        left = self._step is not None and self._step.stopped
        self._step = None
        if not left:
            self._next_step()

    def _started(self, both: tuple[Inbox, Receiver]) -> None:
        self.inbox, self.receiver = both
        self._look.start()
        self.receiving_changed.emit()

    def _has_inbox(self, inbox: Inbox) -> None:
        self.inbox = inbox
        inbox.max_bytes = self.book.receiver.max_bytes  # as it is now: it may have been chosen meanwhile
        self.read_waiting()

    def _has_none(self, error: BaseException) -> None:
        self._problem = self.note(error)
        self.receiving_changed.emit()

    def _not_listening(self, error: BaseException) -> None:
        self.listening = False
        self._problem = self.note(error)
        self.failed.emit(self._problem)
        self.receiving_changed.emit()

    def _look_at_arrivals(self, receiver: Receiver | None = None) -> None:
        listening = receiver or self.receiver
        if listening is None:
            return
        arrived = []
        while not listening.arrived.empty():
            arrived.append(listening.arrived.get_nowait())
        if arrived:
            self.read(arrived)
        while listening.notes:
            self.told.emit(listening.notes.popleft())

    # -- reading what arrived

    def _go_on(self) -> None:
        opened, inference = self._readings.opened, self._main.inference
        ready = inference.readiness is Readiness.READY and opened is not None and self.inbox is not None
        while self._waiting and not self._waiting[0].is_file():  # announced twice, and read since
            self._waiting.popleft()
        if self._reading is not None or not self._waiting or not ready:
            return
        path = self._waiting.popleft()
        kept = self._main.settings
        job = Job(
            _read_received, path, inference.predictor, opened, self.inbox,
            reference_key=kept.reference, readable=kept.readable_labels,
        )  # fmt: skip
        job.result.connect(self.received)
        job.failed.connect(lambda error: self.told.emit(self.note(error)))
        job.ended.connect(self._read_one)
        self._reading = job.begin()

    def _read_one(self) -> None:
        self._reading = None
        self._go_on()

    def _keep(self, book: AddressBook) -> None:
        """Write the book; one that could not be read is kept beside it for whoever can mend it."""
        problem = self._book_problem
        aside = put_aside(book_path()) if problem else None
        self._book_problem = ""
        save_address_book(book, book_path())
        self.book = book
        if self._problem == problem:
            self._problem = ""
        if aside is not None:
            self.failed.emit(
                f"The list of DICOM systems could not be read and is kept as {aside}; a new one begins. To have its "
                f"systems back, mend it and name it {BOOK} again while this program is closed."
            )
            self.receiving_changed.emit()


def book_path() -> Path:
    """Return where the systems are kept."""
    return settings.settings_folder() / BOOK


# pynetdicom is imported by the jobs that need it: no window waits for it.


def _open_inbox(chosen: ReceiverSettings, opened: OpenedReadings) -> Inbox:
    from boneage_gui.work import pacs

    return pacs.open_inbox(settings.inbox_folder(), chosen, opened)


def _listen(chosen: ReceiverSettings, opened: OpenedReadings, inbox: Inbox | None) -> tuple[Inbox, Receiver]:
    from boneage_gui.work import pacs

    held = inbox or _open_inbox(chosen, opened)
    held.max_bytes = chosen.max_bytes
    return held, pacs.start_receiver(chosen, held)


def _read_received(path: Path, *args: Any, **kwargs: Any) -> Received:
    from boneage_gui.work import pacs

    return pacs.read_received(path, *args, **kwargs)


def _close(receiver: Receiver, inbox: Inbox | None) -> None:
    receiver.stop()
    if inbox is not None:
        inbox.close()
