"""The test as it runs: answers before and after, step by step, stopped by no longer asking."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from tests.trainer.stress.tried import Ruler, cases, change
from trainer.cases import Case
from trainer.errors import DataError
from trainer.events import Preparing
from trainer.preprocess import Canvas
from trainer.stress import Stressed, stress


def _upper_half(canvas: Canvas) -> float:
    return float(canvas[: len(canvas) // 2].mean())


def _only(events: Iterator[Preparing | Stressed]) -> Stressed:
    (row,) = (event for event in events if isinstance(event, Stressed))
    return row


def test_answers_before_and_after_are_of_the_same_cases(tmp_path: Path) -> None:
    changes = [change("mirror"), change("upside down"), change("inversion")]
    found = [row for row in stress(Ruler(_upper_half), cases(tmp_path), changes=changes) if isinstance(row, Stressed)]
    assert [row.change for row in found] == changes
    mirrored, turned, inverted = found
    np.testing.assert_allclose(mirrored.shift, 0, atol=1e-9)
    np.testing.assert_allclose(inverted.shift, 0, atol=1e-9)  # undone on reading
    assert np.abs(turned.shift).min() > 1
    np.testing.assert_array_equal(turned.actual, [100, 101, 102])
    assert (np.diff(turned.before) > 0).all()  # in the order of the cases, which grow brighter


def test_what_is_refused_is_no_answer_and_the_others_count(tmp_path: Path) -> None:
    too_dark = Ruler(_upper_half, refuses=lambda radiograph: bool(radiograph.pixels.max() < 0.35))
    row = _only(stress(too_dark, cases(tmp_path), changes=[change("brightness 50 %")]))
    assert np.isfinite(row.before).all()
    assert np.isfinite(row.after).tolist() == [False, True, True]  # the first is at 0.30, the next at 0.36
    assert row.answered.tolist() == [False, True, True]


def test_an_answer_that_is_no_age_is_a_refusal(tmp_path: Path) -> None:
    too_bright = Ruler(lambda canvas: -1.0 if canvas.max() > 200 else 50.0)
    row = _only(stress(too_bright, cases(tmp_path)[:1], changes=[change("brightness 150 %")]))
    assert row.before.tolist() == [50]
    assert np.isnan(row.after).all()


def test_steps_are_told_and_a_batch_is_bounded(tmp_path: Path) -> None:
    files = cases(tmp_path, 2) * 40
    ruler = Ruler(_upper_half)
    events = list(stress(ruler, files, changes=[change("mirror")], what="small"))
    steps = [event for event in events if isinstance(event, Preparing)]
    assert {step.what for step in steps} == {"small: as they are", "small: mirror"}
    assert [(step.done, step.total) for step in steps[:3]] == [(32, 80), (64, 80), (80, 80)]
    assert max(ruler.asked) == 32
    assert sum(ruler.asked) == 160


def test_it_stops_when_nobody_asks_on(tmp_path: Path) -> None:
    ruler = Ruler(_upper_half)
    run = stress(ruler, cases(tmp_path, 2) * 40)
    list(islice(run, 1))
    run.close()  # type: ignore[attr-defined]
    assert ruler.asked == [32]


def test_the_same_seed_gives_the_same_noise_and_cases_differ(tmp_path: Path) -> None:
    one = cases(tmp_path, 1)[0]
    noise = [change("noise 10 %")]
    runs = [_only(stress(Ruler(_upper_half), [one, one], changes=noise, seed=seed)) for seed in (5, 5, 7)]
    np.testing.assert_array_equal(runs[0].after, runs[1].after)
    assert runs[0].after[0] != runs[0].after[1]
    assert runs[0].after[0] != runs[2].after[0]


def test_cases_of_which_none_can_be_read_are_an_error(tmp_path: Path) -> None:
    gone = Case(case_id="1", image_path=tmp_path / "gone.png", age_months=100)
    with pytest.raises(DataError, match="None of the pictures"):
        list(stress(Ruler(_upper_half), [gone]))
