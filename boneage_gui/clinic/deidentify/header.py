"""The header of a de-identified radiograph, built from the list."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from boneage_gui.clinic.chronology import DateError, age_months, read_date
from boneage_gui.clinic.deidentify import attributes
from boneage_gui.clinic.deidentify.attributes import values_of
from trainer.radiograph import dicom_header

if TYPE_CHECKING:
    from pydicom import Dataset

    from boneage_gui.clinic.deidentify.choices import Choices
    from boneage_gui.clinic.deidentify.pseudonyms import Pseudonyms

METHOD: Final = "PS3.15 Basic Profile, built from a list of attributes"
PROFILE: Final = ("113100", "Basic Application Confidentiality Profile")
CHARACTERISTICS: Final = ("113108", "Retain Patient Characteristics Option")
MODIFIED_DATES: Final = ("113107", "Retain Longitudinal Temporal Information Modified Dates Option")
OLDEST_YEARS: Final = 90  # for all above 89, as 45 CFR 164.514(b)(2) has it
_OLDEST: Final = f"{OLDEST_YEARS:03d}Y"
_YEARS_OF: Final = {"D": 365.25, "W": 52.18, "M": 12.0, "Y": 1.0}
_ANY_BODY_PART: Final = ("38866009", "SCT", "Body Part")


def begin(source: Dataset, pseudonyms: Pseudonyms, choices: Choices) -> Dataset:
    """Return a data set with everything but the picture, its file meta group begun."""
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset

    made = Dataset()
    known = str(source.get("SOPClassUID", ""))
    made.SOPClassUID = known if known in attributes.CLASSES else attributes.SC
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        setattr(made, keyword, pseudonyms.uid(str(source.get(keyword, "") or "")))
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    _keep(made, source)
    for keyword in (*attributes.EMPTY, *attributes.EMPTY_OF_CLASS[made.SOPClassUID]):
        if keyword not in made:
            setattr(made, keyword, [] if keyword.endswith("Sequence") else "")
    if "ImageLaterality" not in made and "Laterality" not in made:
        made.Laterality = ""
    _complete(made, known)
    _add_patient(made, source, pseudonyms, choices)
    _say_what_was_done(made, choices)
    return made


def is_known_class(source: Dataset) -> bool:
    """Whether an object keeps its class; any other becomes a secondary capture."""
    return str(source.get("SOPClassUID", "")) in attributes.CLASSES


def _keep(made: Dataset, source: Dataset) -> None:
    from pydicom.datadict import dictionary_VR
    from pydicom.valuerep import DSfloat

    for keyword, check in attributes.KEPT.items():
        found = values_of(source, keyword)
        kept = check(found) if found else None
        if kept is None:
            continue
        vr = dictionary_VR(keyword)
        if vr == "DS":
            kept = [DSfloat(number, auto_format=True) for number in kept]
        elif vr in ("IS", "SS"):
            kept = [int(number) for number in kept]
        setattr(made, keyword, kept if len(kept) > 1 else kept[0])
    for keyword, groups in attributes.CODES.items():
        item = _known_code(source, keyword, groups)
        if item is not None:
            setattr(made, keyword, [item])


def _known_code(source: Dataset, keyword: str, groups: tuple[str, ...]) -> Dataset | None:
    """Return a code as DICOM's own context group has it, its meaning with it; None for a code of somebody else."""
    from pydicom.sr.codedict import codes
    from pydicom.sr.coding import Code

    try:
        item: Any = source[keyword].value[0]
        code = Code(str(item.CodeValue), str(item.CodingSchemeDesignator), "")
        known = [found for group in groups for found in getattr(codes, group).concepts.values() if found == code]
    except Exception:  # as in values_of
        return None
    return _code(known[0].value, known[0].scheme_designator, known[0].meaning) if known else None


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    from pydicom import Dataset

    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def _complete(made: Dataset, known: str) -> None:
    """Put dummies where the class asks for a value and none could be kept (action D)."""
    if known != made.SOPClassUID:
        made.Modality = "OT"
    if "Modality" not in made:
        made.Modality = {attributes.CR: "CR", attributes.XA: "XA", attributes.RF: "RF"}.get(made.SOPClassUID, "OT")
    if made.SOPClassUID == attributes.SC and "ConversionType" not in made:
        made.ConversionType = "WSD"
    if made.SOPClassUID in (attributes.DX, attributes.DX_RAW):
        if "AnatomicRegionSequence" not in made:
            made.AnatomicRegionSequence = [_code(*_ANY_BODY_PART)]
        if "BurnedInAnnotation" not in made:
            made.BurnedInAnnotation = "YES"  # nobody said that there is none
    if made.get("PixelSpacingCalibrationType"):
        made.PixelSpacingCalibrationDescription = "removed"


def _add_patient(made: Dataset, source: Dataset, pseudonyms: Pseudonyms, choices: Choices) -> None:
    key = dicom_header.patient_key(source) or str(source.get("StudyInstanceUID", "") or made.StudyInstanceUID)
    made.PatientID = pseudonyms.patient(key)
    made.PatientName = f"{made.PatientID}^"  # a family name alone, which a caret says
    study = dicom_header.read_facts(source).study
    birth, examined = study.birth_date, study.study_date
    months = _months(birth, examined)
    if choices.keep_characteristics:
        sex = attributes.PATIENT_SEXES(values_of(source, "PatientSex"))
        made.PatientSex = sex[0] if sex else ""
        age = _age(dicom_header.text(source, "PatientAge"), months)
        if age:
            made.PatientAge = age
    if choices.shift_dates:
        aged = made.get("PatientAge") == _OLDEST
        back = timedelta(days=pseudonyms.days_back(key))
        for keyword in attributes.STUDY_DATES:
            moved = _moved(_date(source, keyword), back)
            if moved:
                setattr(made, keyword, moved.strftime("%Y%m%d"))
        moved = _moved(examined, back)
        if choices.keep_characteristics and months is not None and moved and not aged:
            made.PatientBirthDate = _before(moved, int(months)).strftime("%Y%m%d")


def _months(birth: date | None, examined: date | None) -> float | None:
    try:
        return age_months(birth=birth, study=examined) if birth and examined else None
    except DateError:
        return None


def _age(written: str, months: float | None) -> str:
    """Return an age string (PS3.5 6.2, AS): the header's own, else from the dates in whole months."""
    match = re.fullmatch(r"(\d{3})([DWMY])", written)
    if match is None and months is None:
        return ""
    years = int(match[1]) / _YEARS_OF[match[2]] if match else (months or 0.0) / 12
    if years >= OLDEST_YEARS:
        return _OLDEST
    if match:
        return written
    whole = int(months or 0.0)
    return f"{whole:03d}M" if whole < 1000 else f"{whole // 12:03d}Y"


def _date(source: Dataset, keyword: str) -> date | None:
    try:
        return read_date(dicom_header.text(source, keyword))
    except DateError:
        return None


def _moved(day: date | None, back: timedelta) -> date | None:
    try:
        return day - back if day else None
    except OverflowError:
        return None


def _before(day: date, months: int) -> date:
    """Return a day so many whole months earlier: a birth date that says the age in months and no more."""
    index = day.year * 12 + day.month - 1 - months
    return date(max(1, index // 12), index % 12 + 1, min(day.day, 28))


def _say_what_was_done(made: Dataset, choices: Choices) -> None:
    made.PatientIdentityRemoved = "YES"
    made.DeidentificationMethod = METHOD
    done = [PROFILE]
    if choices.keep_characteristics:
        done.append(CHARACTERISTICS)
    if choices.shift_dates:
        done.append(MODIFIED_DATES)
    made.DeidentificationMethodCodeSequence = [_code(value, "DCM", meaning) for value, meaning in done]
    made.LongitudinalTemporalInformationModified = "MODIFIED" if choices.shift_dates else "REMOVED"
