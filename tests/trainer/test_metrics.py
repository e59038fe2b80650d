"""Figures over predicted and actual ages, against numbers worked by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from trainer.metrics import (
    bootstrap_interval,
    groups_by_age,
    intervals,
    limits_of_agreement,
    rank_correlation,
    residual_quantiles,
    score,
    score_in_full,
)

ACTUAL = np.array([100.0, 100.0, 100.0, 100.0])
PREDICTED = np.array([106.0, 88.0, 100.0, 125.0])  # errors 6, -12, 0, 25


def test_a_score_worked_by_hand() -> None:
    result = score(PREDICTED, ACTUAL)
    assert result.n == 4
    assert result.mae_months == pytest.approx(43 / 4)
    assert result.rmse_months == pytest.approx(np.sqrt((36 + 144 + 625) / 4))
    assert result.bias_months == pytest.approx(19 / 4)  # positive: read too old
    assert (result.within_6, result.within_12, result.within_24) == (0.5, 0.75, 0.75)
    assert result.mae_low <= result.mae_months <= result.mae_high


def test_the_shares_and_bands_hold_their_ends() -> None:
    errors = np.array([6.0, -6.01, 12.0, 12.01, -24.0, 24.01])
    result = score(100 + errors, np.full(6, 100.0))
    assert (result.within_6, result.within_12, result.within_24) == (1 / 6, 3 / 6, 5 / 6)
    ages = np.array([0.0, 59.9, 60.0, 107.9, 108.0, 143.9, 144.0, 179.9, 180.0, 228.0])
    bands = groups_by_age(ages)
    assert {name: ages[chosen].tolist() for name, chosen in bands.items()} == {
        "0-5 y": [0.0, 59.9],
        "5-9 y": [60.0, 107.9],
        "9-12 y": [108.0, 143.9],
        "12-15 y": [144.0, 179.9],
        "15-19 y": [180.0, 228.0],
    }


def test_one_case_has_an_interval_of_no_width() -> None:
    result = score(np.array([90.0]), np.array([100.0]))
    assert (result.mae_months, result.mae_low, result.mae_high) == (10.0, 10.0, 10.0)
    assert result.bias_months == -10.0
    same = score(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    assert (same.mae_low, same.mae_high) == (2.0, 2.0)


def test_the_bootstrap_interval_is_that_of_the_mean() -> None:
    """For many values it is the textbook interval, mean +- 1.96 standard errors, to a few hundredths of it."""
    values = np.random.default_rng(1).exponential(10.0, 4000)
    low, high = bootstrap_interval(values)
    error = values.std() / np.sqrt(len(values))
    assert low == pytest.approx(values.mean() - 1.96 * error, abs=0.15 * error)
    assert high == pytest.approx(values.mean() + 1.96 * error, abs=0.15 * error)


def test_the_bootstrap_is_the_same_every_time() -> None:
    values = np.random.default_rng(2).normal(0, 1, 50)
    assert bootstrap_interval(values, seed=3) == bootstrap_interval(values, seed=3)
    assert bootstrap_interval(values, seed=3) != bootstrap_interval(values, seed=4)


def test_the_whole_score_by_sex_and_age() -> None:
    actual = np.array([59.9, 60.0, 150.0, 228.0])
    predicted = actual + np.array([1.0, -2.0, 3.0, -4.0])
    full = score_in_full(predicted, actual, ["female", "male", None, "male"])
    assert {name: row["n"] for name, row in full["by_sex"].items()} == {"female": 1, "male": 2, "unknown": 1}
    assert full["by_sex"]["male"]["mae_months"] == 3.0
    assert {name: row["n"] for name, row in full["by_age"].items()} == {
        "0-5 y": 1,
        "5-9 y": 1,
        "12-15 y": 1,
        "15-19 y": 1,
    }
    assert full["n"] == 4
    assert full["mae_months"] == 2.5
    assert json.loads(json.dumps(full, allow_nan=False)) == full


@pytest.mark.parametrize(
    ("n", "below", "above"),
    [(19, 1, 1), (20, 1, 1), (29, 1, 2), (39, 2, 2), (57, 2, 3), (99, 5, 5), (100, 5, 5), (109, 5, 6), (199, 10, 10)],
)
def test_residual_quantiles_take_the_ranks_of_the_conformal_rule(n: int, below: int, above: int) -> None:
    """What lies outside is as much as the promise allows: of 57, five and not four, which would hold 93 %."""
    residuals = np.random.default_rng(n).permutation(np.arange(1.0, n + 1))  # sorted: 1, 2, ... n
    found = residual_quantiles(np.zeros(n), residuals)
    assert found == {"q05": float(below), "q95": float(n + 1 - above), "n": float(n)}


def test_residuals_are_actual_minus_predicted() -> None:
    found = residual_quantiles(np.full(50, 100.0), np.full(50, 110.0))
    assert (found["q05"], found["q95"]) == (10.0, 10.0)


@pytest.mark.parametrize("n", [19, 57, 200])
def test_the_interval_holds_nine_in_ten_of_new_cases(n: int) -> None:
    rng = np.random.default_rng(5)
    rounds, held = 1500, 0
    for _ in range(rounds):
        found = residual_quantiles(np.zeros(n), rng.gamma(2.0, 8.0, n) - 12.0)
        held += found["q05"] <= rng.gamma(2.0, 8.0) - 12.0 <= found["q95"]
    assert 0.88 < held / rounds < 0.935


@pytest.mark.parametrize("n", [0, 3, 12, 18])
def test_too_few_residuals_give_no_interval(n: int) -> None:
    """From the least to the largest of twelve holds 84 % of new cases, not 90 %."""
    assert residual_quantiles(np.zeros(n), np.arange(float(n))) == {}


def test_rank_correlation_looks_at_the_order_alone() -> None:
    actual = np.array([10.0, 20.0, 30.0, 40.0])
    assert rank_correlation(actual**3, actual) == 1.0
    assert rank_correlation(-actual, actual) == -1.0
    # One neighbouring pair exchanged: 1 - 6 (1 + 1) / (4 (16 - 1)) = 0.8.
    assert rank_correlation(np.array([1.0, 3.0, 2.0, 4.0]), actual) == 0.8
    assert rank_correlation(np.full(4, 7.0), actual) is None


def test_every_figure_of_a_score_has_its_interval() -> None:
    found = intervals(PREDICTED, ACTUAL)
    whole = score(PREDICTED, ACTUAL)
    assert found["mae_months"] == (whole.mae_months, whole.mae_low, whole.mae_high)
    assert found["rmse_months"][0] == pytest.approx(whole.rmse_months)
    assert found["bias_months"][0] == pytest.approx(whole.bias_months)
    assert [found[f"within_{months}"][0] for months in (6, 12, 24)] == [0.5, 0.75, 0.75]
    # Wilson's interval of 2 in 4: (0.5 + z²/8 ± z sqrt(1/16 + z²/64)) / (1 + z²/4), z = 1.96: 0.15 to 0.85.
    assert found["within_6"][1:] == pytest.approx((0.150, 0.850), abs=0.001)
    for value, low, high in found.values():
        assert low <= value <= high


def test_limits_of_agreement_worked_by_hand() -> None:
    found = limits_of_agreement(np.array([-2.0, 0.0, 2.0, 4.0]), np.zeros(4))
    spread = np.sqrt(20 / 3)
    assert found.mean_months == 1.0
    assert (found.lower_months, found.upper_months) == pytest.approx((1 - 1.96 * spread, 1 + 1.96 * spread))
    assert found.mean_interval[1] - 1.0 == pytest.approx(3.182446 * spread / 2)
    of_limit = 3.182446 * spread * np.sqrt(1 / 4 + 1.96**2 / 6)
    assert found.upper_interval == pytest.approx((found.upper_months - of_limit, found.upper_months + of_limit))
    assert found.lower_interval == pytest.approx((found.lower_months - of_limit, found.lower_months + of_limit))
    alone = limits_of_agreement(np.array([5.0]), np.array([2.0]))
    assert (alone.mean_months, alone.lower_months, alone.upper_interval) == (3.0, 3.0, (3.0, 3.0))
