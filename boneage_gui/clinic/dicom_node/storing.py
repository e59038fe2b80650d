"""Storing: one C-STORE request in, one file of the inbox out; for our receiver and for C-GET alike.

Nothing of the object is parsed here: its bytes go to the disk as they came, under a header of ours.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID
from pynetdicom import evt
from pynetdicom.dsutils import encode_file_meta

from boneage_gui.clinic.dicom_node.accepted import RADIOGRAPHS
from boneage_gui.clinic.dicom_node.inbox import Inbox, InboxFullError

if TYPE_CHECKING:
    from pynetdicom.events import Event

SUCCESS: Final = 0x0000
OUT_OF_RESOURCES: Final = 0xA700
CLASS_DOES_NOT_MATCH: Final = 0xA900
CANNOT_UNDERSTAND: Final = 0xC000
INVALID_INSTANCE: Final = 0x0117

# Of this program, made once; a constant, so that the same object received twice is the same file.
IMPLEMENTATION: Final = UID("2.25.219375829640519473018264937561028374650")
LONGEST_COMMAND_BYTES: Final = 1 << 16
MOST_WAITING: Final = 1  # we agree to one request at a time
_IS_COMMAND, _IS_LAST = 1, 2

_log = logging.getLogger(__name__)


class Storing:
    """What becomes of the objects that other systems send on one association or on many."""

    def __init__(self, inbox: Inbox, stored: Callable[[Path], None], *, max_object_bytes: int) -> None:
        """Store into an inbox; ``stored`` is told every file that is new."""
        self._inbox, self._stored, self._max_object_bytes = inbox, stored, max_object_bytes
        self.refused_for_room = 0

    def store(self, event: Event) -> int:
        """Answer one request: the status. Never raises."""
        try:
            return self._store(event)
        except InboxFullError:
            self.refused_for_room += 1
            return OUT_OF_RESOURCES
        except OSError as error:
            _log.error("A received object could not be written: %s.", error.strerror)
            self.refused_for_room += 1
            return OUT_OF_RESOURCES
        except Exception as error:  # a peer can send anything; its content is not logged
            _log.error("A received object could not be stored (%s).", type(error).__name__)
            return CANNOT_UNDERSTAND

    def _store(self, event: Event) -> int:
        request: Any = event.request
        sop_class, instance = str(request.AffectedSOPClassUID), str(request.AffectedSOPInstanceUID)
        if sop_class not in RADIOGRAPHS or sop_class != event.context.abstract_syntax:
            return CLASS_DOES_NOT_MATCH
        if not re.fullmatch(r"[0-9.]{1,64}", instance):
            return INVALID_INSTANCE
        data = request.DataSet.getvalue()
        if not data:
            return CANNOT_UNDERSTAND
        if len(data) > self._max_object_bytes:
            return OUT_OF_RESOURCES
        head = _head(sop_class, instance, event.context.transfer_syntax)
        path, is_new = self._inbox.take_in(head + data)
        if is_new:
            self._stored(path)
        return SUCCESS


class MessageBound:
    """Watches what arrives on one association, and lets no message grow without end.

    An object above the bound is still read to its end, so that it can be refused with a status, but no longer kept in
    memory; whoever goes on, sends endless commands, or does not wait for answers, is hung up on.
    """

    def __init__(self, max_object_bytes: int) -> None:
        """Set the bound."""
        self._max_object_bytes = max_object_bytes
        self._object_bytes = self._command_bytes = 0
        self._in_object = self._breaks_in = False

    @property
    def handlers(self) -> list[tuple[Any, Callable[[Event], None]]]:
        """What an association is to tell, and whom."""
        return [(evt.EVT_PDU_RECV, self.watch), (evt.EVT_DIMSE_RECV, self.is_whole)]

    def is_whole(self, _event: Event) -> None:
        """Begin to count anew: a message was put together, whether or not it had an object."""
        self._object_bytes = self._command_bytes = 0
        self._in_object = False

    def watch(self, event: Event) -> None:
        """Look at one arriving PDU, before it is put together with the others."""
        for item in getattr(event.pdu, "presentation_data_value_items", ()):
            value = item.presentation_data_value or b"\0"
            if value[0] & _IS_COMMAND:
                self._breaks_in = self._breaks_in or self._in_object  # in the midst of an object
                self._command_bytes += len(value)
                continue
            self._in_object = not value[0] & _IS_LAST
            if self._object_bytes > self._max_object_bytes:
                item.presentation_data_value = value[:1]
            self._object_bytes += len(value) - 1
        if (
            self._breaks_in
            or self._command_bytes > LONGEST_COMMAND_BYTES
            or self._object_bytes > 4 * self._max_object_bytes
            or event.assoc.dimse.msg_queue.qsize() > MOST_WAITING
        ):
            event.assoc.abort(block=False)


def _head(sop_class: str, instance: str, syntax: str) -> bytes:
    """Return what a file begins with: a preamble of zeros, the mark, and the file's meta information."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = UID(sop_class), UID(instance)
    meta.TransferSyntaxUID = UID(syntax)
    meta.ImplementationClassUID, meta.ImplementationVersionName = IMPLEMENTATION, "BONEAGE"
    return b"\0" * 128 + b"DICM" + encode_file_meta(meta)
