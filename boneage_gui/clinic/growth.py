"""Growth of bone age: a patient's readings over time, and how fast bone age moved between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from boneage_gui.clinic.reading import Decision, Reading
from boneage_gui.clinic.reference import Reference
from trainer.radiograph import Sex

LEAST_MONTHS: Final = 3.0  # between two examinations; a rate over less says more about the error than about the child


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthStep:
    """From one reading to the next."""

    earlier: Reading
    later: Reading
    elapsed_months: float
    gained_months: float

    @property
    def years_per_year(self) -> float | None:
        """Return the gain of bone age a year; None over too short a time."""
        return self.gained_months / self.elapsed_months if self.elapsed_months >= LEAST_MONTHS else None


def placed(readings: Sequence[Reading]) -> list[Reading]:
    """Return the readings that have a chronological age, by age."""
    known = [reading for reading in readings if reading.chronological_months is not None]
    return sorted(known, key=lambda reading: (reading.chronological_months or 0.0, reading.read_at))


def growth_steps(readings: Sequence[Reading]) -> list[GrowthStep]:
    """Return the steps between a patient's readings that were confirmed, by chronological age."""
    ordered = placed([reading for reading in readings if reading.decision is not Decision.WAITING])
    return [
        GrowthStep(
            earlier=earlier,
            later=later,
            elapsed_months=(later.chronological_months or 0.0) - (earlier.chronological_months or 0.0),
            gained_months=later.final_months - earlier.final_months,
        )
        for earlier, later in pairwise(ordered)
    ]


def band_rows(reference: Reference, sex: Sex) -> list[tuple[float, float, float]]:
    """Return (chronological age, low, high) of the two-SD band at every row of a table, months."""
    rows = reference.boys if sex is Sex.MALE else reference.girls
    return [(age, max(0.0, age - 2 * sd), age + 2 * sd) for age, sd in rows]


def sex_of(readings: Sequence[Reading]) -> Sex | None:
    """Return the sex of a patient; None where readings do not say or contradict each other."""
    known = {reading.sex for reading in readings if reading.sex is not None}
    return known.pop() if len(known) == 1 else None


def growth_in_words(step: GrowthStep) -> str:
    """Say how fast bone age moved."""
    rate = step.years_per_year
    if rate is None:
        return "too close together for a rate"
    return f"{rate:.1f} years of bone age a year" + (", read by different models" if _models_differ(step) else "")


def _models_differ(step: GrowthStep) -> bool:
    """Whether part of the difference may be that between two models, or a model and a clinician's own eye."""
    own = [reading.clinician_months is not None for reading in (step.earlier, step.later)]
    return not all(own) and step.earlier.model_sha256 != step.later.model_sha256
