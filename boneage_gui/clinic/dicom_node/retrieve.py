"""Retrieve: a study or series of a node into our inbox: by C-GET, or else by C-MOVE to our receiver."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
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
from boneage_gui.clinic.dicom_node.find import find_series
from boneage_gui.clinic.dicom_node.inbox import Inbox, InboxFullError
from boneage_gui.clinic.dicom_node.node import OUR_TITLE, Node, NodeError
from boneage_gui.clinic.dicom_node.patience import Patience
from boneage_gui.clinic.dicom_node.receive import Receiver
from boneage_gui.clinic.dicom_node.receiver_settings import MIB
from boneage_gui.clinic.dicom_node.storing import MessageBound, Storing
from trainer.counted import counted

GET: Final = StudyRootQueryRetrieveInformationModelGet
MOVE: Final = StudyRootQueryRetrieveInformationModelMove
PENDING: Final = (0xFF00, 0xFF01)
CANCELLED: Final = 0xFE00
DESTINATION_UNKNOWN: Final = 0xA801
SOME_FAILED: Final = 0xB000
# Series of these hold reports, other pictures, or no pictures; what is not named here may hold radiographs.
NO_RADIOGRAPHS: Final = ("SR", "DOC", "PR", "KO", "CT", "MR", "US", "NM", "PT", "ECG", "SEG", "RTSTRUCT", "REG", "SM")
MAX_OBJECT_BYTES: Final = 256 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrieveProgress:
    """How far a retrieval is, as the node tells."""

    done: int = 0
    failed: int = 0
    left: int | None = None  # None: the node does not say
    way: str = "C-GET"
    problem: str = ""  # a sentence where a part did not come
    arrived: tuple[Path, ...] = field(default=(), repr=False)  # new files of the inbox since the last; by C-GET alone

    @property
    def in_words(self) -> str:
        """Return one sentence, which says what failed."""
        objects = counted(self.done, "object")
        if self.problem:
            return f"{objects} fetched, not all: {self.problem}"
        if self.failed:
            return f"{objects} fetched, {self.failed} failed: they could not be sent, or are no radiographs."
        if self.left:
            return f"{objects} fetched, {self.left} to come."
        return f"{objects} fetched."


@dataclass(frozen=True, slots=True)
class _Ways:
    """From where, to where, and as whom."""

    node: Node
    inbox: Inbox
    receiver: Receiver | None
    us: dict[str, Any]


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
    """Fetch the radiographs of a study, or one series of it, into the inbox; yield how far it is and return its end.

    C-GET needs no port of ours and comes first. Without it the node is asked to call our ``receiver``, which must be
    started and known there by its AE title. Closing the generator hangs up. Raises NodeError where nothing came.
    """
    ways = _Ways(node, inbox, receiver, {"ae_title": ae_title, "patience": patience})
    total, problem = RetrieveProgress(), None
    series = [series_uid] if series_uid else _radiographs_of(ways, study_uid)
    for uid in series:
        told = RetrieveProgress()
        try:
            for told in _fetched(ways, _keys(study_uid, uid)):
                yield _sum(total, told)
        except InboxFullError:
            raise
        except NodeError as error:  # the other series may still come
            problem = error
            told = replace(told, failed=max(told.failed, 1), problem=str(error))
        total = _sum(total, told)
    if problem is not None and not total.done:
        raise problem
    return total


def _radiographs_of(ways: _Ways, study_uid: str) -> list[str]:
    """Return the series that can hold radiographs; the whole study where the node does not tell.

    A study holds reports and other pictures too. Some nodes end a retrieval at the first object that is not taken.
    """
    try:
        series = find_series(ways.node, study_uid, **ways.us)
    except NotOfferedError:
        return [""]
    if not series:
        raise NodeError(f"{ways.node.in_words} no longer knows this study. Search again.")
    radiographs = [one.series_uid for one in series if one.modality.upper() not in NO_RADIOGRAPHS]
    if not radiographs:
        raise NodeError("This study holds no radiographs.")
    return radiographs


def _fetched(ways: _Ways, keys: Dataset) -> Iterator[RetrieveProgress]:
    try:
        yield from _get(ways, keys)
        return
    except NotOfferedError as error:
        if ways.receiver is None or not ways.receiver.port:
            raise NodeError(
                f"{error} Start the receiver, have it added there, and try again: then it can call us (C-MOVE)."
            ) from error
    yield from _move(ways, keys, ways.receiver.settings.ae_title)


def _get(ways: _Ways, keys: Dataset) -> Iterator[RetrieveProgress]:
    arrived: list[Path] = []
    storing = Storing(ways.inbox, arrived.append, max_object_bytes=MAX_OBJECT_BYTES)
    handlers = [(evt.EVT_C_STORE, storing.store), *MessageBound(MAX_OBJECT_BYTES).handlers]
    roles = [build_role(sop_class, scp_role=True) for sop_class in RADIOGRAPHS]
    with associated(ways.node, _get_contexts(), **ways.us, handlers=handlers, roles=roles) as association:
        if not any(context.abstract_syntax == GET for context in association.accepted_contexts):
            raise NotOfferedError(f"{ways.node.in_words} does not send on the line that asks (C-GET).")
        yield from _followed(ways.node, association.send_c_get(keys, GET), "C-GET", arrived, storing)


def _move(ways: _Ways, keys: Dataset, goal: str) -> Iterator[RetrieveProgress]:
    with associated(ways.node, [build_context(MOVE)], **ways.us) as association:
        yield from _followed(ways.node, association.send_c_move(keys, goal, MOVE), "C-MOVE", [], None, goal=goal)


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
            raise InboxFullError("The inbox or its disk is full. Make room and fetch the study again.")
        yield told


def _refusal(node: Node, code: int, told: RetrieveProgress, way: str, goal: str) -> NodeError:
    if code == DESTINATION_UNKNOWN:
        return NodeError(f"{node.in_words} does not know our receiver {goal}. Have it added there, with our port.")
    if way == "C-GET" and not told.failed:
        return NotOfferedError(f"{node.in_words} could not send what was asked for (status {code:04X}).")
    failed = f", {told.failed} failed" if told.failed else ""
    return NodeError(f"{node.in_words} sent nothing (status {code:04X}{failed}).")


def _sum(before: RetrieveProgress, told: RetrieveProgress) -> RetrieveProgress:
    return replace(
        told, done=before.done + told.done, failed=before.failed + told.failed, problem=told.problem or before.problem
    )


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
