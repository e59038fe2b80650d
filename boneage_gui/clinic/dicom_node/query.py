"""StudyQuery: which studies are looked for, as people type it and as a C-FIND identifier."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from pydicom import Dataset

from boneage_gui.clinic.dicom_node.node import NodeError

LONGEST_TEXT: Final = 64
STUDY_KEYS: Final = (
    "StudyInstanceUID",
    "StudyDate",
    "StudyDescription",
    "AccessionNumber",
    "ModalitiesInStudy",
    "PatientName",
    "PatientID",
    "IssuerOfPatientID",
    "PatientBirthDate",
    "PatientSex",
    "NumberOfStudyRelatedSeries",
    "NumberOfStudyRelatedInstances",
)
SERIES_KEYS: Final = (
    "SeriesInstanceUID",
    "Modality",
    "SeriesDescription",
    "SeriesNumber",
    "BodyPartExamined",
    "Laterality",
    "NumberOfSeriesRelatedInstances",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyQuery:
    """A search for studies; every empty field is no condition. * and ? are wildcards. ``repr`` shows no patient."""

    patient_id: str = field(default="", repr=False)
    patient_name: str = field(default="", repr=False)  # "Family, Given" or the beginning of it
    since: date | None = None  # day of the study
    until: date | None = None
    accession: str = field(default="", repr=False)
    modality: str = ""

    def identifier(self) -> Dataset:
        """Return the keys of a C-FIND at study level. Raises NodeError for what cannot be looked for."""
        if not (self.patient_id or self.patient_name or self.accession or self.since or self.until):
            raise NodeError("Give a patient, an accession number or a date: a whole archive is not searched.")
        if self.since and self.until and self.until < self.since:
            raise NodeError("The last day lies before the first. Check both dates.")
        keys = _keys("STUDY", STUDY_KEYS)
        keys.PatientID = _text(self.patient_id, "patient's number")
        keys.PatientName = _name(_text(self.patient_name, "patient's name"))
        keys.AccessionNumber = _text(self.accession, "accession number")
        keys.ModalitiesInStudy = _text(self.modality, "modality").upper()
        keys.StudyDate = self._days()
        typed = self.patient_id + self.patient_name + self.accession
        if not typed.isascii():
            keys.SpecificCharacterSet = "ISO_IR 100" if _is_latin(typed) else "ISO_IR 192"
        return keys

    def _days(self) -> str:
        if self.since is not None and self.since == self.until:
            return f"{self.since:%Y%m%d}"
        first, last = (f"{day:%Y%m%d}" if day else "" for day in (self.since, self.until))
        return f"{first}-{last}" if first or last else ""


def series_identifier(study_uid: str) -> Dataset:
    """Return the keys of a C-FIND for the series of a study."""
    keys = _keys("SERIES", SERIES_KEYS)
    keys.StudyInstanceUID = study_uid
    return keys


def image_identifier(study_uid: str, series_uid: str) -> Dataset:
    """Return the keys of a C-FIND for the images of a series."""
    keys = _keys("IMAGE", ("SOPInstanceUID",))
    keys.StudyInstanceUID, keys.SeriesInstanceUID = study_uid, series_uid
    return keys


def _keys(level: str, wanted: tuple[str, ...]) -> Dataset:
    keys = Dataset()
    keys.QueryRetrieveLevel = level
    for keyword in wanted:
        setattr(keys, keyword, "")
    return keys


def _text(typed: str, what: str) -> str:
    typed = typed.strip()
    if len(typed) > LONGEST_TEXT:
        raise NodeError(f"The {what} is longer than {LONGEST_TEXT} letters.")
    if "\\" in typed or not typed.isprintable():
        raise NodeError(f"The {what} holds a backslash or a control character, which DICOM does not allow.")
    return typed


def _name(typed: str) -> str:
    """Return a name as DICOM parts it, open at its end where nobody typed a wildcard."""
    parted = "^".join(part.strip() for part in typed.split(",")) if "^" not in typed else typed
    return parted if not parted or "*" in parted or "?" in parted else f"{parted}*"


def _is_latin(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True
