"""Figures: everything drawn is labelled, in place and whole; no screen, no pyplot."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tests.trainer.drawings import a_comparison, a_history
from trainer import figures
from trainer.figures import DARK

ROOT = Path(__file__).parents[2]


def _axes() -> Axes:
    return Figure(figsize=(5, 4), layout="constrained").subplots()


def _texts(axes: Axes) -> list[str]:
    legend = axes.get_legend()
    return [text.get_text() for text in (*axes.texts, *(legend.get_texts() if legend else ()))]


def test_curves_of_one_run_mark_the_best_epoch() -> None:
    axes = _axes()
    figures.draw_curves(axes, [a_history([30.0, 20.0, 25.0], training=[28.0, 15.0, 5.0])])
    by_label = {line.get_label(): line for line in axes.lines}
    assert _points(by_label["validation"]) == [[1, 30.0], [2, 20.0], [3, 25.0]]
    assert _points(by_label["training"]) == [[1, 28.0], [2, 15.0], [3, 5.0]]
    assert by_label["training"].get_linestyle() == "--"
    assert by_label["validation"].get_linestyle() == "-"
    assert _points(by_label["best epoch 2, 20.00 months"]) == [[2, 20.0]]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Epoch", "Mean absolute error, months")


def test_the_best_epoch_of_the_loss_is_the_one_that_is_kept() -> None:
    axes = _axes()
    figures.draw_curves(axes, [a_history([30.0, 20.0, 25.0])], quantity="loss")
    assert axes.get_ylabel() == "Loss, MSE, months²"
    (best,) = [line for line in axes.lines if line.get_label() == "best epoch 2, 20.00 months"]
    assert _points(best) == [[2, 400.0]]
    figures.draw_curves(axes, [a_history([3.0], loss="l1"), a_history([4.0], name="b")], quantity="loss")
    assert axes.get_ylabel() == "Loss, each run in its own unit"


def test_curves_of_several_runs_tell_them_apart() -> None:
    axes = _axes()
    figures.draw_curves(axes, [a_history([9.0, 8.0]), a_history([7.0, 9.0]), a_history([], name="third")], look=DARK)
    assert _texts(axes) == [
        "validation solid, training dashed",
        "run (1): best epoch 2, 8.00 months",
        "run (2): best epoch 1, 7.00 months",
    ]
    colours = {line.get_color() for line in axes.lines if _points(line)}
    assert colours == {DARK.colour(0), DARK.colour(1)}


def test_drawing_again_leaves_nothing_of_before() -> None:
    axes = _axes()
    for count in (1, 5, 0, 3):
        figures.draw_curves(axes, [a_history([10.0] * count)], log=count == 5)
        assert len(axes.lines) == (3 if count else 0)
        assert ("No epoch has ended yet." in _texts(axes)) == (count == 0)
    assert axes.get_yscale() == "linear"
    assert axes.get_ylim()[0] == 0


@pytest.mark.parametrize("log", [False, True])
def test_a_loss_that_is_no_number_leaves_a_gap(log: bool) -> None:
    axes = _axes()
    figures.draw_curves(axes, [a_history([10.0, float("nan"), float("inf"), 0.0, 9.0])], log=log, quantity="loss")
    (line,) = [line for line in axes.lines if line.get_label() == "validation"]
    drawn = [value for _, value in _points(line) if np.isfinite(value)]
    assert drawn == ([100.0, 81.0] if log else [100.0, 0.0, 81.0])
    _rendered(axes)


def test_a_foreign_name_is_no_formula_and_has_an_end() -> None:
    axes = _axes()
    figures.draw_curves(axes, [a_history([3.0], name="$\\frac{"), a_history([3.0], name="x" * 300 + "\n\x1b")])
    _rendered(axes)
    assert max(len(text) for text in _texts(axes)) < 80


def test_agreement_has_equal_axes_in_years_and_its_diagonal() -> None:
    axes = _axes()
    actual = np.array([12.0, 120.0, 216.0])
    figures.draw_agreement(axes, actual, actual + np.array([6.0, -6.0, 12.0]), title="New: a")
    assert axes.get_xlim() == axes.get_ylim() == (0.0, 20.0)
    assert axes.get_aspect() == 1.0
    (diagonal,) = axes.lines
    assert _points(diagonal) == [[0, 0], [20, 20]]
    dots = np.asarray(axes.collections[0].get_offsets())
    assert dots.tolist() == [[1.0, 1.5], [10.0, 9.5], [18.0, 19.0]]
    assert "n = 3, MAE 8.00 months\n95 % interval 6.00 to 12.00 months" in _texts(axes)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Actual age, years", "Predicted age, years")


def test_bland_altman_says_mean_and_limits_with_intervals() -> None:
    axes = _axes()
    actual = np.array([100.0, 100.0, 100.0, 100.0])
    figures.draw_bland_altman(axes, actual, actual + np.array([-2.0, 0.0, 2.0, 4.0]))
    dots = np.asarray(axes.collections[0].get_offsets())
    assert dots[0].tolist() == [198 / 24, -2.0]
    # Mean 1, standard deviation sqrt(20/3) = 2.582: limits 1 ± 5.06. With Student's 3.182 for three degrees of freedom,
    # the mean's interval is ± 3.182 * 2.582 / 2 = 4.11, the limits' ± 3.182 * 2.582 * sqrt(1/4 + 1.96²/6) = 7.77.
    assert _texts(axes) == [
        "+6.1",
        "+1.0",
        "−4.1",
        "n = 4, months (95 % intervals): mean +1.0 (−3.1 to +5.1),\n"
        "95 % limits −4.1 (−11.8 to +3.7) and +6.1 (−1.7 to +13.8)",
    ]
    heights = sorted(_points(line)[0][1] for line in axes.lines)
    assert heights == pytest.approx([1 - 1.96 * 2.58199, 0, 1, 1 + 1.96 * 2.58199], abs=1e-4)


def test_a_model_without_error_has_no_minus_zero() -> None:
    axes = _axes()
    actual = np.array([100.0, 110.0])
    figures.draw_bland_altman(axes, actual, actual - 0.001)
    assert _texts(axes)[0] == "0.0"
    assert not any("−0.0" in text for text in _texts(axes))


def test_a_case_far_out_is_still_on_the_axes() -> None:
    axes = _axes()
    actual, predicted = np.array([10.0, 100.0]), np.array([400.0, 90.0])
    figures.draw_agreement(axes, actual, predicted)
    assert axes.get_ylim()[1] > 400 / 12
    figures.draw_bland_altman(axes, actual, predicted)
    assert axes.get_ylim()[1] > 390


def test_figure_4_is_two_models_on_one_scale() -> None:
    comparison = a_comparison()
    left, right = pair = list(Figure().subplots(1, 2))
    figures.draw_figure_4(pair, comparison)
    assert (left.get_title(loc="left"), right.get_title(loc="left")) == ("In use: baseline", "New: improved")
    assert left.get_xlim() == right.get_xlim()
    assert np.allclose(np.asarray(right.collections[0].get_offsets())[:, 1], comparison.new.predicted / 12)


def test_the_age_histogram_counts_every_case_once() -> None:
    axes = _axes()
    figures.draw_age_histogram(axes, {"female": [12.0, 13.0, 228.0], "male": [11.9], "unknown": []})
    assert sum(patch.get_height() for patch in axes.patches) == 4  # type: ignore[attr-defined]
    assert _texts(axes) == ["girls, 3", "boys, 1"]
    figures.draw_age_histogram(axes, {})
    assert _texts(axes) == ["There are no cases."]


@pytest.mark.parametrize("size_inches", [(8.7, 4.5), (4.4, 3.2), (2.5, 2.1)])
def test_the_legend_of_the_ages_covers_no_bar_and_squeezes_nothing(size_inches: tuple[float, float]) -> None:
    figure = Figure(figsize=size_inches, layout="constrained")
    axes = figure.subplots()
    ages = {"female": [12.0] * 900, "male": [12.0] * 900, "unknown": [12.0] * 40}
    figures.draw_age_histogram(axes, ages)
    _rendered(axes)
    legend = axes.get_legend()
    assert legend is not None
    highest = max(patch.get_window_extent().y1 for patch in axes.patches)
    assert legend.get_window_extent().y0 >= highest
    assert legend.get_window_extent().x1 <= figure.bbox.x1
    assert axes.get_window_extent().width > 0.6 * figure.bbox.width


def test_the_error_by_age_has_its_intervals_and_counts() -> None:
    axes = _axes()
    comparison = a_comparison()
    scores = {model.name: comparison.score_of(model) for model in (comparison.used, comparison.new)}
    figures.draw_error_by_age(axes, scores)
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert [label.split("\n")[0] for label in labels] == ["0–5 y", "5–9 y", "9–12 y", "12–15 y", "15–19 y"]
    assert sum(int(label.split("(")[1].rstrip(")")) for label in labels) == 60
    assert len(axes.containers) == 2


def test_figures_need_no_pyplot_no_torch_and_no_screen() -> None:
    code = (
        "import sys, trainer.figures; from matplotlib.figure import Figure; "
        "trainer.figures.draw_curves(Figure().subplots(), []); "
        "print(sorted({'matplotlib.pyplot', 'torch', 'PySide6'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == "[]"


def _points(line: Line2D) -> list[list[float]]:
    return np.asarray(line.get_xydata()).tolist()


def _rendered(axes: Axes) -> None:
    axes.figure.canvas.draw()
