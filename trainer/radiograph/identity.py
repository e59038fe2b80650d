"""Identity: who and what a DICOM file is of, by its header alone; no pixel is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from trainer.radiograph import dicom_bounds, dicom_header, quiet, values
from trainer.radiograph.values import Sex

_MARK: Final = slice(128, 132)
_TAGS: Final = ("SOPInstanceUID", "AccessionNumber", "PatientID", "IssuerOfPatientID", "PatientSex")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a header says. Never logged: ``repr`` shows none of it."""

    names: tuple[str, ...] = field(repr=False)  # SOPInstanceUID, AccessionNumber, PatientID; the narrowest first
    patient_key: str | None = field(repr=False)
    sex: Sex | None = field(repr=False)


def is_dicom(path: Path) -> bool:
    """Say whether a file, whatever its ending, bears the mark of DICOM."""
    return _head(path)[_MARK] == b"DICM"


def begins_bare(head: bytes) -> bool:
    """Say whether a file begins as a data set without preamble, as old archives write it: early in group 2 or 8."""
    return len(head) >= 16 and head[:2] in (b"\x02\x00", b"\x08\x00") and head[2] <= 0x18 and head[3] == 0


def holds_dicom(path: Path) -> bool:
    """Say whether a file, whatever its ending, is DICOM: by its mark, or by a header without one that names it."""
    head = _head(path)
    if head[_MARK] == b"DICM":
        return True
    identity = read_identity(path) if begins_bare(head) else None
    return identity is not None and bool(identity.names)


def read_identity(path: Path) -> Identity | None:
    """Read a DICOM file's header; None for a file that is no DICOM or damaged in its header."""
    quiet.silence("pydicom")
    try:
        head = _head(path)
        if not (head[_MARK] == b"DICM" or begins_bare(head)) or path.stat().st_size > values.MAX_BYTES:
            return None
        if _is_deflated(path):  # it would be inflated as a whole, and is rare: known by its file's name alone
            return None
        with path.open("rb") as file:
            data = dicom_bounds.parse(file, path.name, stop_before_pixels=True, specific_tags=list(_TAGS), force=True)
        names = tuple(name for tag in _TAGS[:3] if (name := dicom_header.text(data, tag)))
        return Identity(names=names, patient_key=dicom_header.patient_key(data), sex=dicom_header.sex(data))
    except Exception:  # hostile bytes can raise anything inside pydicom; decoding says what is wrong with them
        return None


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MARK.stop)
    except OSError:
        return b""


def _is_deflated(path: Path) -> bool:
    from pydicom.uid import DeflatedExplicitVRLittleEndian

    with path.open("rb") as file:
        meta = dicom_bounds.file_meta(file, path.name, force=True)
    return bool(meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian)
