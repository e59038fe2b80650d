"""Intervals by sex and band of the predicted age: who gets which, made from whom, and how they hold."""

from __future__ import annotations

import numpy as np
import pytest

import resources
from trainer.card import read_card
from trainer.intervals import (
    chosen,
    coverage_lines,
    grouped_quantiles,
    groups_of,
    tried,
)
from trainer.metrics import residual_quantiles

ROW = {"q05": -10.0, "q95": 10.0, "n": 60.0}


@pytest.mark.parametrize(
    ("months", "sex", "hidden", "groups"),
    [
        (0.0, "male", False, ("male, 0-5 y", "0-5 y", "all")),
        (59.9, "female", False, ("female, 0-5 y", "0-5 y", "all")),
        (60.0, "female", False, ("female, 5-9 y", "5-9 y", "all")),
        (179.9, None, False, ("12-15 y", "all")),
        (400.0, "male", False, ("male, 15-19 y", "15-19 y", "all")),
        (120.0, None, True, ("sex not given, 9-12 y", "sex not given", "all")),
    ],
)
def test_groups_go_from_narrow_to_all(months: float, sex: str | None, hidden: bool, groups: tuple[str, ...]) -> None:
    assert groups_of(months, sex, hidden=hidden) == groups


def test_the_narrowest_group_with_an_interval_is_chosen() -> None:
    quantiles = {"all": ROW, "5-9 y": ROW, "male, 5-9 y": ROW, "sex not given": ROW}
    assert chosen(quantiles, 70, "male") == "male, 5-9 y"
    assert chosen(quantiles, 70, "female") == "5-9 y"
    assert chosen(quantiles, 200, "male") == "all"
    assert chosen(quantiles, 70, None, hidden=True) == "sex not given"
    assert chosen({"all": ROW}, 70, None, hidden=True) == "all"


def test_a_group_needs_fifty_cases_and_uses_its_own_alone() -> None:
    rng = np.random.default_rng(0)
    predicted = np.repeat([30.0, 80.0, 200.0], [49, 120, 60])
    actual = predicted + np.concatenate([rng.normal(0, 3, 49), rng.normal(5, 10, 120), rng.normal(-8, 30, 60)])
    sexes = ["male", *["female"] * 48, *["male"] * 50, *["female"] * 70, *["male"] * 30, *["female"] * 30]
    found = grouped_quantiles(predicted, actual, sexes)
    assert list(found) == ["all", "15-19 y", "5-9 y", "female, 5-9 y", "male, 5-9 y"]
    assert found["all"] == residual_quantiles(predicted, actual)
    assert found["male, 5-9 y"] == residual_quantiles(predicted[49:99], actual[49:99])
    assert found["15-19 y"]["n"] == 60
    hidden = grouped_quantiles(predicted, actual, sexes, hidden=True)
    assert list(hidden) == ["sex not given", "sex not given, 15-19 y", "sex not given, 5-9 y"]


def test_each_group_holds_nine_of_ten_where_one_interval_for_all_does_not() -> None:
    """Errors of one band spread six times as far as those of the other."""
    rng = np.random.default_rng(1)

    def cases(count: int) -> tuple[np.ndarray, np.ndarray]:
        predicted = np.repeat([80.0, 200.0], count)
        return predicted, predicted + rng.normal(0, np.repeat([5.0, 30.0], count))

    quantiles = grouped_quantiles(*cases(2000), [None] * 4000)
    predicted, actual = cases(4000)
    rows = tried(quantiles, predicted, actual, [None] * 8000)
    for band in ("5-9 y", "15-19 y"):
        assert rows[band]["test_n"] == 4000
        assert rows[band]["test_covered"] / 4000 == pytest.approx(0.9, abs=0.02)
    assert "test_n" not in rows["all"]
    alone = tried({"all": quantiles["all"]}, predicted[:4000], actual[:4000], [None] * 4000)
    assert alone["all"]["test_covered"] / 4000 > 0.99


def test_what_is_covered_is_counted_by_hand() -> None:
    quantiles = {"all": {"q05": -5.0, "q95": 10.0, "n": 90.0}}
    actual = np.array([95.0, 94.9, 110.0, 110.1])
    rows = tried(quantiles, np.full(4, 100.0), actual, [None] * 4)
    assert (rows["all"]["test_n"], rows["all"]["test_covered"]) == (4, 2)
    (line,) = coverage_lines(rows, 0.9)
    assert line.startswith("90% interval (all): -5.0 to +10.0 months, from 90 validation cases; ")
    assert line.endswith("; held 50.0% (15% to 85%) of 4 held-out cases")


def test_what_all_intervals_held_together_is_said_apart_for_sex_not_given() -> None:
    held = {**ROW, "test_n": 100.0, "test_covered": 90.0}
    lines = coverage_lines({"all": ROW, "5-9 y": held, "9-12 y": held, "sex not given": held}, 0.9)
    assert [line for line in lines if line.startswith("Together")] == [
        "Together, the intervals held 90.0% (85% to 93%) of 200 held-out cases"
    ]
    assert "held" not in lines[0]


@pytest.mark.parametrize("name", resources.model_names())
def test_the_intervals_that_ship_hold_about_nine_of_ten_held_out_ages(name: str) -> None:
    card = read_card(resources.model_path(name))
    rows = card.residual_quantiles
    assert sum(group.endswith(" y") for group in rows) >= 5
    told = [row for group, row in rows.items() if not group.startswith("sex not given") and "test_n" in row]
    count, covered = (sum(row[key] for row in told) for key in ("test_n", "test_covered"))
    assert count == card.metrics["test"]["n"]
    assert 0.88 <= covered / count <= (0.92 if name == resources.DEFAULT_MODEL else 0.93)
    assert all(row["n"] >= 50 for row in rows.values())


def test_the_lines_of_a_card_go_by_age_and_say_whose_is_what_is_left() -> None:
    names = ["all", "12-15 y", "5-9 y", "male, 9-12 y", "female, 12-15 y", "female, 5-9 y", "sex not given"]
    lines = coverage_lines(dict.fromkeys([*names, "sex not given, 9-12 y"], ROW), 0.9)
    assert [line.partition("(")[2].partition(")")[0] for line in lines] == [
        "all, used where no group below fits",
        "5–9 y",
        "12–15 y",
        "female, 5–9 y",
        "female, 12–15 y",
        "male, 9–12 y",
        "sex not given, used where no group below fits",
        "sex not given, 9–12 y",
    ]
    assert coverage_lines({"all": ROW, "sex not given": ROW}, 0.9)[0].startswith("90% interval (all): ")
