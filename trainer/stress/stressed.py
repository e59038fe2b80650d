"""Stressed: a model's answers to the same radiographs before and after one transformation. Ages in months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from trainer.metrics import LEAST_TO_TELL, Months, bootstrap_interval, groups_by_age, share_interval
from trainer.stress.transformations import Transformation

FAR_MONTHS: Final = 12.0
LEAST_OF_AN_AGE: Final = 20  # cases, for a mean of their own
Estimate = tuple[float, float, float]  # value, low and high end of the 95 % interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Stressed:
    """The answers, case by case."""

    change: Transformation
    actual: Months  # float64[n]
    before: Months  # float64[n]; nan where the model refused to answer
    after: Months

    @property
    def answered(self) -> npt.NDArray[np.bool_]:
        """Which cases, bool[n], were answered both times."""
        return np.isfinite(self.before) & np.isfinite(self.after)

    @property
    def shift(self) -> Months:
        """How far each answer moved, after minus before, float64[n]; nan where either is missing."""
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class StressRow:
    """What a transformation did to the answers, over the n cases that were answered both times."""

    name: str
    n: int
    refused: int  # answered before the transformation, and not after it
    shift_months: Estimate  # mean of after minus before
    absolute_months: Estimate  # mean of its size
    over_12: Estimate  # share of answers that moved by more than 12 months, 0 to 1
    mae_months: Estimate  # after the transformation
    change_months: Estimate  # of the MAE, after minus before on the same cases
    # Mean shift by age band: a model that sees less leans on the mean age, and the bands then move against each other.
    by_age: Mapping[str, Estimate] = field(default_factory=dict)

    @property
    def raises_error(self) -> bool:
        """Whether it is shown to raise the MAE: enough cases, and the interval of its change above 0."""
        return self.n >= LEAST_TO_TELL and self.change_months[1] > 0

    def to_json(self) -> dict[str, Any]:
        """Return plain values, an estimate as its value, low and high end."""
        values = {name: _plain(value) for name, value in asdict(self).items()}
        return {**values, "by_age": {band: _plain(estimate) for band, estimate in self.by_age.items()}}


def row_of(stressed: Stressed, *, seed: int = 0) -> StressRow | None:
    """Sum up one transformation; None where no case was answered both times.

    Intervals of means: bootstrap over cases, each with its two answers (so changes are paired); of the share: Wilson's.
    """
    kept = stressed.answered
    if not kept.any():
        return None
    shift = stressed.shift[kept]
    before, after = (np.abs(ages[kept] - stressed.actual[kept]) for ages in (stressed.before, stressed.after))
    return StressRow(
        name=stressed.change.name,
        n=int(kept.sum()),
        refused=int((np.isfinite(stressed.before) & ~kept).sum()),
        shift_months=_mean(shift, seed),
        absolute_months=_mean(np.abs(shift), seed),
        over_12=share_interval(int((np.abs(shift) > FAR_MONTHS).sum()), len(shift)),
        mae_months=_mean(after, seed),
        change_months=_mean(after - before, seed),
        by_age={
            band: _mean(shift[own], seed)
            for band, own in groups_by_age(stressed.actual[kept]).items()
            if own.sum() >= LEAST_OF_AN_AGE
        },
    )


def _plain(value: Any) -> Any:
    return [round(end, 4) for end in value] if isinstance(value, tuple) else value


def _mean(values: Months, seed: int) -> Estimate:
    return float(values.mean()), *bootstrap_interval(values, seed=seed)
