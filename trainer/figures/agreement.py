"""Agreement of predicted with actual ages: the paper's figure 4, and Bland and Altman's plot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator

from trainer.comparison import Compared, Comparison
from trainer.figures.look import LIGHT, Look, dress, explain, plain, subtitle
from trainer.metrics import Months, limits_of_agreement, score
from trainer.score_rows import signed

YEAR_STEP = 3


def draw_agreement(
    axes: Axes,
    actual: Months,
    predicted: Months,
    *,
    title: str = "Predicted against actual age",
    look: Look = LIGHT,
    colour: int = 0,
    upper_years: float | None = None,
) -> None:
    """Draw predicted against actual age, float[n] months each, in years on equal axes with the diagonal.

    ``colour`` is an index into the look's series; ``upper_years`` the end of both axes, else as far as the ages go.
    """
    axes.clear()
    dress(axes, look, title=title, x_label="Actual age, years", y_label="Predicted age, years")
    upper = upper_years or _upper_years(actual, predicted)
    axes.plot([0, upper], [0, upper], color=look.text, linewidth=0.9, linestyle=(0, (4, 2)), label="predicted = actual")
    _draw_dots(axes, actual / 12, predicted / 12, look.colour(colour))
    axes.set_aspect("equal", adjustable="box")
    axes.set_xlim(0, upper)
    axes.set_ylim(0, upper)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MultipleLocator(YEAR_STEP if upper <= 24 else 12))
    whole = score(predicted, actual)
    subtitle(
        axes,
        look,
        (
            f"n = {whole.n:,}, MAE {whole.mae_months:.2f} months",
            f"95 % interval {whole.mae_low:.2f} to {whole.mae_high:.2f} months" if whole.n > 1 else "of one radiograph",
        ),
    )
    explain(axes, look, loc="lower right")


def draw_bland_altman(
    axes: Axes,
    actual: Months,
    predicted: Months,
    *,
    title: str = "Bland–Altman",
    look: Look = LIGHT,
    colour: int = 0,
    reach_months: float | None = None,
) -> None:
    """Draw predicted minus actual, months, over their mean, years, with the mean difference and limits of agreement.

    ``reach_months`` is how far the vertical axis goes to either side, else as far as the differences.
    """
    axes.clear()
    dress(
        axes,
        look,
        title=title,
        x_label="Mean of predicted and actual age, years",
        y_label="Predicted minus actual, months",
    )
    difference, middle = predicted - actual, (predicted + actual) / 24
    _draw_dots(axes, middle, difference, look.colour(colour))
    axes.axhline(0, color=look.muted, linewidth=0.8)
    reach = reach_months or reach_of(actual, predicted)
    axes.set_ylim(-reach, reach)
    axes.set_xlim(0, _upper_years(actual, predicted))
    axes.xaxis.set_major_locator(MultipleLocator(YEAR_STEP))
    limits = limits_of_agreement(predicted, actual)
    for value, (low, high), style in (
        (limits.upper_months, limits.upper_interval, (0, (4, 2))),
        (limits.mean_months, limits.mean_interval, "-"),
        (limits.lower_months, limits.lower_interval, (0, (4, 2))),
    ):
        axes.axhline(value, color=look.text, linewidth=1.1, linestyle=style)
        axes.axhspan(low, high, color=look.text, alpha=0.12, linewidth=0)
        axes.annotate(  # beside the plot: inside it would cover cases
            signed(value),
            xy=(1, value),
            xycoords=axes.get_yaxis_transform(),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            color=look.text,
            fontsize=look.text_pt - 1,
        )
    mean, lower, upper = (
        f"{signed(value)} ({signed(low)} to {signed(high)})"
        for value, (low, high) in (
            (limits.mean_months, limits.mean_interval),
            (limits.lower_months, limits.lower_interval),
            (limits.upper_months, limits.upper_interval),
        )
    )
    first = f"n = {len(actual):,}, months (95 % intervals): mean {mean},"
    subtitle(axes, look, (first, f"95 % limits {lower} and {upper}"))


def draw_figure_4(pair: Sequence[Axes], comparison: Comparison, *, look: Look = LIGHT) -> None:
    """Draw the paper's figure 4 on two axes: the model in use on the left, the new one on the right, same scale."""
    both = np.concatenate([comparison.used.predicted, comparison.new.predicted])
    upper = _upper_years(comparison.actual, both)
    for index, (axes, (role, model)) in enumerate(zip(pair, roles(comparison), strict=True)):
        draw_agreement(
            axes,
            comparison.actual,
            model.predicted,
            title=f"{role}: {plain(model.name, 32)}",
            look=look,
            colour=index,
            upper_years=upper,
        )


def draw_bland_altman_pair(pair: Sequence[Axes], comparison: Comparison, *, look: Look = LIGHT) -> None:
    """Draw Bland and Altman's plot of both models on two axes, in the order of figure 4, same scale."""
    reach = reach_of(comparison.actual, comparison.new.predicted, comparison.used.predicted)
    for index, (axes, (role, model)) in enumerate(zip(pair, roles(comparison), strict=True)):
        draw_bland_altman(
            axes,
            comparison.actual,
            model.predicted,
            title=f"Bland–Altman, {role.lower()}: {plain(model.name, 24)}",
            look=look,
            colour=index,
            reach_months=reach,
        )


def roles(comparison: Comparison) -> tuple[tuple[str, Compared], tuple[str, Compared]]:
    """Return both models in the order of drawing, with what they are: the one in use first, as in the paper."""
    return ("In use", comparison.used), ("New", comparison.new)


def reach_of(actual: Months, *predictions: Months) -> float:
    """Return how far a vertical axis must go to either side of 0 for every difference and limit, months."""
    ends = [12.0]
    for predicted in predictions:
        limits = limits_of_agreement(predicted, actual)
        ends += [float(np.abs(predicted - actual).max()), abs(limits.lower_months), abs(limits.upper_months)]
    return max(ends) * 1.08


def _upper_years(actual: Months, predicted: Months) -> float:
    """Return the end of an age axis: a whole number of years that holds every age, 19 at the least."""
    return max(19.0, float(np.ceil(max(actual.max(), predicted.max()) / 12 + 0.1)))


def _draw_dots(axes: Axes, x: Months, y: Months, colour: str) -> None:
    """Draw cases as dots: the more there are, the smaller and fainter."""
    size = float(np.clip(160 / np.sqrt(len(x)), 4, 18))
    axes.scatter(x, y, s=size, color=colour, alpha=0.75 if len(x) < 300 else 0.45, linewidths=0)
