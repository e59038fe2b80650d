"""Comparison: two models on the same held-out cases, and whether they differ. Ages in months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np

from trainer.errors import DataError
from trainer.metrics import Months, bootstrap_interval

RESAMPLES: Final = 10_000

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

    @property
    def verdict(self) -> Verdict:
        """Say what the interval of the difference allows to say."""
        if self.difference_high < 0:
            return "better"
        return "worse" if self.difference_low > 0 else "not shown to differ"

    def to_json(self) -> dict[str, Any]:
        """Return plain values, as kept in a run folder's ``comparison.json``."""
        plain = asdict(self)
        for values in (plain, plain["new"], plain["used"]):
            for name, value in values.items():
                if isinstance(value, np.ndarray):
                    values[name] = [round(float(months), 3) for months in value]
        return {**plain, "verdict": self.verdict}

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> Comparison:
        """Rebuild a comparison. Raises DataError for anything else."""
        rest = dict(values) if isinstance(values, Mapping) else {}
        rest.pop("verdict", None)
        try:
            rest["actual"] = np.asarray(rest["actual"], dtype=np.float64)
            rest["case_ids"], rest["sexes"] = tuple(rest["case_ids"]), tuple(rest["sexes"])
            for name in ("new", "used"):
                model = dict(rest[name])
                model["predicted"] = np.asarray(model["predicted"], dtype=np.float64)
                rest[name] = Compared(**model)
                if model["predicted"].shape != rest["actual"].shape:
                    raise ValueError("another count of cases")
            return Comparison(**rest)
        except (KeyError, TypeError, ValueError) as error:
            raise DataError("This is not a comparison of two models, or it is damaged.") from error


def compare(
    *,
    case_ids: Sequence[str],
    actual: Months,
    sexes: Sequence[str | None],
    new: Compared,
    used: Compared,
    data: str,
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
    )
