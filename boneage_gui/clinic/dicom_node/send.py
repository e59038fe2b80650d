"""Send: objects to a node (C-STORE), one after the other; what did not get there is named with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydicom import Dataset, dcmread
from pydicom.filereader import read_file_meta_info
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import build_context
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext

from boneage_gui.clinic.dicom_node.association import NotOfferedError, associated, silence
from boneage_gui.clinic.dicom_node.node import OUR_TITLE, Node, NodeError
from boneage_gui.clinic.dicom_node.patience import Patience
from trainer.radiograph import MAX_BYTES, is_dicom, shown_name

MOST_AT_ONCE: Final = 100  # objects in one association: each may need a context of its own, and 128 is the limit
WARNINGS: Final = (0xB000, 0xB006, 0xB007)  # stored, with something changed or left out
_PLAIN: Final = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of one object."""

    name: str
    number: int  # 1 is the first
    total: int
    problem: str = ""  # a sentence where it did not get there

    @property
    def arrived(self) -> bool:
        """Whether the node confirmed it."""
        return not self.problem


@dataclass(frozen=True, slots=True)
class _Parcel:
    """An object to be sent, by what must be agreed on for it."""

    name: str
    content: Dataset | Path
    sop_class: UID
    syntax: UID

    @property
    def context(self) -> PresentationContext:
        others = [syntax for syntax in _PLAIN if self.syntax in _PLAIN and syntax != self.syntax]
        return build_context(self.sop_class, [self.syntax, *others])


class _LostError(Exception):
    """The association ended before an object was answered."""


def send(
    node: Node, objects: Mapping[str, Dataset | Path], *, ae_title: str = OUR_TITLE, patience: Patience | None = None
) -> Iterator[Sent]:
    """Send named objects, data sets or DICOM files; yield what became of each, in their order, the unreadable last.

    A lost association is opened once more for what is left; what fails then is reported like everything else. Raises
    NodeError where the first association cannot be had: nothing was sent then. Closing the generator hangs up.
    """
    silence()
    names = list(objects)
    parcels: list[_Parcel] = []
    problems: dict[str, str] = {}
    for name, content in objects.items():
        try:
            parcels.append(_parcel(name, content))
        except NodeError as error:
            problems[name] = str(error)
    done = 0
    for first in range(0, len(parcels), MOST_AT_ONCE):
        for name, problem in _send_some(node, parcels[first : first + MOST_AT_ONCE], ae_title, patience, first == 0):
            done += 1
            yield Sent(name=name, number=done, total=len(names), problem=problem)
    for name, problem in problems.items():
        done += 1
        yield Sent(name=name, number=done, total=len(names), problem=problem)


def unsent_in_words(results: Sequence[Sent]) -> str | None:
    """Return one sentence that names what did not get there; None where all did."""
    unsent = [sent for sent in results if not sent.arrived]
    if not unsent:
        return None
    names = ", ".join(sent.name for sent in unsent[:5]) + (" and more" if len(unsent) > 5 else "")
    return f"{len(unsent)} of {len(results)} did not get there ({names}). {unsent[0].problem}"


def _send_some(
    node: Node, parcels: Sequence[_Parcel], ae_title: str, patience: Patience | None, is_first: bool
) -> Iterator[tuple[str, str]]:
    left = list(parcels)
    losses = 0  # with no object answered in between
    while left and losses < 2:
        before = len(left)
        try:
            with associated(node, _contexts(left), ae_title=ae_title, patience=patience) as association:
                while left:
                    problem = _store(association, node, left[0])
                    yield left.pop(0).name, problem
        except _LostError:
            losses = losses + 1 if len(left) == before else 1
        except NotOfferedError:
            yield from ((parcel.name, _not_taken(node, parcel)) for parcel in left)
            return
        except NodeError as error:
            if is_first and before == len(parcels) and not losses:
                raise
            reason = str(error)
            yield from ((parcel.name, reason) for parcel in left)
            return
    for parcel in left:
        yield (
            parcel.name,
            f"{node.in_words} hung up, or fell silent, twice while “{left[0].name}” was sent. Send it again later.",
        )


def _not_taken(node: Node, parcel: _Parcel) -> str:
    kind = f"{parcel.sop_class.name}, {parcel.syntax.name}"
    return f"{node.in_words} does not take objects such as “{parcel.name}” ({kind})."


def _store(association: Association, node: Node, parcel: _Parcel) -> str:
    """Send one object; return what is wrong, or nothing. Raises _LostError."""
    try:
        data = parcel.content if isinstance(parcel.content, Dataset) else dcmread(parcel.content)
    except Exception:  # hostile bytes can raise anything inside pydicom
        return f"“{parcel.name}” is damaged or gone; it was not sent."
    if not association.is_established:
        raise _LostError
    try:
        code = association.send_c_store(data).get("Status")
    except ValueError:
        return _not_taken(node, parcel)
    except RuntimeError as error:  # ended between the question above and the sending
        raise _LostError from error
    except Exception:
        return f"“{parcel.name}” cannot be written as DICOM; it was not sent."
    if code is None:
        raise _LostError
    return "" if code == 0x0000 or code in WARNINGS else _refusal(node, parcel, code)


def _refusal(node: Node, parcel: _Parcel, code: int) -> str:
    if 0xA700 <= code <= 0xA7FF:
        return f"{node.in_words} has no room for “{parcel.name}” (status {code:04X}). Send it again later."
    return f"{node.in_words} refused “{parcel.name}” (status {code:04X})."


def _parcel(name: str, content: Dataset | Path) -> _Parcel:
    """Look at what must be agreed on for an object. Raises NodeError for a file that is no DICOM object."""
    if isinstance(content, Dataset):
        if not hasattr(content, "file_meta") or "TransferSyntaxUID" not in content.file_meta:
            content.ensure_file_meta()
            content.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        return _Parcel(name, content, UID(content.SOPClassUID), UID(content.file_meta.TransferSyntaxUID))
    try:
        if not is_dicom(content) or content.stat().st_size > MAX_BYTES:
            raise NodeError(f"“{shown_name(content)}” is no DICOM file; it was not sent.")
        meta = read_file_meta_info(content)
        return _Parcel(name, content, UID(meta.MediaStorageSOPClassUID), UID(meta.TransferSyntaxUID))
    except NodeError:
        raise
    except Exception as error:  # hostile bytes can raise anything inside pydicom
        raise NodeError(f"The header of “{shown_name(content)}” is damaged; it was not sent.") from error


def _contexts(parcels: Sequence[_Parcel]) -> list[PresentationContext]:
    return list({(parcel.sop_class, parcel.syntax): parcel.context for parcel in parcels}.values())
