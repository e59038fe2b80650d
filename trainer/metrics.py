"""Figures over predicted and actual ages: errors, shares, intervals. All ages in months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Months = npt.NDArray[np.float64]
Chosen = npt.NDArray[np.bool_]
RESAMPLES: Final = 2000
# With fewer cases nothing is said to differ: the bootstrap's interval is too narrow there. Of two models that are
# alike it tells 26 in 100 apart by 3 cases, 12 by 10, 7 by 20, where 5 is meant.
LEAST_TO_TELL: Final = 20
# The age bands that are reported apart, in months: from the first, below the second; 19 years belong to the last.
AGE_BANDS: Final[tuple[tuple[int, int], ...]] = ((0, 60), (60, 108), (108, 144), (144, 180), (180, 229))


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How far predictions are from the labels, over n cases."""

    n: int
    mae_months: float
    mae_low: float  # 95 % interval, bootstrap over cases
    mae_high: float
    rmse_months: float
    bias_months: float  # mean of predicted minus actual
    within_6: float  # share of cases, 0 to 1
    within_12: float
    within_24: float

    def to_json(self) -> dict[str, float | int]:
        """Return plain values, rounded to what they are worth."""
        return {name: value if name == "n" else round(value, 4) for name, value in asdict(self).items()}


def score(predicted: Months, actual: Months, *, seed: int = 0) -> Score:
    """Score predictions against labels, both float[n]; n must be at least one."""
    error = np.asarray(predicted, dtype=np.float64) - np.asarray(actual, dtype=np.float64)
    absolute = np.abs(error)
    low, high = bootstrap_interval(absolute, seed=seed)
    return Score(
        n=len(error),
        mae_months=float(absolute.mean()),
        mae_low=low,
        mae_high=high,
        rmse_months=float(np.sqrt(np.mean(error**2))),
        bias_months=float(error.mean()),
        within_6=float(np.mean(absolute <= 6)),
        within_12=float(np.mean(absolute <= 12)),
        within_24=float(np.mean(absolute <= 24)),
    )


def bootstrap_interval(values: Months, *, seed: int = 0, resamples: int = RESAMPLES) -> tuple[float, float]:
    """Return the 95 % percentile interval of the mean of ``values`` (scipy's bootstrap); of one value, itself twice."""
    if len(values) < 2:
        return float(values[0]), float(values[0])
    from scipy.stats import bootstrap

    if np.ptp(values) == 0:
        return float(values[0]), float(values[0])
    result = bootstrap(
        (values,),
        np.mean,
        n_resamples=resamples,
        batch=100,
        method="percentile",
        rng=np.random.default_rng(seed),
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)


def score_in_full(predicted: Months, actual: Months, sexes: Sequence[str | None], *, seed: int = 0) -> dict[str, Any]:
    """Return the whole score with ``by_sex`` and ``by_age`` (bands in years), as plain values."""
    whole: dict[str, Any] = {**score(predicted, actual, seed=seed).to_json()}
    whole["spearman"] = rank_correlation(predicted, actual)
    for name, groups in (("by_sex", groups_by_sex(sexes)), ("by_age", groups_by_age(actual))):
        whole[name] = {
            group: score(predicted[chosen], actual[chosen], seed=seed).to_json() for group, chosen in groups.items()
        }
    return whole


def groups_by_sex(sexes: Sequence[str | None]) -> dict[str, Chosen]:
    """Return which cases, bool[n], are of which sex: female, male, unknown, where there are any."""
    sex = np.array([str(value) if value else "unknown" for value in sexes])
    return {name: sex == name for name in sorted(set(sex.tolist()))}


def groups_by_age(actual: Months) -> dict[str, Chosen]:
    """Return which cases, bool[n], lie in which age band, such as "5-9 y", where there are any."""
    bands = {f"{low // 12}-{high // 12} y": (actual >= low) & (actual < high) for low, high in AGE_BANDS}
    return {name: chosen for name, chosen in bands.items() if chosen.any()}


def intervals(predicted: Months, actual: Months, *, seed: int = 0) -> dict[str, tuple[float, float, float]]:
    """Return value, low and high end of the 95 % interval of every figure of a score.

    Bootstrap over cases for ``mae_months``, ``rmse_months``, ``bias_months``; Wilson's interval for the shares
    ``within_6``, ``within_12``, ``within_24`` (0 to 1).
    """
    whole = score(predicted, actual, seed=seed)
    error = np.asarray(predicted, dtype=np.float64) - np.asarray(actual, dtype=np.float64)
    squares = bootstrap_interval(error**2, seed=seed)
    found = {
        "mae_months": (whole.mae_months, whole.mae_low, whole.mae_high),
        "rmse_months": (whole.rmse_months, float(np.sqrt(squares[0])), float(np.sqrt(squares[1]))),
        "bias_months": (whole.bias_months, *bootstrap_interval(error, seed=seed)),
    }
    for months in (6, 12, 24):
        found[f"within_{months}"] = share_interval(int(np.sum(np.abs(error) <= months)), whole.n)
    return found


def share_interval(count: int, of: int) -> tuple[float, float, float]:
    """Return the share ``count`` of ``of``, 0 to 1, with the low and high end of Wilson's 95 % interval."""
    from scipy.stats import binomtest

    interval = binomtest(count, of).proportion_ci(method="wilson")
    return count / of, float(interval.low), float(interval.high)


def rank_correlation(predicted: Months, actual: Months) -> float | None:
    """Return Spearman's rank correlation, -1 to 1, how well the order is kept; None where either is all one value."""
    if np.ptp(predicted) == 0 or np.ptp(actual) == 0:
        return None
    from scipy.stats import spearmanr

    return round(float(spearmanr(predicted, actual).statistic), 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bland and Altman's mean difference and 95 % limits of agreement, months, each with its 95 % interval."""

    mean_months: float
    mean_interval: tuple[float, float]
    lower_months: float
    lower_interval: tuple[float, float]
    upper_months: float
    upper_interval: tuple[float, float]


def limits_of_agreement(predicted: Months, actual: Months) -> Limits:
    """Return mean and limits (1.96 standard deviations to either side) of predicted minus actual; of one case, itself.

    Intervals after Bland and Altman 1999 (Stat Methods Med Res 8:135), section 2.1, with Student's quantile.
    """
    from scipy.stats import t

    difference = np.asarray(predicted, dtype=np.float64) - np.asarray(actual, dtype=np.float64)
    n, mean = len(difference), float(difference.mean())
    spread = float(difference.std(ddof=1)) if n > 1 else 0.0
    quantile = float(t.ppf(0.975, n - 1)) if n > 1 else 0.0
    of_mean = quantile * spread / np.sqrt(n)
    of_limit = quantile * spread * np.sqrt(1 / n + 1.96**2 / (2 * max(1, n - 1)))
    lower, upper = mean - 1.96 * spread, mean + 1.96 * spread
    return Limits(
        mean_months=mean,
        mean_interval=(float(mean - of_mean), float(mean + of_mean)),
        lower_months=lower,
        lower_interval=(float(lower - of_limit), float(lower + of_limit)),
        upper_months=upper,
        upper_interval=(float(upper - of_limit), float(upper + of_limit)),
    )


def residual_quantiles(predicted: Months, actual: Months) -> Mapping[str, float]:
    """Return the 5th and 95th percentile of actual minus predicted, widened for a finite sample.

    Added to a prediction they give its 90 % interval. Split-conformal ranks: with n residuals, a new case falls below
    the i-th smallest or above the j-th largest in (i + j) of n + 1 cases. i + j is floor(0.1 (n + 1)), so that it falls
    inside with at least 90 % on average; halved for each end, of an odd number the larger half above. Below 19 cases
    no interval with two ends holds that: an empty mapping.
    """
    residuals = np.sort(np.asarray(actual) - np.asarray(predicted))
    outside = (len(residuals) + 1) // 10
    if outside < 2:
        return {}
    below = outside // 2
    above = outside - below
    return {"q05": float(residuals[below - 1]), "q95": float(residuals[-above]), "n": float(len(residuals))}
