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
    try:
        with path.open("rb") as file:
            return file.read(_MARK.stop)[_MARK] == b"DICM"
    except OSError:
        return False


def read_identity(path: Path) -> Identity | None:
    """Read a DICOM file's header; None for a file that is no DICOM or damaged in its header."""
    quiet.silence("pydicom")
    try:
        # The deflated would be inflated as a whole, and are rare: they are known by their file's name alone.
        if not is_dicom(path) or path.stat().st_size > values.MAX_BYTES or _is_deflated(path):
            return None
        with path.open("rb") as file:
            data = dicom_bounds.parse(file, path.name, stop_before_pixels=True, specific_tags=list(_TAGS))
        names = tuple(name for tag in _TAGS[:3] if (name := dicom_header.text(data, tag)))
        return Identity(names=names, patient_key=dicom_header.patient_key(data), sex=dicom_header.sex(data))
    except Exception:  # hostile bytes can raise anything inside pydicom; decoding says what is wrong with them
        return None


def _is_deflated(path: Path) -> bool:
    from pydicom.uid import DeflatedExplicitVRLittleEndian

    with path.open("rb") as file:
        return bool(dicom_bounds.file_meta(file, path.name).get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian)
