"""Connection: sockets under an association that neither wait for ever nor read more than was agreed.

pynetdicom reads with a socket that blocks, for as many bytes as the other side says: one that falls silent within a
message would hold a thread for ever, one that announces four gigabytes would be believed.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, cast

from pynetdicom import evt
from pynetdicom.transport import AssociationSocket, RequestHandler, ThreadedAssociationServer

from boneage_gui.clinic.dicom_node.node import Node, NodeError
from boneage_gui.clinic.dicom_node.patience import Patience
from boneage_gui.clinic.dicom_node.tls import calling_context

if TYPE_CHECKING:
    from pynetdicom.association import Association
    from pynetdicom.transport import T_CONNECT

MOST_PDU_BYTES: Final = 1 << 20  # far above what we agree to, and above any request for an association
CHUNK_BYTES: Final = 1 << 16
# Linux alone lets us say that what was read is acknowledged at once.
QUICK_ACK: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)


class PatientSocket(AssociationSocket):
    """A connected socket whose every read and write has an end."""

    def __init__(self, association: Association, connected: socket.socket, patience: Patience) -> None:
        """Take over a connection."""
        super().__init__(association, client_socket=connected)
        self.patience = patience
        connected.settimeout(patience.network_s)
        # Requests and answers are short and wait for each other: gathered for fuller packets, each would cost 40 ms,
        # and where the other side gathers, an acknowledgement at once (below) makes it send the rest.
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def recv(self, nr_bytes: int) -> bytearray:
        """Read so many bytes; fewer where the other side hung up. Raises OSError for too much and for too slow."""
        if nr_bytes > MOST_PDU_BYTES:
            raise OSError("more was announced than was agreed")
        connected, deadline, read = self.socket, time.monotonic() + self.patience.network_s, bytearray()
        if connected is None:
            return read
        try:
            while len(read) < nr_bytes:
                connected.settimeout(max(0.001, deadline - time.monotonic()))
                chunk = connected.recv(min(CHUNK_BYTES, nr_bytes - len(read)))
                if not chunk:
                    break
                read += chunk
                if QUICK_ACK is not None:
                    connected.setsockopt(socket.IPPROTO_TCP, QUICK_ACK, 1)
        finally:
            with suppress(OSError):
                connected.settimeout(self.patience.network_s)
        return read

    @property
    def ready(self) -> bool:
        """Whether there is something to read, or the end of it."""
        held = self.socket
        if held is None or not self._is_connected:
            return False
        if isinstance(held, ssl.SSLSocket) and held.pending():
            return True
        try:
            return bool(select.select([held], [], [], 0)[0])
        except (OSError, ValueError):
            self.event_queue.put("Evt17")
            return False

    def _shutdown_socket(self) -> None:
        """Close, whether or not the other side still listens; pynetdicom leaves a broken one open."""
        held = self.socket  # the association's own thread may let go of it at the same moment
        if held is not None:
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
            held.close()


class CallingSocket(PatientSocket):
    """The connection of an association that we ask for."""

    def __init__(self, association: Association, connected: socket.socket, patience: Patience) -> None:
        """Take over a connection that pynetdicom believes it still has to make."""
        super().__init__(association, connected, patience)
        self.event_queue.get_nowait()  # "somebody called us", which is not so
        self._ready.clear()
        self._is_connected = False

    def connect(self, primitive: T_CONNECT) -> None:
        """Say that the connection stands."""
        self._is_connected = True
        evt.trigger(self.assoc, evt.EVT_CONN_OPEN, {"address": primitive.address})
        primitive.result = "Evt2"
        self.provider_queue.put(primitive)
        self._ready.set()


class PatientHandler(RequestHandler):
    """Makes the association of a caller."""

    server: PatientServer

    def _create_association(self) -> Association:
        association = super()._create_association()
        association.dul.event_queue.get_nowait()  # of the socket that ours replaces
        association.dul.socket = PatientSocket(association, self.request, self.server.patience)
        return association


class PatientServer(ThreadedAssociationServer):
    """Hears callers. Who says nothing, and who speaks broken TLS, holds up nobody else."""

    daemon_threads = True
    request_queue_size = 64  # a few callers at once are no reason for one of them to try again in a second

    def __init__(self, *args: Any, patience: Patience, most_callers: int, **kwargs: Any) -> None:
        """Bind and listen. Raises OSError."""
        self.patience, self.most_callers = patience, most_callers
        self._beginning = 0  # let in, and not yet among the associations
        self._counting = threading.Lock()
        super().__init__(*args, **{**kwargs, "request_handler": PatientHandler})

    def server_bind(self) -> None:
        """Bind the port, on Windows for us alone: its reuse of addresses would let two programs listen at one."""
        alone = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)  # Windows has it
        if alone is None:
            super().server_bind()
            return
        bound = cast("socket.socket", self.socket)
        bound.setsockopt(socket.SOL_SOCKET, alone, 1)
        bound.settimeout(self.patience.network_s)
        bound.bind(self.server_address)
        self.server_address = bound.getsockname()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Return the next caller; TLS is spoken later, in the caller's own thread."""
        connected, address = cast("socket.socket", self.socket).accept()
        connected.settimeout(self.patience.tcp_s)
        return connected, address

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Whether there is room for one more, associated or not."""
        with self._counting:
            if len(self.active_associations) + self._beginning >= self.most_callers:
                return False
            self._beginning += 1
        return True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Speak TLS where it is spoken, then let the association begin."""
        try:
            if self.ssl_context is not None:
                request = self.ssl_context.wrap_socket(request, server_side=True)
            super().process_request_thread(request, client_address)
        except (OSError, ValueError):
            self.shutdown_request(request)
        finally:
            with self._counting:
                self._beginning -= 1

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: the caller is gone, and others are heard."""


def connect(node: Node, patience: Patience) -> socket.socket:
    """Connect to a node, over TLS where it wants that. Raises NodeError, which says what failed."""
    context = calling_context(node)
    try:
        connected = socket.create_connection((node.host, node.port), timeout=patience.tcp_s)
    except (socket.gaierror, UnicodeError) as error:
        raise NodeError(
            f"{node.in_words} cannot be found: no computer is known as {node.host}. Check the host."
        ) from error
    except TimeoutError as error:
        raise NodeError(
            f"{node.in_words} did not answer within {patience.tcp_s:g} s. Check host, port and the network between."
        ) from error
    except ConnectionRefusedError as error:
        raise NodeError(f"{node.in_words} cannot be reached: nobody listens there. Check host and port.") from error
    except OSError as error:
        raise NodeError(f"{node.in_words} cannot be reached: {error.strerror or error}.") from error
    if context is None:
        return connected
    try:
        return context.wrap_socket(connected, server_hostname=node.host)
    except (OSError, ValueError) as error:
        connected.close()
        raise NodeError(_tls_in_words(node, error)) from error


def _tls_in_words(node: Node, error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{node.in_words} could not prove who it is: {error.verify_message}. Check its certificate and ours."
    if isinstance(error, TimeoutError):
        return f"{node.in_words} did not answer over TLS in time. Does it speak TLS on this port?"
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or "it hung up"
    return f"{node.in_words} could not be reached over TLS ({reason}). Does it speak TLS, and does it know us?"
