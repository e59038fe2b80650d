"""What is said of the answers: figures worked by hand, verdicts, and cases without an answer."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.trainer.stress.tried import change, stressed
from trainer.errors import DataError
from trainer.stress import Stressed, row_of, steadiness, trial_from_json, trial_of

NAN = float("nan")


def test_a_row_worked_by_hand() -> None:
    # Shifts +10, -20, +1, and errors from 0, 10, 5 to 10, 10, 4.
    row = row_of(stressed([100, 110, 95, NAN, 80], [110, 90, 96, 70, NAN]))
    assert row is not None
    assert (row.name, row.n, row.refused) == ("mirror", 3, 1)
    assert row.shift_months[0] == pytest.approx(-3)
    assert row.absolute_months[0] == pytest.approx(31 / 3)
    assert row.over_12[0] == pytest.approx(1 / 3)
    assert row.mae_months[0] == pytest.approx(8)
    assert row.change_months[0] == pytest.approx(3)
    for value, low, high in (row.shift_months, row.absolute_months, row.over_12, row.mae_months, row.change_months):
        assert low <= value <= high
    assert row.over_12[1:] == pytest.approx((0.0615, 0.7923), abs=1e-3)  # Wilson, 1 of 3
    assert row.to_json()["shift_months"][0] == pytest.approx(-3)


def test_twelve_months_are_not_over_twelve() -> None:
    row = row_of(stressed([100, 100], [112, 112.1]))
    assert row is not None
    assert row.over_12[0] == 0.5


def test_intervals_of_changes_are_paired() -> None:
    """Ages that spread over years but move by exactly 3 months leave no doubt about the 3."""
    before = np.linspace(20, 200, 40)
    row = row_of(stressed(before, before + 3, actual=0))
    assert row is not None
    assert row.shift_months == pytest.approx((3, 3, 3))
    assert row.change_months == pytest.approx((3, 3, 3))
    assert row.mae_months[2] - row.mae_months[1] > 10


def test_ages_that_move_against_each_other_are_told() -> None:
    """The mean of all ages is 0, though no child is read as before."""
    ages = np.repeat([50.0, 200.0, 100.0], [20, 20, 19])  # of the last age too few for a mean of their own
    moved = Stressed(change=change("noise 10 %"), actual=ages, before=ages, after=ages + (125 - ages) / 2.5)
    trial = trial_of([moved, replace(moved, change=change("mirror"), after=ages)], name="new", sha256="a" * 64)
    row = trial.rows[0][1]
    assert row.by_age == {"0-5 y": (30, 30, 30), "15-19 y": (-30, -30, -30)}
    assert trial.sentence.endswith("By age it moves most under noise 10 %, at 0–5 y (+30.0 months, +30.0 to +30.0).")
    assert trial_from_json(json.loads(json.dumps(trial.to_json()))).rows[0][1].by_age == row.by_age


def test_where_nothing_was_answered_there_is_no_row() -> None:
    assert row_of(stressed([100], [NAN])) is None
    assert trial_of([stressed([100], [NAN])], name="a", sha256="").rows == ()


def test_a_trial_names_what_is_beyond_its_aim() -> None:
    small, large = stressed([100] * 20, [105.9] * 20), stressed([100] * 20, [93.9] * 20, name="upside down")
    trial = trial_of([small, large], name="improved", sha256="f" * 64)
    assert trial.beyond_aim == ("upside down",)
    assert trial.raised == ("mirror", "upside down")
    assert trial.sentence.startswith(
        "improved: 1 of 2 transformations move its mean answer by more than 6 months (upside down); 2 of 2 are shown "
        "to raise its error. "
    )
    plain = trial.to_json()
    assert plain["beyond_6_months"] == ["upside down"]
    assert [row["kind"] for row in plain["rows"]] == ["mirror", "upside down"]


@pytest.mark.parametrize(
    ("ours", "verdict", "words"),
    [
        ([1, 1, -1, 1], "steadier", "new is steadier than old: its answers move by 4.00 months less on average"),
        ([9, -9, 9, 9], "less steady", "new is less steady than old: its answers move by 4.00 months more on average"),
        ([1, 9, -1, 9], "not shown to differ", "new and old are not shown to differ in steadiness"),
    ],
)
def test_the_verdict_follows_the_interval(ours: list[float], verdict: str, words: str) -> None:
    shifts = np.array(ours * 5, dtype=np.float64)
    before = np.full(20, 100.0)
    old = [stressed(before, before - 5)]
    found = steadiness([stressed(before, before + shifts)], old, name="new", against="old")
    assert found.verdict == verdict
    assert words in found.sentence
    assert found.n == 20
    assert "20 radiographs" in found.sentence


def test_fewer_than_twenty_cases_show_nothing() -> None:
    before = np.full(19, 100.0)
    ours, others = stressed(before, before + 1), stressed(before, before + 9)
    found = steadiness([ours], [others], name="new", against="old")
    assert found.difference_high < 0
    assert found.verdict == "not shown to differ"
    assert trial_of([others], name="old", sha256="").raised == ()


def test_a_case_counts_with_what_both_models_answered() -> None:
    ours = [stressed([100, 100, 100], [101, NAN, NAN]), stressed([100, 100, 100], [103, 104, NAN], name="upside down")]
    others = [stressed([100, 100, 100], [105, 100, 100]), stressed([100, 100, 100], [103, 102, 1], name="upside down")]
    found = steadiness(ours, others, name="a", against="b")
    # First case: (1 - 5 + 3 - 3) / 2 = -2; second: 4 - 2 = 2; the third has no answer of ours.
    assert found.n == 2
    assert found.difference_months == pytest.approx(0)
    with pytest.raises(DataError, match="no radiograph that both"):
        steadiness([stressed([1], [NAN])], [stressed([1], [2])], name="a", against="b")
    with pytest.raises(ValueError, match="same transformations"):
        steadiness(ours, others[::-1], name="a", against="b")


def test_one_transformation_is_named() -> None:
    one = stressed([100, 90], [101, 90], name="rotation 45°")
    assert steadiness([one], [one], name="a", against="b").over == f"the {change('rotation 45°').name}"
