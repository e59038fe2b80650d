"""What a radiograph is, whatever file it came from: the types that cross borders."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MAX_PIXELS = 100_000_000
MAX_BYTES = 512 * 1024 * 1024
MAX_INFLATED_BYTES = 2 * MAX_PIXELS + 64 * 1024 * 1024  # of a deflated DICOM file: the largest picture and its header
# The endings such files usually have, for whoever looks through a folder; reading goes by what is in the file.
SUFFIXES = (".dcm", ".dicom", ".png", ".jpg", ".jpeg", ".tif", ".tiff")

ISSUED_BY = "^^^"  # between a patient's number and who gave it, in a patient's key


DAYS_PER_MONTH = 365.25 / 12


def months_between(birth: date, study: date) -> float:
    """Return an age in months: whole ones by the calendar, then days."""
    whole = (study.year - birth.year) * 12 + study.month - birth.month
    return max(0.0, whole + (study.day - birth.day) / DAYS_PER_MONTH)


class Sex(StrEnum):
    """The two that the reference tables and the models know; unknown is ``None``."""

    FEMALE = "female"
    MALE = "male"


class SpacingFrom(StrEnum):
    """Where a radiograph's millimetres come from; decides the label on every length."""

    DETECTOR = "at detector"
    CALIBRATED = "calibrated"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What the header says about the patient and the examination. Never logged: ``repr`` shows none of it."""

    patient_key: str | None = field(default=None, repr=False)
    patient_name: str | None = field(default=None, repr=False)
    birth_date: date | None = field(default=None, repr=False)
    study_date: date | None = field(default=None, repr=False)
    laterality: str | None = field(default=None, repr=False)  # "left", "right" or None
    view: str | None = field(default=None, repr=False)

    @property
    def age_months(self) -> float | None:
        """The patient's age on the day of the study; None where a date is missing or they make no age."""
        if self.birth_date is None or self.study_date is None or self.study_date < self.birth_date:
            return None
        return months_between(self.birth_date, self.study_date)

    @property
    def patient_number(self) -> str | None:
        """The patient's number alone, as people know it; the key names its issuer too."""
        return self.patient_key.partition(ISSUED_BY)[0] if self.patient_key else None


OTHER_EXAMINATION = "The file says that it is not a radiograph but another kind of examination."


@dataclass(frozen=True, slots=True, kw_only=True)
class Radiograph:
    """One hand radiograph, whatever file it came from."""

    pixels: npt.NDArray[np.float32]  # [height, width], 0 to 1, bone bright; read-only
    source: Path
    spacing_mm: tuple[float, float] | None = None  # row (vertical), column (horizontal)
    spacing_from: SpacingFrom = SpacingFrom.NONE
    sex: Sex | None = None
    study: Study = Study()
    bits_stored: int = 8
    was_inverted: bool = False  # bone was dark in the file and was turned bright
    quarters: int = 0  # quarter turns to the right that a reader gave it, 0 to 3; the pixels lie as in the file
    cautions: tuple[str, ...] = ()  # sentences for the reader
    stamp: tuple[int, int] | None = field(default=None, compare=False)  # the file's size and time of change when read
