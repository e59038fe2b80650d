"""Association: opened with a node, closed whatever happens, and every failure a sentence."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from pynetdicom import AE, _config
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext

from boneage_gui.clinic.dicom_node.connection import CallingSocket, connect
from boneage_gui.clinic.dicom_node.node import Node, NodeError, check_title
from boneage_gui.clinic.dicom_node.patience import Patience
from trainer.radiograph import quiet

if TYPE_CHECKING:
    from pynetdicom.pdu_primitives import SCP_SCU_RoleSelectionNegotiation

MAXIMUM_PDU_BYTES: Final = 65_536
LONGEST_GOODBYE_S: Final = 5.0
_REFUSED: Final = (1, 2)  # for good, for now
# Why an association was refused (PS3.8, table 9-21), by source and reason.
_REFUSALS: Final = {
    (1, 2): "it does not know DICOM's application context",
    (1, 3): "it does not know us as {ours}. Have this AE title added there, or change ours",
    (1, 7): "it is not called {theirs}. Check its AE title",
    (3, 1): "it is busy. Try again later",
    (3, 2): "it serves as many as it can. Try again later",
}


class NotOfferedError(NodeError):
    """A node that answers, but not to this kind of request."""


class _Caller(AE):
    """Our side of associations that we ask for, on a connection that stands already."""

    def __init__(self, ae_title: str, connected: socket.socket, patience: Patience) -> None:
        super().__init__(ae_title)
        self._connected, self._patience = connected, patience
        self.acse_timeout, self.dimse_timeout = patience.acse_s, patience.dimse_s
        # The connection's own bound lies below; this one would end an association while a request waits.
        self.network_timeout = patience.network_s + patience.dimse_s

    def ask(self, node: Node, contexts: Sequence[PresentationContext], **more: Any) -> Association:
        """Ask for an association; it may come back without being established."""
        try:
            address = self._connected.getpeername()[0]
            return self.associate(
                address,
                node.port,
                contexts=list(contexts),
                ae_title=node.ae_title,
                max_pdu=MAXIMUM_PDU_BYTES,
                **more,
            )
        except OSError as error:  # hung up before a word was said
            raise lost(node) from error

    def _create_socket(self, assoc: Association, *_: Any) -> CallingSocket:
        return CallingSocket(assoc, self._connected, self._patience)


@contextmanager
def associated(
    node: Node,
    contexts: Sequence[PresentationContext],
    *,
    ae_title: str,
    patience: Patience | None = None,
    handlers: Sequence[Any] = (),
    roles: Sequence[SCP_SCU_RoleSelectionNegotiation] = (),
) -> Iterator[Association]:
    """Open an association under our ``ae_title``; released at the end, aborted after an error or a stop.

    Raises NodeError where there is none to be had.
    """
    silence()
    check_title(ae_title, "Our own AE title")
    patience = patience or Patience()
    connected = connect(node, patience)
    began = time.monotonic()
    try:
        caller = _Caller(ae_title, connected, patience)
        association = caller.ask(node, contexts, evt_handlers=list(handlers), ext_neg=list(roles))
    except BaseException:
        connected.close()
        raise
    try:
        if not association.is_established:
            if association.rejected_contexts:
                raise NotOfferedError(f"{node.in_words} does not offer what was asked for.")
            raise NodeError(_refusal_in_words(node, association, ae_title, patience, time.monotonic() - began))
        yield association
    except BaseException:
        if association.is_established:
            association.abort()
        raise
    else:
        if association.is_established:
            association.release()
    finally:
        _close(association)


def silence() -> None:
    """Keep pynetdicom and pydicom from logging and warning: they quote what patients are called."""
    _config.LOG_HANDLER_LEVEL = "none"
    _config.LOG_REQUEST_IDENTIFIERS = _config.LOG_RESPONSE_IDENTIFIERS = False
    for library in ("pynetdicom", "pydicom"):
        quiet.silence(library)


def lost(node: Node) -> NodeError:
    """Return the error of an association that ended in the middle."""
    return NodeError(f"{node.in_words} ended the talk, or fell silent, before it had answered. Try again.")


def _refusal_in_words(node: Node, association: Association, ae_title: str, patience: Patience, waited_s: float) -> str:
    # A refusal that came very fast still waits to be taken out.
    answer: Any = association.acceptor.primitive or association.dul.receive_pdu()
    if getattr(answer, "result", None) in _REFUSED:
        known = _REFUSALS.get((answer.result_source, answer.diagnostic), "it gave no reason")
        return f"{node.in_words} refused us: {known.format(ours=ae_title, theirs=node.ae_title)}."
    if waited_s >= patience.acse_s:
        return (
            f"{node.in_words} accepted the connection but did not answer within {patience.acse_s:g} s. Is this its "
            "DICOM port?"
        )
    return f"{node.in_words} hung up, or answered with something that is not DICOM. Is this its DICOM port?"


def _close(association: Association) -> None:
    """End the threads of an association, and its connection."""
    association._reactor_checkpoint.set()  # kill() alone waits for a state that a broken peer never brings about
    association._kill = True
    association.dul.kill_dul()
    connection = association.dul.socket
    if connection is not None:
        connection._shutdown_socket()
    for thread in (association.dul, association):
        if thread.ident is not None:
            thread.join(LONGEST_GOODBYE_S)
