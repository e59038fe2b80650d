"""The list: which attributes a radiograph may keep, and of what form each must be.

Words are the defined terms of PS3.3 (C.7.3.1, C.7.6.1, C.7.6.3, C.8.1, C.8.6, C.8.7, C.8.11, C.11), codes those of
the context groups of PS3.16.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, MutableSequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydicom import Dataset

Check = Callable[[list[Any]], list[Any] | None]

CR: Final = "1.2.840.10008.5.1.4.1.1.1"
DX, DX_RAW = "1.2.840.10008.5.1.4.1.1.1.1", "1.2.840.10008.5.1.4.1.1.1.1.1"
SC: Final = "1.2.840.10008.5.1.4.1.1.7"
XA, RF = "1.2.840.10008.5.1.4.1.1.12.1", "1.2.840.10008.5.1.4.1.1.12.2"
CLASSES: Final = (CR, DX, DX_RAW, SC, XA, RF)


def words(*allowed: str, most: int = 1) -> Check:
    """Keep values that are all among those allowed, no more than ``most`` of them."""

    def check(found: list[Any]) -> list[Any] | None:
        kept = [str(word).strip().upper() for word in found[:most]]
        return kept if kept and all(word in allowed for word in kept) else None

    return check


def numbers(most: int = 1) -> Check:
    """Keep finite numbers, no more than ``most``."""

    def check(found: list[Any]) -> list[Any] | None:
        try:
            kept = [float(number) for number in found[:most]]
        except (TypeError, ValueError, OverflowError):
            return None
        return kept if kept and all(map(math.isfinite, kept)) else None

    return check


def whole(largest: int) -> Check:
    """Keep one whole number from 0 to ``largest``: longer ones number people and orders."""

    def check(found: list[Any]) -> list[Any] | None:
        kept = numbers()(found)
        sound = kept is not None and kept[0] == int(kept[0]) and 0 <= kept[0] <= largest
        return [int(kept[0])] if kept is not None and sound else None

    return check


def _image_type(found: list[Any]) -> list[Any] | None:
    """The first two values (PS3.3 C.7.6.1.1.2), and the third where it is one of XA's planes."""
    first = words("ORIGINAL", "DERIVED")(found[:1])
    second = words("PRIMARY", "SECONDARY")(found[1:2])
    third = words("SINGLE PLANE", "BIPLANE A", "BIPLANE B")(found[2:3])
    return [*first, *second, *(third or [])] if first and second else None


def _orientation(found: list[Any]) -> list[Any] | None:
    kept = [str(word).strip().upper() for word in found]
    return kept if len(kept) == 2 and all(re.fullmatch("[APRLHF]{1,3}", word) for word in kept) else None


YES_NO: Final = words("YES", "NO")
KEPT: Final[dict[str, Check]] = {
    # General Image and Series
    "ImageType": _image_type,
    "Modality": words("CR", "DX", "XA", "RF", "OT", "RG", "SC"),
    "SeriesNumber": whole(9999),
    "InstanceNumber": whole(9999),
    "Laterality": words("R", "L"),
    "ImageLaterality": words("R", "L", "U", "B"),
    "BodyPartExamined": words("HAND", "WRIST", "FINGER", "THUMB", "FOREARM", "ARM", "ELBOW", "EXTREMITY"),
    "ViewPosition": words("AP", "PA", "LL", "RL", "RLD", "LLD", "RLO", "LLO", "LAT"),
    "PatientOrientation": _orientation,
    "BurnedInAnnotation": YES_NO,
    "LossyImageCompression": words("00", "01"),
    "LossyImageCompressionRatio": numbers(8),
    "LossyImageCompressionMethod": words(
        "ISO_10918_1", "ISO_14495_1", "ISO_15444_1", "ISO_15444_15", "ISO_13818_2", most=8
    ),
    "ConversionType": words("DV", "DI", "DF", "WSD", "SD", "SI", "DRW", "SYN"),
    # scale
    "PixelSpacing": numbers(2),
    "ImagerPixelSpacing": numbers(2),
    "NominalScannedPixelSpacing": numbers(2),
    "PixelSpacingCalibrationType": words("GEOMETRY", "FIDUCIAL"),
    "EstimatedRadiographicMagnificationFactor": numbers(),
    "DistanceSourceToDetector": numbers(),
    "DistanceSourceToPatient": numbers(),
    "PixelAspectRatio": numbers(2),
    # grey levels
    "PixelIntensityRelationship": words("LIN", "LOG", "DISP", "OTHER"),
    "PixelIntensityRelationshipSign": words("1", "-1"),
    "RescaleIntercept": numbers(),
    "RescaleSlope": numbers(),
    "RescaleType": words("US", "HU", "OD", "PCT", "HSF", "UNSPECIFIED"),
    "WindowCenter": numbers(16),
    "WindowWidth": numbers(16),
    "VOILUTFunction": words("LINEAR", "LINEAR_EXACT", "SIGMOID"),
    "PresentationLUTShape": words("IDENTITY", "INVERSE"),
    # what the classes of object ask for besides
    "PresentationIntentType": words("FOR PRESENTATION", "FOR PROCESSING"),
    "DetectorType": words("DIRECT", "SCINTILLATOR", "STORAGE", "FILM"),
    "PositionerType": words("CARM", "COLUMN", "MAMMOGRAPHIC", "PANORAMIC", "CEPHALOSTAT", "RIGID", "NONE"),
    "PositionerPrimaryAngle": numbers(),
    "PositionerSecondaryAngle": numbers(),
    "RadiationSetting": words("SC", "GR"),
    "KVP": numbers(),
    "XRayTubeCurrent": whole(9999),
    "ExposureTime": whole(99999),
    "Exposure": whole(9999),
}
# Code sequences, and the context groups that a code must stand in.
CODES: Final = {"AnatomicRegionSequence": ("cid4009", "cid4031"), "ViewCodeSequence": ("cid4010",)}
# What must be there, empty where nothing may be kept (type 2).
EMPTY: Final = (
    "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "ReferringPhysicianName", "StudyID", "AccessionNumber",
    "SeriesNumber", "InstanceNumber", "Manufacturer", "PatientOrientation",
)  # fmt: skip
EMPTY_OF_CLASS: Final = {
    CR: ("BodyPartExamined", "ViewPosition"),
    DX: ("DetectorType", "PositionerType", "AcquisitionContextSequence"),
    DX_RAW: ("DetectorType", "PositionerType", "AcquisitionContextSequence"),
    XA: ("KVP", "PositionerPrimaryAngle", "PositionerSecondaryAngle"),
    RF: ("KVP",),
    SC: (),
}
STUDY_DATES: Final = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")
PATIENT_SEXES: Final = words("M", "F", "O")


def values_of(data: Dataset, keyword: str) -> list[Any]:
    """Return an element's values as a list; none where it is absent, empty or malformed."""
    try:
        value = data[keyword].value if keyword in data else None
    except Exception:  # pydicom converts lazily, and a malformed value can raise anything
        return []
    if value is None or (isinstance(value, (str, bytes)) and not value):
        return []
    return list(value) if isinstance(value, MutableSequence) else [value]
