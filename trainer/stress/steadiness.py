"""Steadiness: which of two models moves its answers less when the same radiographs are transformed."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from trainer.counted import counted
from trainer.errors import DataError
from trainer.metrics import LEAST_TO_TELL, Months, bootstrap_interval
from trainer.stress.stressed import Stressed

Verdict = Literal["steadier", "less steady", "not shown to differ"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steadiness:
    """One model against another; differences are of the mean absolute shift, so below 0 the first is steadier."""

    name: str
    against: str
    over: str  # what was done to the radiographs: a transformation's name, or how many there were
    n: int
    difference_months: float
    difference_low: float  # 95 % interval, paired bootstrap over cases
    difference_high: float

    @property
    def verdict(self) -> Verdict:
        """Say what the interval allows to say."""
        if self.n < LEAST_TO_TELL:
            return "not shown to differ"
        if self.difference_high < 0:
            return "steadier"
        return "less steady" if self.difference_low > 0 else "not shown to differ"

    @property
    def sentence(self) -> str:
        """The verdict with its numbers."""
        low, high, value = self.difference_low, self.difference_high, self.difference_months
        if self.verdict == "not shown to differ":
            interval = f"{value:+.2f} months (95 % interval {low:+.2f} to {high:+.2f})".replace("-", "−")
            return (
                f"{self.name} and {self.against} are not shown to differ in steadiness: the mean absolute shift "
                f"differs by {interval}, over {self.over} of {counted(self.n, 'radiograph')}."
            )
        ends = sorted((abs(low), abs(high)))
        return (
            f"{self.name} is {self.verdict} than {self.against}: its answers move by {abs(value):.2f} months "
            f"{'less' if value < 0 else 'more'} on average (95 % interval {ends[0]:.2f} to {ends[1]:.2f}), over "
            f"{self.over} of {counted(self.n, 'radiograph')}."
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        numbers = (self.difference_months, self.difference_low, self.difference_high)
        return {
            "over": self.over,
            "n": self.n,
            "difference_months": [round(number, 4) for number in numbers],
            "verdict": self.verdict,
        }


def steadiness(
    ours: Sequence[Stressed], others: Sequence[Stressed], *, name: str, against: str, seed: int = 0
) -> Steadiness:
    """Compare two models over transformations of the same cases: the mean of each case's absolute shifts.

    A case counts with the transformations that both models answered. Raises DataError where there is no such case.
    """
    if [row.change for row in ours] != [row.change for row in others]:
        raise ValueError("both models must have met the same transformations")
    apart = np.array([np.abs(one.shift) - np.abs(other.shift) for one, other in zip(ours, others, strict=True)])
    difference = _mean_of_cases(apart)
    if not len(difference):
        raise DataError("There is no radiograph that both models answered before and after a transformation.")
    low, high = bootstrap_interval(difference, seed=seed)
    return Steadiness(
        name=name,
        against=against,
        over=f"the {ours[0].change.name}" if len(ours) == 1 else f"{len(ours)} transformations",
        n=len(difference),
        difference_months=float(difference.mean()),
        difference_low=low,
        difference_high=high,
    )


def _mean_of_cases(values: Months) -> Months:
    """Return the mean over transformations, float64[cases], of the cases that have any."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a case without any: its mean is nan, and left out
        means = np.nanmean(values, axis=0)
    return np.asarray(means[np.isfinite(means)], dtype=np.float64)
