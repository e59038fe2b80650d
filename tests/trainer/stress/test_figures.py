"""The curves and tables of the stress test: whole, apart, and showing what was measured."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from matplotlib.figure import Figure

from tests.trainer.stress.tried import change
from trainer import figures
from trainer.figures import PRINT
from trainer.stress import TRANSFORMATIONS, Stressed, Trial, trial_of

DAY = date(2026, 1, 2)


def _trial(name: str, *, scale: float = 1.0) -> Trial:
    rng = np.random.default_rng(2)
    before = np.linspace(10, 220, 30)
    rows = [
        Stressed(change=one, actual=before + 4, before=before, after=before + scale * rng.normal(index - 16, 5, 30))
        for index, one in enumerate(TRANSFORMATIONS)
    ]
    return trial_of(rows, name=name, sha256="ab" * 32)


@pytest.mark.parametrize("scale", [0.3, 6.0])
@pytest.mark.parametrize("names", [["improved"], ["baseline", "improved"]])
def test_nothing_on_the_pages_is_cut_off_or_lies_on_another(names: list[str], scale: float) -> None:
    trials = [_trial(name, scale=scale) for name in names]
    sentences = [trial.sentence for trial in trials]
    pages = figures.stress_pages(trials, data="a set", sentences=sentences, cautions=["A caution."], day=DAY)
    assert len(pages) == 1 + len(names)
    for page in pages:
        page.canvas.draw()
        boxes = [text.get_window_extent() for text in page.texts]
        boxes += [box for axes in page.axes if (box := axes.get_tightbbox()) is not None]
        for axes in page.axes:
            words = [text.get_window_extent() for text in axes.texts]
            for index, box in enumerate(words):
                assert not any(box.overlaps(other) for other in words[:index])
        for index, box in enumerate(boxes):
            assert page.bbox.x0 <= box.x0
            assert box.x1 <= page.bbox.x1
            assert not any(box.overlaps(other) for other in boxes[:index])
        feet = " ".join(text.get_text() for text in page.texts)
        assert "Research use, not a medical device." in feet
        assert "2026-01-02" in feet


def test_the_curve_goes_through_what_was_measured_and_through_nothing_at_its_neutral_place() -> None:
    trial = _trial("improved")
    axes = Figure().subplots()
    figures.draw_shifts(axes, trial, "brightness")
    shown = {label.get_text(): place for place, label in enumerate(axes.get_xticklabels())}
    assert list(shown) == ["50", "75", "100", "125", "150"]
    line = axes.containers[0].lines[0]  # type: ignore[attr-defined]
    drawn = dict(zip(line.get_xdata(), line.get_ydata(), strict=True))
    assert drawn[shown["100"]] == 0
    rows = {one.amount: row for one, row in trial.rows if one.kind == "brightness"}
    for amount, row in rows.items():
        assert drawn[shown[f"{amount:g}"]] == pytest.approx(row.shift_months[0])


def test_two_models_are_drawn_to_one_scale() -> None:
    page = figures.stress_pages([_trial("a", scale=0.5), _trial("b", scale=3)], data="a set", day=DAY)[0]
    for left, right in zip(page.axes[::2], page.axes[1::2], strict=True):
        assert left.get_ylim() == right.get_ylim()


def test_what_was_not_tried_is_said() -> None:
    trial = _trial("a")
    few = Trial(name="a", sha256="", rows=tuple(row for row in trial.rows if row[0] == change("mirror")))
    axes = Figure().subplots()
    figures.draw_shifts(axes, few, "noise", look=PRINT)
    assert [text.get_text() for text in axes.texts] == ["Not tried."]


def test_the_table_writes_every_transformation() -> None:
    axes = Figure().subplots()
    figures.draw_stress_table(axes, _trial("a"))
    words = [text.get_text() for text in axes.texts]
    assert [word for word in words if word in {one.name for one in TRANSFORMATIONS}] == [
        one.name for one in TRANSFORMATIONS
    ]
