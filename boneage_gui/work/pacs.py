"""What jobs do with other DICOM systems: ask, search, fetch, send a report back, read what was received."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from boneage_gui import work
from boneage_gui.clinic.chronology import age_on_study_day
from boneage_gui.clinic.dicom_node.inbox import Inbox
from boneage_gui.clinic.reading import Decision, Reading, new_reading
from boneage_gui.clinic.reference import BRUSH
from boneage_gui.work.readings import OpenedReadings, find_reading, keep_reading, user_name
from trainer.counted import counted
from trainer.errors import BoneAgeError, RadiographError

if TYPE_CHECKING:
    from pydicom import Dataset

    from boneage_gui.clinic.dicom_node.address_book import AddressBook
    from boneage_gui.clinic.dicom_node.find import FindSummary, FoundStudy
    from boneage_gui.clinic.dicom_node.node import Node
    from boneage_gui.clinic.dicom_node.patience import Patience
    from boneage_gui.clinic.dicom_node.receive import Receiver
    from boneage_gui.clinic.dicom_node.receiver_settings import ReceiverSettings
    from boneage_gui.clinic.dicom_node.retrieve import RetrieveProgress
    from boneage_gui.clinic.dicom_node.send import Sent

INBOX: Final = "inbox"  # beside the folder of the readings
NO_MEMORY: Final = "There was not enough memory to read this radiograph. Close other programs and send it again."
BUG: Final = "Something went wrong in the program ({kind}); this radiograph was not read."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What became of a received file. ``repr`` shows no patient."""

    path: Path  # where it lies now
    reading: Reading | None = None
    cautions: tuple[str, ...] = ()
    problem: str = ""  # a sentence where it could not be read; it was put aside then
    known: bool = False  # it had been read before


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeRoom:
    """What was deleted of the inbox."""

    radiographs: int  # whose reading is confirmed
    refused: int  # files that could not be read
    size_bytes: int

    @property
    def in_words(self) -> str:
        """Return one sentence."""
        aside = f" and {counted(self.refused, 'file')} that could not be read" if self.refused else ""
        return f"{counted(self.radiographs, 'radiograph')}{aside} deleted, {self.size_bytes / 1e6:,.0f} MB."


# -- other systems; ours is called as the receiver is


def ask_node(node: Node, book: AddressBook, *, patience: Patience | None = None) -> str:
    """Return a sentence on how a node answered. Raises NodeError."""
    from boneage_gui.clinic.dicom_node.echo import echo

    seconds = echo(node, ae_title=book.receiver.ae_title, patience=patience)
    return f"{node.in_words} answered in {seconds * 1000:.0f} ms."


def search(
    node: Node, query: Any, book: AddressBook, *, patience: Patience | None = None
) -> Generator[FoundStudy, None, FindSummary]:
    """Yield the studies of a StudyQuery; return what the search came to. Raises NodeError."""
    from boneage_gui.clinic.dicom_node.find import find_studies

    return (yield from find_studies(node, query, ae_title=book.receiver.ae_title, patience=patience))


def fetch(
    node: Node,
    study_uid: str,
    book: AddressBook,
    inbox: Inbox,
    receiver: Receiver | None = None,
    *,
    series_uid: str = "",
    patience: Patience | None = None,
) -> Generator[RetrieveProgress, None, RetrieveProgress]:
    """Fetch a study's radiographs, or one series, into the inbox; yield how far it is. Raises NodeError.

    What came by C-GET stands in ``arrived`` of what is yielded; what came by C-MOVE is announced by the receiver.
    """
    from boneage_gui.clinic.dicom_node.retrieve import retrieve

    return (
        yield from retrieve(
            node,
            study_uid,
            series_uid,
            inbox=inbox,
            receiver=receiver,
            ae_title=book.receiver.ae_title,
            patience=patience,
        )
    )


def send_report(
    node: Node, objects: Mapping[str, Dataset], book: AddressBook, *, patience: Patience | None = None
) -> Iterator[Sent]:
    """Send a report's objects into its study; yield what became of each. Raises NodeError."""
    from boneage_gui.clinic.dicom_node.send import send

    yield from send(node, objects, ae_title=book.receiver.ae_title, patience=patience)


# -- what is received


def open_inbox(folder: Path, settings: ReceiverSettings, opened: OpenedReadings) -> Inbox:
    """Take hold of the inbox in a folder; its files are named as their readings find them. Raises NodeError."""
    inbox = Inbox(folder, opened.keys.of_radiograph, max_bytes=settings.max_bytes)
    inbox.open()
    return inbox


def start_receiver(settings: ReceiverSettings, inbox: Inbox, *, patience: Patience | None = None) -> Receiver:
    """Listen; ``arrived`` of the receiver holds each new file, ``stop`` ends it. Raises NodeError."""
    from boneage_gui.clinic.dicom_node.receive import Receiver

    receiver = Receiver(settings, inbox, patience=patience)
    receiver.start()
    return receiver


def read_received(
    path: Path,
    predictor: Any,
    opened: OpenedReadings,
    inbox: Inbox,
    *,
    reference_key: str = BRUSH.key,
    readable: bool = False,
) -> Received:
    """Read a file of the inbox by itself and keep the reading, which waits for a clinician.

    A file that cannot be read is put aside with its sentence. Raises ReadingError and NodeError where a disk fails: the
    file still waits then, and is announced again at the next start.
    """
    try:
        radiograph = work.read(path)
        _, former = find_reading(opened, radiograph)
        if former is not None:  # the program ended between keeping the reading and moving the file
            return Received(path=inbox.keep(path), reading=former, known=True)
        prediction = work.predict(predictor, radiograph, radiograph.sex)
    except RadiographError as error:
        return _refused(path, inbox, str(error))
    except BoneAgeError:
        raise
    except MemoryError:
        return _refused(path, inbox, NO_MEMORY)
    except Exception as error:  # whatever one file does to a library, the others are read
        _log.error("A received radiograph was not read: %s.", type(error).__name__)
        return _refused(path, inbox, BUG.format(kind=type(error).__name__))
    months, cautions = age_on_study_day(radiograph.study.birth_date, radiograph.study.study_date)
    reading = new_reading(
        prediction,
        user=user_name(),
        decision=Decision.WAITING,
        sex=radiograph.sex,
        chronological_months=months,
        study_date=radiograph.study.study_date,
        reference_key=reference_key,
    )
    kept = keep_reading(opened, reading, radiograph, readable=readable)
    said = tuple(dict.fromkeys((*radiograph.cautions, *prediction.cautions, *cautions)))
    return Received(path=inbox.keep(path), reading=kept, cautions=said)


def make_room(inbox: Inbox, opened: OpenedReadings) -> MadeRoom:
    """Delete received radiographs whose reading a clinician has confirmed, and what was put aside as unreadable.

    The readings stay. Raises NodeError, ReadingError.
    """
    size = count = 0
    for path in inbox.read_files():
        reading = opened.store.of_radiograph(path.stem)
        if reading is not None and reading.decision is not Decision.WAITING:
            size += _forgotten(path, inbox)
            count += 1
    refused = inbox.refused()
    size += sum(_forgotten(one.path, inbox) for one in refused)
    return MadeRoom(radiographs=count, refused=len(refused), size_bytes=size)


def _refused(path: Path, inbox: Inbox, sentence: str) -> Received:
    return Received(path=inbox.refuse(path, sentence), problem=sentence)


def _forgotten(path: Path, inbox: Inbox) -> int:
    size = path.stat().st_size
    inbox.forget(path)
    return size
