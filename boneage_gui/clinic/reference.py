"""Reference: how far a bone age may be from the chronological age, by the published tables of its standard deviation.

Nothing is ever extrapolated: where a table has no row for a sex and an age, there is no reference.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from trainer.errors import BoneAgeError
from trainer.prediction import years_and_months
from trainer.radiograph import Sex

NORMAL_SD: Final = 2.0  # beyond it a bone age is called delayed or advanced


class NoReferenceError(BoneAgeError):
    """No statement on a bone age is possible; the text says why."""


class Standing(StrEnum):
    """What a bone age is called beside a chronological age."""

    DELAYED = "delayed"
    NORMAL = "normal"
    ADVANCED = "advanced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One published table: the standard deviation of bone age in months by chronological age in months."""

    key: str  # as it is kept in settings and readings
    name: str
    source: str
    verified: bool  # held against the printed table
    boys: tuple[tuple[float, float], ...]  # (age, standard deviation), ascending
    girls: tuple[tuple[float, float], ...]

    @property
    def shown_name(self) -> str:
        """The name, with a warning where the numbers were not held against print."""
        return self.name if self.verified else f"{self.name}, not verified against print"

    def sd_months(self, *, chronological_months: float, sex: Sex) -> float:
        """Return the standard deviation at an age, linear between rows. Raises NoReferenceError outside the table."""
        rows = self._rows(sex)
        youngest, oldest = rows[0][0], rows[-1][0]
        if not youngest <= chronological_months <= oldest:
            child = "boys" if sex is Sex.MALE else "girls"
            raise NoReferenceError(
                f"No reference: {self.name} covers {child} from {years_and_months(youngest)} to "
                f"{years_and_months(oldest)}."
            )
        above = min(bisect_right(rows, (chronological_months, math.inf)), len(rows) - 1)
        (low_age, low_sd), (high_age, high_sd) = rows[above - 1], rows[above]
        return low_sd + (high_sd - low_sd) * (chronological_months - low_age) / (high_age - low_age)

    def _rows(self, sex: Sex) -> tuple[tuple[float, float], ...]:
        return self.boys if sex is Sex.MALE else self.girls


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A bone age held against a reference."""

    bone_age_months: float
    chronological_months: float
    sex: Sex
    sd_months: float
    reference: Reference

    @property
    def sds(self) -> float:
        """Return the standard deviation score: bone age minus chronological age, in standard deviations."""
        return (self.bone_age_months - self.chronological_months) / self.sd_months

    @property
    def standing(self) -> Standing:
        """Return whether it is delayed, normal or advanced, by more than two standard deviations."""
        if abs(self.sds) <= NORMAL_SD:
            return Standing.NORMAL
        return Standing.ADVANCED if self.sds > 0 else Standing.DELAYED

    @property
    def band_months(self) -> tuple[float, float]:
        """Return the bone ages within two standard deviations of the chronological age; never below birth."""
        reach = NORMAL_SD * self.sd_months
        return max(0.0, self.chronological_months - reach), self.chronological_months + reach

    @property
    def score_in_words(self) -> str:
        """Write the score: "-1.1 SD"."""
        return score_in_words(self.sds, self.standing)

    @property
    def score_on_screen(self) -> str:
        """Write the score with a minus sign."""
        return score_on_screen(self.sds, self.standing)

    @property
    def verdict_in_words(self) -> str:
        """Write the score, what it is called and by which table."""
        called = {
            Standing.NORMAL: "within normal limits",
            Standing.DELAYED: "delayed, more than two SD below the chronological age",
            Standing.ADVANCED: "advanced, more than two SD above the chronological age",
        }[self.standing]
        return f"{self.score_in_words}, {called} ({self.reference.shown_name})"

    @property
    def band_in_words(self) -> str:
        """Write the bone ages within two standard deviations."""
        low, high = self.band_months
        return f"Two-SD band: {years_and_months(low)} to {years_and_months(high)}"

    @property
    def sentence(self) -> str:
        """Write the sentence for the report."""
        child = "boy" if self.sex is Sex.MALE else "girl"
        return (
            f"Bone age {years_and_months(self.bone_age_months)} at a chronological age of "
            f"{years_and_months(self.chronological_months)} ({child}): {self.verdict_in_words}."
        )


def score_in_words(sds: float, standing: str) -> str:
    """Write a score: "-1.1 SD". A score beyond the limit keeps the digits that show it."""
    normal = standing == Standing.NORMAL
    digits = next((digits for digits in (1, 2) if normal or abs(round(sds, digits)) > NORMAL_SD), 3)
    rounded = round(sds, digits)
    return f"{rounded:+.{digits}f} SD" if rounded else "0.0 SD"


def score_on_screen(sds: float, standing: str) -> str:
    """Write a score with a minus sign; on the clipboard and in files the hyphen is safer."""
    return score_in_words(sds, standing).replace("-", "−")


def assess(
    reference: Reference, *, bone_age_months: float, chronological_months: float | None, sex: Sex | None
) -> Assessment:
    """Hold a bone age against a reference. Raises NoReferenceError where sex or age is unknown or outside the table."""
    if sex is None:
        raise NoReferenceError("No reference: choose the sex.")
    if chronological_months is None:
        raise NoReferenceError("No reference: the chronological age is needed.")
    sd = reference.sd_months(chronological_months=chronological_months, sex=sex)
    return Assessment(
        bone_age_months=bone_age_months,
        chronological_months=chronological_months,
        sex=sex,
        sd_months=sd,
        reference=reference,
    )


def _rows(text: str) -> tuple[tuple[tuple[float, float], ...], tuple[tuple[float, float], ...]]:
    """Read "age boys/girls" rows; "-" is an age without a number."""
    boys: list[tuple[float, float]] = []
    girls: list[tuple[float, float]] = []
    for row in text.split(" · "):
        age, _, both = row.strip().partition(" ")
        for side, rows in zip(both.split("/"), (boys, girls), strict=True):
            if side != "-":
                rows.append((float(age), float(side)))
    return tuple(boys), tuple(girls)


_ATLAS: Final = "Greulich WW, Pyle SI. Radiographic Atlas of Skeletal Development of the Hand and Wrist. 2nd ed. 1959"
_BRUSH = _rows(
    "3 .69/.72 · 6 1.13/1.16 · 9 1.43/1.36 · 12 1.97/1.77 · 18 3.52/3.49 · 24 3.92/4.64 · 30 4.52/5.37 · "
    "36 5.08/5.97 · 42 5.40/7.48 · 48 6.66/8.98 · 54 8.36/10.73 · 60 8.79/11.65 · 72 9.17/10.23 · 84 8.91/9.64 · "
    "96 9.10/10.23 · 108 9.00/10.74 · 120 9.79/11.73 · 132 10.09/11.94 · 144 10.38/10.24 · 156 10.44/10.67 · "
    "168 10.72/11.30 · 180 11.32/9.23 · 192 12.86/7.31 · 204 13.05/-"
)
_GREULICH_PYLE = _rows(
    "12 2.1/2.7 · 18 2.7/3.4 · 24 4.0/4.0 · 30 5.4/4.8 · 36 6.0/5.6 · 42 6.6/6.5 · 48 7.0/7.2 · 54 7.8/8.0 · "
    "60 8.4/8.6 · 66 9.1/8.9 · 72 9.3/9.0 · 84 10.1/8.3 · 96 10.8/8.8 · 108 11.0/9.3 · 120 11.4/10.8 · 132 10.5/12.3 · "
    "144 10.4/14.0 · 156 11.1/14.6 · 168 12.0/12.6 · 180 14.2/11.2 · 192 15.1/- · 204 15.4/-"
)
BRUSH: Final = Reference(
    key="brush", name="Brush Foundation", source=_ATLAS, verified=True, boys=_BRUSH[0], girls=_BRUSH[1]
)
GREULICH_PYLE: Final = Reference(
    key="greulich-pyle",
    name="Greulich-Pyle tables V and VI",
    source=_ATLAS,
    verified=False,
    boys=_GREULICH_PYLE[0],
    girls=_GREULICH_PYLE[1],
)
REFERENCES: Final = {reference.key: reference for reference in (BRUSH, GREULICH_PYLE)}
