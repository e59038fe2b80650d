"""Comparison: two models on the same held-out cases, and whether they differ. Ages in months."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np

from trainer.errors import DataError
from trainer.metrics import LEAST_TO_TELL, Months, bootstrap_interval, score_in_full
from trainer.plain_values import need

RESAMPLES: Final = 10_000
ROUNDED_MONTHS: Final = 0.002  # what rounding to a thousandth may change

Verdict = Literal["better", "worse", "not shown to differ"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One model's answers to the cases of a comparison."""

    name: str
    sha256: str  # of the weights
    predicted: Months  # float64[n]
    interval_covered: float | None = None  # share of cases whose age lay in the interval given


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A new model against the one in use, case by case; differences are new minus used, so below 0 is better."""

    case_ids: tuple[str, ...]
    actual: Months  # float64[n]
    sexes: tuple[str | None, ...]
    new: Compared
    used: Compared
    data: str  # what the cases are, in words
    difference_months: float  # MAE(new) - MAE(used)
    difference_low: float  # 95 % interval, paired bootstrap over cases
    difference_high: float
    resamples: int
    seed: int
    held_out: bool = True  # whether it is known that neither model was trained on any of the cases
    cautions: tuple[str, ...] = ()  # sentences that belong beside the verdict

    @property
    def verdict(self) -> Verdict:
        """Say what the interval of the difference allows to say."""
        if self.is_small:
            return "not shown to differ"
        if self.difference_high < 0:
            return "better"
        return "worse" if self.difference_low > 0 else "not shown to differ"

    @property
    def is_small(self) -> bool:
        """Whether there are too few cases to tell any two models apart."""
        return len(self.actual) < LEAST_TO_TELL

    @property
    def sentence(self) -> str:
        """The verdict as a sentence for the user, with its numbers."""
        low, high, value = self.difference_low, self.difference_high, self.difference_months
        digits = _digits(low, high, value)
        if self.verdict == "not shown to differ":
            interval = f"{_directed(low, digits)} to {_directed(high, digits)}"
        else:
            ends = sorted((abs(low), abs(high)))
            interval = f"{ends[0]:.{digits}f} to {ends[1]:.{digits}f}"
        size = _directed(value, digits, unit=" months") if value else "the same"
        kind = "held-out radiographs" if self.held_out else "radiographs"
        few = f"; fewer than {LEAST_TO_TELL} cannot show a difference" if self.is_small else ""
        return (
            f"The new model is {self.verdict}: its mean error is {size} (95 % interval {interval}), "
            f"on {len(self.actual):,} {kind}{few}."
        )

    @property
    def bootstrap_line(self) -> str:
        """The paper's statistic as it is printed there: new minus used, months."""
        return (
            f"Mean absolute error, {self.new.name} minus {self.used.name}: {self.difference_months:.3f} months, 95 % "
            f"interval [{self.difference_low:.3f}, {self.difference_high:.3f}] (paired bootstrap, "
            f"{self.resamples:,} resamples)"
        )

    def score_of(self, model: Compared) -> dict[str, Any]:
        """Return a model's whole score with ``by_sex`` and ``by_age``, as ``metrics.score_in_full`` gives it."""
        return score_in_full(model.predicted, self.actual, self.sexes)

    def to_json(self) -> dict[str, Any]:
        """Return plain values, as kept in a run folder's ``comparison.json``, with both scores."""
        plain = asdict(self)
        for name in ("new", "used"):
            plain[name]["predicted"] = _rounded(plain[name]["predicted"])
            plain[name]["score"] = self.score_of(getattr(self, name))
        plain["actual"] = _rounded(self.actual)
        return {**plain, "verdict": self.verdict, "sentence": self.sentence}

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> Comparison:
        """Rebuild a comparison. Raises DataError for anything else."""
        try:
            rest = {name: value for name, value in values.items() if name not in ("verdict", "sentence")}
            rest["actual"] = np.asarray(rest["actual"], dtype=np.float64)
            for name in ("case_ids", "sexes", "cautions"):
                rest[name] = tuple(rest.get(name, ()))
            for name in ("new", "used"):
                model = {key: value for key, value in rest[name].items() if key != "score"}
                model["predicted"] = np.asarray(model["predicted"], dtype=np.float64)
                rest[name] = Compared(**model)
            comparison = Comparison(**rest)
            _check(comparison)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise DataError("This is not a comparison of two models, or it is damaged.") from error
        return comparison


def compare(
    *,
    case_ids: Sequence[str],
    actual: Months,
    sexes: Sequence[str | None],
    new: Compared,
    used: Compared,
    data: str,
    held_out: bool = True,
    cautions: Sequence[str] = (),
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """Compare two models by the paper's statistic: the paired bootstrap of the difference in MAE (scipy's).

    Both models answered the same cases, float64[n] each. Raises DataError under two cases.
    """
    if len(actual) < 2:
        raise DataError("Two models cannot be compared on fewer than two cases.")
    difference = np.abs(new.predicted - actual) - np.abs(used.predicted - actual)
    low, high = bootstrap_interval(difference, seed=seed, resamples=resamples)
    return Comparison(
        case_ids=tuple(case_ids),
        actual=actual,
        sexes=tuple(sexes),
        new=new,
        used=used,
        data=data,
        difference_months=float(difference.mean()),
        difference_low=low,
        difference_high=high,
        resamples=resamples,
        seed=seed,
        held_out=held_out,
        cautions=tuple(cautions),
    )


def _check(comparison: Comparison) -> None:
    """Raise ValueError for values that could not come from ``compare``: a file damaged, or changed by hand."""
    count, numbers = len(comparison.actual), [comparison.actual]
    for model in (comparison.new, comparison.used):
        need(isinstance(model.name, str) and isinstance(model.sha256, str))
        need(model.interval_covered is None or 0 <= model.interval_covered <= 1)
        numbers.append(model.predicted)
    need(count >= 2 and len(comparison.case_ids) == len(comparison.sexes) == count)
    need(all(values.shape == (count,) and bool(np.isfinite(values).all()) for values in numbers))
    need(all(isinstance(text, str) for text in (*comparison.case_ids, *comparison.cautions, comparison.data)))
    need(all(sex is None or isinstance(sex, str) for sex in comparison.sexes))
    need(isinstance(comparison.held_out, bool) and isinstance(comparison.resamples, int))
    low, high = float(comparison.difference_low), float(comparison.difference_high)
    need(math.isfinite(low) and math.isfinite(high) and low <= high)
    errors = [np.abs(model.predicted - comparison.actual) for model in (comparison.new, comparison.used)]
    need(abs(float(np.mean(errors[0] - errors[1])) - comparison.difference_months) <= ROUNDED_MONTHS)


def _rounded(values: Months) -> list[float]:
    return [round(float(months), 3) for months in values]


def _directed(difference: float, digits: int, *, unit: str = "") -> str:
    """Write a difference as its size and direction, such as "0.3 months smaller"."""
    if difference == 0:
        return "0"
    return f"{abs(difference):.{digits}f}{unit} {'smaller' if difference < 0 else 'larger'}"


def _digits(*values: float) -> int:
    """Return how many digits keep every value but 0 itself from being written as 0: one at the least, three at most."""
    return next((digits for digits in (1, 2) if all(round(abs(value), digits) for value in values if value)), 3)
