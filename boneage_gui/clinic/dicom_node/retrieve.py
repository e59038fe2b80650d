"""Retrieve: a study or series of a node into our inbox: by C-GET, or else by C-MOVE to our receiver."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydicom import Dataset
from pynetdicom import build_context, build_role, evt
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

from boneage_gui.clinic.dicom_node.accepted import COMPRESSED, PLAIN, RADIOGRAPHS
from boneage_gui.clinic.dicom_node.association import NotOfferedError, associated, lost
from boneage_gui.clinic.dicom_node.inbox import Inbox
from boneage_gui.clinic.dicom_node.node import OUR_TITLE, Node, NodeError
from boneage_gui.clinic.dicom_node.patience import Patience
from boneage_gui.clinic.dicom_node.receive import Receiver
from boneage_gui.clinic.dicom_node.receiver_settings import MIB
from boneage_gui.clinic.dicom_node.storing import MessageBound, Storing

GET: Final = StudyRootQueryRetrieveInformationModelGet
MOVE: Final = StudyRootQueryRetrieveInformationModelMove
PENDING: Final = (0xFF00, 0xFF01)
CANCELLED: Final = 0xFE00
DESTINATION_UNKNOWN: Final = 0xA801
SOME_FAILED: Final = 0xB000
MAX_OBJECT_BYTES: Final = 256 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrieveProgress:
    """How far a retrieval is, as the node tells."""

    done: int = 0
    failed: int = 0
    left: int | None = None  # None: the node does not say
    way: str = "C-GET"
    arrived: tuple[Path, ...] = field(default=(), repr=False)  # new files of the inbox since the last; by C-GET alone

    @property
    def in_words(self) -> str:
        """Return one sentence, which says what failed."""
        objects = f"{self.done} {'object' if self.done == 1 else 'objects'}"
        if self.failed:
            return f"{objects} fetched, {self.failed} failed: they could not be sent, or are no radiographs."
        if self.left:
            return f"{objects} fetched, {self.left} to come."
        return f"{objects} fetched."


def retrieve(
    node: Node,
    study_uid: str,
    series_uid: str = "",
    *,
    inbox: Inbox,
    receiver: Receiver | None = None,
    ae_title: str = OUR_TITLE,
    patience: Patience | None = None,
) -> Generator[RetrieveProgress, None, RetrieveProgress]:
    """Fetch a study, or one series of it, into the inbox; yield how far it is and return how it ended.

    C-GET needs no port of ours and comes first. Without it the node is asked to call our ``receiver``, which must be
    started and known there by its AE title. Closing the generator hangs up. Raises NodeError where nothing came.
    """
    keys = _keys(study_uid, series_uid)
    try:
        return (yield from _get(node, keys, inbox, ae_title, patience))
    except NotOfferedError:
        if receiver is None or not receiver.port:
            raise NodeError(
                f"{node.in_words} does not send what is asked for on the same line (C-GET). Start the receiver, have "
                "it added there, and try again: then it can call us (C-MOVE)."
            ) from None
    return (yield from _move(node, keys, receiver.settings.ae_title, ae_title, patience))


def _get(
    node: Node, keys: Dataset, inbox: Inbox, ae_title: str, patience: Patience | None
) -> Generator[RetrieveProgress, None, RetrieveProgress]:
    arrived: list[Path] = []
    storing = Storing(inbox, arrived.append, max_object_bytes=MAX_OBJECT_BYTES)
    handlers = [(evt.EVT_C_STORE, storing.store), (evt.EVT_PDU_RECV, MessageBound(MAX_OBJECT_BYTES).watch)]
    roles = [build_role(sop_class, scp_role=True) for sop_class in RADIOGRAPHS]
    told = RetrieveProgress()
    with associated(
        node, _get_contexts(), ae_title=ae_title, patience=patience, handlers=handlers, roles=roles
    ) as association:
        if not any(context.abstract_syntax == GET for context in association.accepted_contexts):
            raise NotOfferedError(f"{node.in_words} knows no C-GET.")
        for told in _followed(node, association.send_c_get(keys, GET), "C-GET", arrived, storing):
            yield told
    return told


def _move(
    node: Node, keys: Dataset, goal: str, ae_title: str, patience: Patience | None
) -> Generator[RetrieveProgress, None, RetrieveProgress]:
    told = RetrieveProgress(way="C-MOVE")
    with associated(node, [build_context(MOVE)], ae_title=ae_title, patience=patience) as association:
        for told in _followed(node, association.send_c_move(keys, goal, MOVE), "C-MOVE", [], None, goal=goal):
            yield told
    return told


def _followed(
    node: Node,
    answers: Iterator[tuple[Dataset, Dataset | None]],
    way: str,
    arrived: list[Path],
    storing: Storing | None,
    *,
    goal: str = "",
) -> Iterator[RetrieveProgress]:
    """Yield what the node tells until its last word. Raises NodeError."""
    for status, _ in answers:
        code = status.get("Status")
        if code is None:
            raise lost(node)
        new = tuple(arrived)
        del arrived[: len(new)]
        told = _progress(status, way, new)
        if code not in (*PENDING, 0x0000, SOME_FAILED, CANCELLED) and not told.done:
            raise _refusal(node, code, told, way, goal)
        if storing is not None and storing.refused_for_room:
            raise NodeError("The inbox or its disk is full. Make room and fetch the study again.")
        yield told


def _refusal(node: Node, code: int, told: RetrieveProgress, way: str, goal: str) -> NodeError:
    if code == DESTINATION_UNKNOWN:
        return NodeError(f"{node.in_words} does not know our receiver {goal}. Have it added there, with our port.")
    if way == "C-GET" and not told.failed:
        return NotOfferedError(f"{node.in_words} could not send what was asked for (status {code:04X}).")
    failed = f", {told.failed} failed" if told.failed else ""
    return NodeError(f"{node.in_words} sent nothing (status {code:04X}{failed}).")


def _progress(status: Dataset, way: str, arrived: tuple[Path, ...]) -> RetrieveProgress:
    def count(kind: str) -> int | None:
        value: Any = status.get(f"NumberOf{kind}Suboperations")
        return int(value) if value is not None else None

    done = (count("Completed") or 0) + (count("Warning") or 0)
    return RetrieveProgress(done=done, failed=count("Failed") or 0, left=count("Remaining"), way=way, arrived=arrived)


def _keys(study_uid: str, series_uid: str) -> Dataset:
    keys = Dataset()
    keys.QueryRetrieveLevel = "SERIES" if series_uid else "STUDY"
    keys.StudyInstanceUID = study_uid
    if series_uid:
        keys.SeriesInstanceUID = series_uid
    return keys


def _get_contexts() -> list[PresentationContext]:
    """Return a context for each way of storing pixels: of one with all, the node would pick a way for every object."""
    contexts = [build_context(GET)]
    for sop_class in RADIOGRAPHS:
        contexts.append(build_context(sop_class, list(PLAIN)))
        contexts.extend(build_context(sop_class, syntax) for syntax in COMPRESSED)
    return contexts
