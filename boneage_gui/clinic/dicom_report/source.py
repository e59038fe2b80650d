"""Source: the header of the radiograph whose study a report joins, and how a report is written."""

from __future__ import annotations

import io
import re
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from trainer.errors import BoneAgeError
from trainer.radiograph import MAX_BYTES, dicom_bounds, dicom_header, is_dicom, shown_name
from trainer.whole_file import write_whole

MANUFACTURER: Final = "Bone Age (open source, research use)"
MODEL_NAME: Final = "Bone Age"
CHARACTERS: Final = "ISO_IR 192"
# Patient and study, as PS3.3 C.7.1.1 and C.7.2.1 have them; what must be there but may be empty is.
_PATIENT: Final = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex")
_STUDY: Final = ("StudyDate", "StudyTime", "ReferringPhysicianName", "StudyID", "AccessionNumber")
_DATES: Final = ("PatientBirthDate", "StudyDate")
_SEXES: Final = ("M", "F", "O")
_TIME: Final = re.compile(r"([01]\d|2[0-3]):?(?:([0-5]\d):?(?:([0-5]\d|60)(\.\d{1,6})?)?)?")
_AGE: Final = re.compile(r"\d{3}[DWMY]")
_MAY_BE_ABSENT: Final = ("IssuerOfPatientID", "StudyDescription", "PatientAge", "OtherPatientIDs")


class ReportError(BoneAgeError):
    """A report that cannot be made."""


def source_header(path: Path) -> Dataset:
    """Read a radiograph's header without its pixels. Raises ReportError for a file that belongs to no study."""
    try:
        if not is_dicom(path) or path.stat().st_size > MAX_BYTES:
            raise ReportError(
                f"“{shown_name(path)}” is no DICOM file. A DICOM report joins a study; save the PDF instead."
            )
        with path.open("rb") as file:
            data = dicom_bounds.parse(file, shown_name(path), stop_before_pixels=True)
        _leave_out_long_values(data)
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID"):
            if not str(data.get(keyword, "")).strip():
                raise ReportError(f"“{shown_name(path)}” names no study ({keyword} is missing): no report can join it.")
        data.decode()
    except ReportError:
        raise
    except Exception as error:  # hostile bytes can raise anything inside pydicom
        raise ReportError(f"The header of “{shown_name(path)}” is damaged; no report can be made of it.") from error
    for keyword in (*_PATIENT, *_STUDY):
        if keyword not in data:
            setattr(data, keyword, "")
    _write_as_dicom(data)
    return data


def _leave_out_long_values(data: Dataset) -> None:
    for tag in list(data.keys()):
        value = data.get_item(tag).value  # as it was read
        if isinstance(value, bytes) and len(value) > dicom_header.LARGEST_VALUE_BYTES:
            del data[tag]


def _write_as_dicom(data: Dataset) -> None:
    """Write sex, dates, time and age as PS3.5 6.2 has them, as our reader took them; empty where it took none.

    What writes reports takes no others, and many radiographs have them: "m", "2020.03.10", "10:11:12".
    """
    for keyword in _DATES:
        day = dicom_header.date_of(data, keyword)
        setattr(data, keyword, day.isoformat().replace("-", "") if day else "")
    sex = dicom_header.text(data, "PatientSex").upper()
    data.PatientSex = sex if sex in _SEXES else ""
    age = dicom_header.text(data, "PatientAge")
    data.PatientAge = age if _AGE.fullmatch(age) else ""
    time = _TIME.fullmatch(dicom_header.text(data, "StudyTime"))
    data.StudyTime = "".join(part or "" for part in time.groups()) if time else ""


def begin_object(source: Dataset, sop_class_uid: str, modality: str, *, series_number: int, now: datetime) -> Dataset:
    """Return an object in the study of ``source``, in a series of its own, without its content."""
    made = Dataset()
    made.SpecificCharacterSet = CHARACTERS
    made.SOPClassUID = sop_class_uid
    made.SOPInstanceUID = generate_uid(prefix=None)
    made.InstanceCreationDate, made.InstanceCreationTime = dicom_moment(now)
    for keyword in (*_PATIENT, *_STUDY):
        setattr(made, keyword, source.get(keyword, ""))
    for keyword in _MAY_BE_ABSENT:
        if source.get(keyword):
            setattr(made, keyword, source.get(keyword))
    made.StudyInstanceUID = source.StudyInstanceUID
    made.SeriesInstanceUID = generate_uid(prefix=None)
    made.Modality = modality
    made.SeriesNumber = series_number
    made.InstanceNumber = 1
    made.Manufacturer, made.ManufacturerModelName = MANUFACTURER, MODEL_NAME
    made.ContentDate, made.ContentTime = dicom_moment(now)
    return made


def reference_to(source: Dataset) -> Dataset:
    """Return the item that refers to the radiograph."""
    item = Dataset()
    item.ReferencedSOPClassUID = source.SOPClassUID
    item.ReferencedSOPInstanceUID = source.SOPInstanceUID
    return item


def dicom_moment(now: datetime) -> tuple[Any, Any]:
    """Return date and time as DICOM writes them, on the clock of this place."""
    here = now.astimezone()
    return here.strftime("%Y%m%d"), here.strftime("%H%M%S")


def object_bytes(made: Dataset) -> bytes:
    """Return an object as a file holds it, its preamble zero."""
    content = io.BytesIO()
    made.preamble = b"\0" * 128
    made.ensure_file_meta()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.save_as(content, enforce_file_format=True, implicit_vr=False, little_endian=True)
    return content.getvalue()


def write_object(path: Path, made: Dataset) -> None:
    """Write an object, whole or not at all, its preamble zero. Raises DataError."""
    write_whole(path, object_bytes(made))
