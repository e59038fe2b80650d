"""Reading: what a model said about one radiograph in its patient's context, and what the clinician made of it."""

from __future__ import annotations

import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final

from boneage_gui.clinic.reference import REFERENCES, Assessment, NoReferenceError, assess
from trainer.errors import BoneAgeError
from trainer.prediction import Prediction
from trainer.radiograph import Sex

OLDEST_MONTHS: Final = 240.0
LONGEST_REASON: Final = 500


class ReadingError(BoneAgeError):
    """A reading that cannot be made or kept."""


class Decision(StrEnum):
    """What the clinician made of the model's number."""

    ACCEPTED = "accepted"
    MODIFIED = "modified"
    WAITING = "waiting"  # read by the program alone, seen by nobody yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One entry, never changed: a correction is a new one that supersedes it. ``repr`` shows no patient."""

    reading_id: str
    read_at: datetime  # UTC
    user: str
    decision: Decision
    age_months: float  # the model's
    low_months: float  # nan where the model has no interval
    high_months: float
    coverage: float
    model_name: str
    model_sha256: str
    clinician_months: float | None = None  # the clinician's own, where it was modified
    reason: str = ""
    sex: Sex | None = None
    chronological_months: float | None = field(default=None, repr=False)
    study_date: date | None = field(default=None, repr=False)
    patient_hash: str | None = field(default=None, repr=False)  # keyed; None where nobody knows whose it is
    label: str | None = field(default=None, repr=False)  # readable, only where the user wants it
    radiograph_hash: str = ""  # keyed; finds the readings of a radiograph again
    reference_key: str = "brush"
    supersedes: str | None = None
    cautions: tuple[str, ...] = ()  # the prediction's: a number read against the gate's advice says so for ever

    def all_cautions(self, of_radiograph: Sequence[str]) -> tuple[str, ...]:
        """Return what must be said about the radiograph and the number, each sentence once."""
        return tuple(dict.fromkeys((*of_radiograph, *self.cautions)))

    @property
    def final_months(self) -> float:
        """Return the bone age that stands: the clinician's own value where there is one."""
        return self.age_months if self.clinician_months is None else self.clinician_months

    @property
    def assessment(self) -> Assessment | None:
        """Return the final bone age held against the reference of the reading; None where there is none."""
        try:
            return assess(
                REFERENCES[self.reference_key],
                bone_age_months=self.final_months,
                chronological_months=self.chronological_months,
                sex=self.sex,
            )
        except (NoReferenceError, KeyError):
            return None


def new_reading(
    prediction: Prediction,
    *,
    user: str,
    decision: Decision,
    clinician_months: float | None = None,
    reason: str = "",
    sex: Sex | None = None,
    chronological_months: float | None = None,
    study_date: date | None = None,
    patient_hash: str | None = None,
    label: str | None = None,
    radiograph_hash: str = "",
    reference_key: str = "brush",
    now: datetime | None = None,
) -> Reading:
    """Make a reading of a prediction. Raises ReadingError where a modification lacks its value or its reason."""
    modified = decision is Decision.MODIFIED
    if modified and (clinician_months is None or not 0 <= clinician_months <= OLDEST_MONTHS):
        raise ReadingError("Give your own bone age, between 0 and 20 years.")
    if modified and not reason.strip():
        raise ReadingError("Give the reason for your own value; it is kept beside both.")
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    return Reading(
        reading_id=uuid.uuid4().hex,
        read_at=moment.replace(microsecond=moment.microsecond // 1000 * 1000),  # as exact as it is stored
        user=user,
        decision=decision,
        age_months=prediction.age_months,
        low_months=prediction.low_months,
        high_months=prediction.high_months,
        coverage=prediction.coverage,
        model_name=prediction.model_name,
        model_sha256=prediction.model_sha256,
        clinician_months=clinician_months if modified else None,
        reason=" ".join(reason.split())[:LONGEST_REASON] if modified else "",
        sex=sex,
        chronological_months=chronological_months,
        study_date=study_date,
        patient_hash=patient_hash,
        label=label,
        radiograph_hash=radiograph_hash,
        reference_key=reference_key,
        cautions=_sentences(prediction.cautions),
    )


def amended(reading: Reading, *, by: Reading) -> Reading:
    """Return ``by`` as the successor of ``reading``."""
    return replace(by, supersedes=reading.reading_id)


def _sentences(cautions: tuple[str, ...]) -> tuple[str, ...]:
    """Return each caution once and on one line, as it is stored."""
    return tuple(dict.fromkeys(said for caution in cautions if (said := " ".join(caution.split()))))


def has_interval(reading: Reading) -> bool:
    """Whether the model came with measured residuals."""
    return math.isfinite(reading.low_months) and math.isfinite(reading.high_months)
