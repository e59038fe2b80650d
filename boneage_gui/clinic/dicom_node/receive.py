"""Receiver: listens for radiographs (C-STORE) and echoes, takes them into the inbox, and announces each."""

from __future__ import annotations

import queue
import secrets
import threading
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from boneage_gui.clinic.dicom_node.accepted import RADIOGRAPHS, SYNTAXES
from boneage_gui.clinic.dicom_node.association import LONGEST_GOODBYE_S, MAXIMUM_PDU_BYTES, silence
from boneage_gui.clinic.dicom_node.connection import PatientServer
from boneage_gui.clinic.dicom_node.inbox import Inbox
from boneage_gui.clinic.dicom_node.node import NodeError
from boneage_gui.clinic.dicom_node.patience import Patience
from boneage_gui.clinic.dicom_node.receiver_settings import ReceiverSettings
from boneage_gui.clinic.dicom_node.storing import MessageBound, Storing
from boneage_gui.clinic.dicom_node.tls import answering_context
from trainer.errors import printable

if TYPE_CHECKING:
    from pynetdicom.association import Association
    from pynetdicom.events import Event

POLL_S: Final = 0.1
MOST_NOTES: Final = 50


class Receiver:
    """Listens from ``start`` to ``stop``. Whatever a caller does, the others are heard."""

    def __init__(self, settings: ReceiverSettings, inbox: Inbox, *, patience: Patience | None = None) -> None:
        """Receive into an opened inbox."""
        self.settings, self.inbox = settings, inbox
        self.arrived: queue.SimpleQueue[Path] = queue.SimpleQueue()  # each file once, those from before a crash first
        self.notes: deque[str] = deque(maxlen=MOST_NOTES)  # sentences about callers who were refused
        self._patience = patience or Patience()
        self._storing = Storing(inbox, self.arrived.put, max_object_bytes=settings.max_object_bytes)
        self._server: PatientServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port that is listened on; 0 before ``start``."""
        return int(self._server.server_address[1]) if self._server is not None else 0

    def start(self) -> None:
        """Announce what waits from before, and listen. Raises NodeError for a port or certificate that is no use."""
        silence()
        server = self._listening()
        for path in self.inbox.waiting():
            self.arrived.put(path)
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(POLL_S,), name="receiver", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Listen no longer, and hang up; what was confirmed is in the inbox."""
        server, self._server = self._server, None
        if server is None:
            return
        server.shutdown()
        callers = server.active_associations
        for caller in callers:
            _hang_up(caller)
        for caller in callers:
            caller.join(LONGEST_GOODBYE_S)
            caller.dul.kill_dul()
            if caller.dul.ident is not None:
                caller.dul.join(LONGEST_GOODBYE_S)
        if self._thread is not None:
            self._thread.join(LONGEST_GOODBYE_S)

    def _listening(self) -> PatientServer:
        entity, context = self._entity(), answering_context(self.settings)
        try:
            server = entity.make_server(
                (self.settings.host, self.settings.port),
                ssl_context=context,
                evt_handlers=[
                    (evt.EVT_C_STORE, self._storing.store),
                    (evt.EVT_CONN_OPEN, self._bound),
                    (evt.EVT_REJECTED, self._note),
                ],
                server_class=PatientServer,
                patience=self._patience,
                most_callers=2 * self.settings.max_associations,
            )
        except OSError as error:
            raise NodeError(
                f"Nothing can be received at {self.settings.host}:{self.settings.port}: {error.strerror}. Choose "
                "another port, or close the program that listens there."
            ) from error
        entity._servers.append(server)  # whence its shutdown takes it
        return cast("PatientServer", server)

    def _entity(self) -> AE:
        entity = AE(self.settings.ae_title)
        entity.require_called_aet = True
        # An empty list would let everybody in; a title that nobody can guess lets nobody.
        entity.require_calling_aet = list(self.settings.allowed) or [secrets.token_hex(8)]
        entity.maximum_associations = self.settings.max_associations
        entity.maximum_pdu_size = MAXIMUM_PDU_BYTES
        patience = self._patience
        entity.acse_timeout, entity.dimse_timeout = patience.acse_s, patience.dimse_s
        entity.network_timeout = patience.network_s
        for sop_class in RADIOGRAPHS:
            entity.add_supported_context(sop_class, list(SYNTAXES))
        entity.add_supported_context(Verification)
        return entity

    def _bound(self, event: Event) -> None:
        for told, handler in MessageBound(self.settings.max_object_bytes).handlers:
            event.assoc.bind(told, handler)

    def _note(self, event: Event) -> None:
        asked: Any = event.assoc.requestor.primitive
        caller, called = str(asked.calling_ae_title), str(asked.called_ae_title)
        if caller not in self.settings.allowed:
            said = f"“{printable(caller)}” called and is not on the list of those who may."
        elif called != self.settings.ae_title:
            said = f"“{printable(caller)}” called us “{printable(called)}”; our AE title is {self.settings.ae_title}."
        else:
            said = f"“{printable(caller)}” called while {self.settings.max_associations} others were being heard."
        if said not in self.notes:
            self.notes.append(said)


def _hang_up(caller: Association) -> None:
    """End a caller's association, or the wait for it to ask for one."""
    if caller.is_established:
        caller.abort(block=False)
        return
    waiting: queue.Queue[Any] = caller.dul.to_user_queue
    waiting.put(None)  # as if it had not asked in time
    if caller.dul.socket is not None:
        caller.dul.socket._shutdown_socket()
