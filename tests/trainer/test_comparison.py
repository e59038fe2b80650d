"""Two models on the same cases, against numbers worked by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from trainer.comparison import Compared, Comparison, compare
from trainer.errors import DataError

ACTUAL = np.array([100.0, 110.0, 120.0, 130.0])


def _model(errors: list[float] | np.ndarray, name: str = "a") -> Compared:
    errors = np.asarray(errors, dtype=np.float64)
    actual = np.resize(ACTUAL, len(errors))
    return Compared(name=name, sha256="0" * 64, predicted=actual + errors)


def _compare(new: list[float] | np.ndarray, used: list[float] | np.ndarray, **choices: Any) -> Comparison:
    count = len(new)
    return compare(
        case_ids=[str(index) for index in range(count)],
        actual=np.resize(ACTUAL, count),
        sexes=[("male", "female", None)[index % 3] for index in range(count)],
        new=_model(new, "n"),
        used=_model(used, "u"),
        data="some cases",
        **choices,
    )


def test_the_difference_worked_by_hand() -> None:
    # |errors|: new 1, 2, 3, 4 (mean 2.5); used 5, 2, 1, 6 (mean 3.5).
    found = _compare([1, -2, 3, -4], [-5, 2, 1, 6])
    assert found.difference_months == pytest.approx(-1.0)
    # Case by case -4, 0, 2, -2. The mean of four drawn with replacement is -4 in 1 of 256 draws, and at most -3.5 in
    # 5, -3 in 15 (1 + 4 + 4 + 6): 2.5 % lies between; at the upper end 2 in 1, 1.5 in 4 more, 1 in 10 more.
    assert found.difference_low in (-3.5, -3.0)
    assert found.difference_high in (1.0, 1.5)
    assert found.verdict == "not shown to differ"


def test_pairing_counts() -> None:
    """Both models err alike on each case but for a month: paired, that month is certain; unpaired, it would drown."""
    errors = np.random.default_rng(0).normal(0, 20, 200)
    errors = np.where(np.abs(errors) < 2, 5.0, errors)
    found = _compare(errors - np.sign(errors), errors)
    assert found.difference_months == pytest.approx(-1.0)
    assert (found.difference_low, found.difference_high) == pytest.approx((-1.0, -1.0))
    assert found.verdict == "better"


def test_the_interval_is_the_textbooks_for_many_cases() -> None:
    rng = np.random.default_rng(4)
    new, used = rng.normal(0, 10, 3000), rng.normal(0, 13, 3000)
    found = _compare(new, used)
    each = np.abs(new) - np.abs(used)
    error = each.std() / np.sqrt(len(each))
    assert found.difference_low == pytest.approx(each.mean() - 1.96 * error, abs=0.1 * error)
    assert found.difference_high == pytest.approx(each.mean() + 1.96 * error, abs=0.1 * error)


def test_exchanging_the_models_turns_the_sign() -> None:
    rng = np.random.default_rng(5)
    new, used = rng.normal(0, 10, 300), rng.normal(0, 13, 300)
    there, back = _compare(new, used), _compare(used, new)
    assert (there.verdict, back.verdict) == ("better", "worse")
    assert back.difference_months == pytest.approx(-there.difference_months)
    assert (back.difference_low, back.difference_high) == pytest.approx((-there.difference_high, -there.difference_low))


def test_the_same_seed_gives_the_same_interval() -> None:
    rng = np.random.default_rng(6)
    new, used = rng.normal(0, 10, 50), rng.normal(0, 11, 50)
    first, again, other = (_compare(new, used, seed=seed, resamples=500) for seed in (1, 1, 2))
    assert (first.difference_low, first.difference_high) == (again.difference_low, again.difference_high)
    assert (first.difference_low, first.difference_high) != (other.difference_low, other.difference_high)


def test_a_model_against_itself_is_not_shown_to_differ() -> None:
    found = _compare([1, 2, 3, 4], [1, 2, 3, 4])
    assert (found.difference_low, found.difference_months, found.difference_high) == (0, 0, 0)
    assert found.verdict == "not shown to differ"
    assert "its mean error is the same (95 % interval 0 to 0), on 4" in found.sentence


@pytest.mark.parametrize(
    ("difference", "low", "high", "sentence"),
    [
        (-3.243, -3.857, -2.386, "better: its mean error is 3.2 months smaller (95 % interval 2.4 to 3.9)"),
        (3.243, 2.386, 3.857, "worse: its mean error is 3.2 months larger (95 % interval 2.4 to 3.9)"),
        (
            -0.31,
            -1.12,
            0.52,
            "not shown to differ: its mean error is 0.3 months smaller (95 % interval 1.1 smaller to 0.5 larger)",
        ),
        # A limit that is not 0 is not written as 0: it decides the verdict.
        (-1.0, -2.0, -0.02, "better: its mean error is 1.00 months smaller (95 % interval 0.02 to 2.00)"),
        (-1.0, -2.0, -0.004, "better: its mean error is 1.000 months smaller (95 % interval 0.004 to 2.000)"),
    ],
)
def test_the_verdict_as_a_sentence(difference: float, low: float, high: float, sentence: str) -> None:
    found = _compare([1] * 20, [2] * 20)
    found = replace(found, difference_months=difference, difference_low=low, difference_high=high)
    assert found.sentence == f"The new model is {sentence}, on 20 held-out radiographs."
    assert replace(found, held_out=False).sentence.endswith(" on 20 radiographs.")


def test_fewer_than_twenty_cases_show_no_difference() -> None:
    """Three children of whom each is read a little better are no proof: of equal models that happens in 1 of 8."""
    found = _compare([1] * 19, [2] * 19)
    assert found.difference_high < 0
    assert found.verdict == "not shown to differ"
    assert found.sentence == (
        "The new model is not shown to differ: its mean error is 1.0 months smaller (95 % interval 1.0 smaller to 1.0 "
        "smaller), on 19 held-out radiographs; fewer than 20 cannot show a difference."
    )
    assert _compare([1] * 20, [2] * 20).verdict == "better"


def test_thousands_have_their_comma() -> None:
    assert "on 1,131 held-out radiographs." in _compare([1.0] * 1131, [2.0] * 1131, resamples=10).sentence


def test_the_bootstrap_line_names_both_models_and_the_sign() -> None:
    found = _compare([1, -2, 3, -4], [-5, 2, 1, 6])
    assert found.bootstrap_line.startswith("Mean absolute error, n minus u: -1.000 months, 95 % interval [-3.")
    assert "10,000 resamples" in found.bootstrap_line


def test_the_scores_of_both_by_sex_and_age() -> None:
    found = _compare([1, -2, 3, -4], [-5, 2, 1, 6])
    score = found.score_of(found.used)
    assert score["mae_months"] == 3.5
    assert {name: row["n"] for name, row in score["by_sex"].items()} == {"female": 1, "male": 2, "unknown": 1}
    assert score["by_sex"]["male"]["mae_months"] == 5.5  # cases 0 and 3
    assert {name: row["n"] for name, row in score["by_age"].items()} == {"5-9 y": 1, "9-12 y": 3}


def test_a_comparison_comes_back_from_json() -> None:
    found = _compare([1.234, -2, 3, -4], [-5, 2, 1, 6.00001], held_out=False, cautions=["Mind this."])
    text = json.dumps(found.to_json(), allow_nan=False)
    back = Comparison.from_json(json.loads(text))
    assert back.to_json()["new"] == json.loads(text)["new"]
    for field in ("case_ids", "sexes", "data", "difference_low", "difference_high", "held_out", "cautions", "verdict"):
        assert getattr(back, field) == getattr(found, field)
    assert np.allclose(back.new.predicted, found.new.predicted, atol=0.001)
    assert json.loads(text)["verdict"] == "not shown to differ"
    assert json.loads(text)["new"]["score"]["n"] == 4


def _damaged(change: Callable[[dict[str, Any]], object]) -> Any:
    values = _compare([1, -2, 3, -4], [-5, 2, 1, 6]).to_json()
    change(values)
    return values


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values.pop("actual"),
        lambda values: values.pop("used"),
        lambda values: values.update(actual=[1.0, 2.0]),
        lambda values: values.update(actual=["x"] * 4),
        lambda values: values.update(actual=[100.0, 110.0, 120.0, float("nan")]),
        lambda values: values.update(actual=[100.0, 110.0, 120.0, None]),
        lambda values: values.update(actual=7),
        lambda values: values.update(case_ids=["1"]),
        lambda values: values.update(case_ids=[1, 2, 3, 4]),
        lambda values: values.update(sexes=None),
        lambda values: values.update(sexes=[1, 2, 3, 4]),
        lambda values: values.update(difference_low=None),
        lambda values: values.update(difference_low="low"),
        lambda values: values.update(difference_low=9.0),
        lambda values: values.update(difference_months=-2.0),  # not what the answers say
        lambda values: values.update(data=None),
        lambda values: values.update(cautions=[1]),
        lambda values: values.update(held_out="no"),
        lambda values: values.update(extra=1),
        lambda values: values["new"].update(name=None),
        lambda values: values["new"].update(predicted=[1.0, 2.0, 3.0]),
        lambda values: values["new"].update(predicted=[[1.0] * 4]),
        lambda values: values["new"].update(interval_covered=7),
        lambda values: values["new"].update(interval_covered="all"),
        lambda values: values.update(new=[]),
    ],
)
def test_a_damaged_file_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(DataError, match="not a comparison"):
        Comparison.from_json(_damaged(change))


@pytest.mark.parametrize("values", [None, [], "x", 3, {}])
def test_what_is_no_comparison_at_all_is_refused(values: Any) -> None:
    with pytest.raises(DataError, match="not a comparison"):
        Comparison.from_json(values)


def test_fewer_than_two_cases_are_refused() -> None:
    with pytest.raises(DataError, match="fewer than two"):
        _compare([1.0], [2.0])
