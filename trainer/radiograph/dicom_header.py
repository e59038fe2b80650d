"""Facts of a DICOM header about patient and examination; a malformed value counts as absent."""

from __future__ import annotations

import math
import re
from collections.abc import MutableSequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from trainer.radiograph.values import ISSUED_BY, Sex, SpacingFrom, Study

if TYPE_CHECKING:
    from pydicom import Dataset

Spacing = tuple[float, float]
_LONGEST_TEXT = 64
# What is longer is no fact of a header: pydicom would make an object of each of millions of numbers.
LARGEST_VALUE_BYTES = 64 * 1024
_LARGEST_TABLE_BYTES = 1024 * 1024  # a table of 65,536 grey levels takes 128 KiB
_TABLES = ("Sequence", "LUTData")
_SEXES = {"F": Sex.FEMALE, "M": Sex.MALE}
_SIDES = {"L": "left", "R": "right"}
_STUDY_DATES = ("StudyDate", "AcquisitionDate", "ContentDate", "SeriesDate")
_LEAST_SPACING_MM, _GREATEST_SPACING_MM = 0.001, 10.0
_ROUNDING = 0.01  # 0.143 beside 0.142857 is the same spacing
_GREATEST_MAGNIFICATION = 10.0
_UNKNOWN_SPACING = (
    "The file gives a pixel spacing but not whether it is calibrated or at the detector; lengths are in pixels."
)
_NOT_SQUARE = "The file's pixels are not square: the model sees the hand stretched."
_DATES_SWAPPED = "The header's birth date lies after its study date; the birth date was ignored."


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a Radiograph takes from its header."""

    spacing_mm: Spacing | None
    spacing_from: SpacingFrom
    sex: Sex | None
    study: Study
    cautions: tuple[str, ...]


def read_facts(data: Dataset) -> Facts:
    """Return the header's facts; never raises for a malformed value."""
    spacing_mm, spacing_from, cautions = _spacing(data)
    if not _has_square_pixels(data, spacing_mm):
        cautions = (*cautions, _NOT_SQUARE)
    birth_date = date_of(data, "PatientBirthDate")
    study_date = next((day for day in (date_of(data, name) for name in _STUDY_DATES) if day), None)
    if birth_date and study_date and birth_date > study_date:
        birth_date = None
        cautions = (*cautions, _DATES_SWAPPED)
    study = Study(
        patient_key=patient_key(data),
        patient_name=patient_name(data),
        birth_date=birth_date,
        study_date=study_date,
        laterality=_SIDES.get(side(data)),
        view=_view(data),
    )
    return Facts(spacing_mm=spacing_mm, spacing_from=spacing_from, sex=sex(data), study=study, cautions=cautions)


def sex(data: Dataset) -> Sex | None:
    """Return the patient's sex; None where the header does not say, or says something else."""
    if len(_values(data, "PatientSex")) > 1:  # "F\\M" says nothing: it is asked
        return None
    return _SEXES.get(text(data, "PatientSex").upper())


def side(data: Dataset) -> str:
    """Return the side that the picture, else its series, is of: "L" or "R"; "" where neither is said."""
    said = (text(data, "ImageLaterality") or text(data, "Laterality")).upper()
    return said if said in _SIDES else ""


def value(data: Dataset, keyword: str) -> Any:
    """Return an element's value, the first of several; None when absent, empty or malformed."""
    several = _values(data, keyword)
    return several[0] if several else None


def text(data: Dataset, keyword: str) -> str:
    """Return an element as printable text of at most 64 characters, "" when absent or malformed."""
    found = value(data, keyword)
    if found is None:
        return ""
    return "".join(char for char in str(found) if char.isprintable()).strip()[:_LONGEST_TEXT]


def number(data: Dataset, keyword: str) -> float | None:
    """Return an element as a finite number, the first of several; None when absent or malformed."""
    return _finite(value(data, keyword))


def whole_number(data: Dataset, keyword: str) -> int | None:
    """Return an element as a whole number; None when absent or malformed."""
    found = number(data, keyword)
    return int(found) if found is not None and found == int(found) else None


def element(data: Dataset, keyword: str) -> Any:
    """Return an element's whole value; None when absent, malformed or longer than any that is meant."""
    try:
        if keyword not in data:
            return None
        stored = data.get_item(keyword)  # as it was read: pydicom converts when it is asked for the value
        largest = _LARGEST_TABLE_BYTES if keyword.endswith(_TABLES) else LARGEST_VALUE_BYTES
        if isinstance(stored.value, bytes) and len(stored.value) > largest:
            return None
        return data[keyword].value
    except Exception:  # a malformed value can raise anything
        return None


def _values(data: Dataset, keyword: str) -> list[Any]:
    found = element(data, keyword)
    if found is None or (isinstance(found, (str, bytes)) and not found):
        return []
    return list(found) if isinstance(found, MutableSequence) else [found]


def _finite(found: Any) -> float | None:
    try:
        result = float(found)
    except (TypeError, ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def date_of(data: Dataset, keyword: str) -> date | None:
    """Return an element as a date; None when absent or malformed."""
    # "20240131", and "2024.01.31" as written before DICOM 3.0
    match = re.match(r"(\d{4})([.\-/]?)(\d{2})\2(\d{2})$", text(data, keyword))
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        return None


def patient_key(data: Dataset) -> str | None:
    """Return who the patient is, the issuer of the number included; None where the header does not say."""
    patient, issuer = text(data, "PatientID"), text(data, "IssuerOfPatientID")
    if not patient:
        return None
    return f"{patient}{ISSUED_BY}{issuer}" if issuer else patient


def patient_name(data: Dataset) -> str | None:
    """Return the patient's name as people write it, "Family, Given"; None where the header does not say.

    Of a name's groups, alphabetic, ideographic and phonetic (PS3.5 6.2.1), it is the first that is given.
    """
    for written in text(data, "PatientName").split("="):
        parts = [part.strip() for part in written.split("^")]
        name = ", ".join(part for part in parts[:2] if part)
        if name:
            return name
    return None


def _view(data: Dataset) -> str | None:
    position = text(data, "ViewPosition").upper()
    if position:
        return position
    code = value(data, "ViewCodeSequence")
    return (text(code, "CodeMeaning") if code is not None else "") or None


def _spacing(data: Dataset) -> tuple[Spacing | None, SpacingFrom, tuple[str, ...]]:
    """Return the spacing and where it comes from (PS3.3 10.7.1).

    Pixel Spacing that differs from Imager Pixel Spacing by more than it was rounded, or that names its
    calibration, was calibrated; the same value twice says nothing was corrected, so it is at the detector. Pixel
    Spacing alone may be either, and a length that may be wrong by the magnification is not given in millimetres.
    """
    pixel, imager = _pair(data, "PixelSpacing"), _pair(data, "ImagerPixelSpacing")
    calibrated = bool(text(data, "PixelSpacingCalibrationType")) or _differ(pixel, imager)
    if pixel is not None and calibrated:
        return pixel, SpacingFrom.CALIBRATED, ()
    if imager is not None:
        factor = number(data, "EstimatedRadiographicMagnificationFactor")
        if factor is None or not 1.0 <= factor <= _GREATEST_MAGNIFICATION:
            factor = 1.0
        return (imager[0] / factor, imager[1] / factor), SpacingFrom.DETECTOR, ()
    return None, SpacingFrom.NONE, (_UNKNOWN_SPACING,) if pixel is not None else ()


def _has_square_pixels(data: Dataset, spacing_mm: Spacing | None) -> bool:
    """Say whether a pixel is as high as it is wide, by its spacing or, without one, its aspect ratio."""
    high, wide = spacing_mm or _pair(data, "PixelSpacing") or _ratio(data) or (1.0, 1.0)
    return abs(high - wide) <= _ROUNDING * wide


def _ratio(data: Dataset) -> Spacing | None:
    found = [_finite(part) for part in _values(data, "PixelAspectRatio")]
    if len(found) != 2 or not all(part and part > 0 for part in found):
        return None
    return float(found[0] or 0), float(found[1] or 0)


def _differ(pixel: Spacing | None, imager: Spacing | None) -> bool:
    if pixel is None or imager is None:
        return False
    return any(abs(one - other) > _ROUNDING * other for one, other in zip(pixel, imager, strict=True))


def _pair(data: Dataset, keyword: str) -> Spacing | None:
    found = [_finite(part) for part in _values(data, keyword)]
    if len(found) != 2 or any(part is None for part in found):
        return None
    row, column = (float(part) for part in found if part is not None)
    if not all(_LEAST_SPACING_MM <= part <= _GREATEST_SPACING_MM for part in (row, column)):
        return None
    return row, column
