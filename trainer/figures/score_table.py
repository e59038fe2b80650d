"""Score table: one model or two by sex and age band, every number with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from trainer.figures.look import LIGHT, Look, signed
from trainer.metrics import Months, groups_by_age, groups_by_sex, intervals

HEADS = (
    "",
    "",
    "n",
    "MAE, months",
    "RMSE, months",
    "bias, months",
    "within 6 months",
    "within 12 months",
    "within 24 months",
)
PLACES = (0.0, 0.075, 0.155, 0.175, 0.325, 0.475, 0.64, 0.755, 0.87)  # left ends, but for n: its right end


def draw_score_table(
    axes: Axes,
    actual: Months,
    sexes: Sequence[str | None],
    answers: Mapping[str, Months],
    *,
    look: Look = LIGHT,
) -> None:
    """Draw each model's MAE, RMSE, bias (months) and shares within 6, 12, 24 months, with 95 % intervals.

    ``answers`` holds the predicted months, float64[n], under what each model is: one or two.
    """
    axes.clear()
    axes.set_axis_off()
    everybody = {"all": np.ones(len(actual), dtype=np.bool_)}
    groups = {**everybody, **groups_by_sex(sexes), **groups_by_age(actual)}
    tall = 0.9 * len(answers) + 0.2
    axes.set_xlim(0, 1)
    axes.set_ylim(tall * len(groups) + 1.2, 0)
    _row(axes, 0.6, HEADS, [look.muted] * len(HEADS), look)
    for index, (name, chosen) in enumerate(groups.items()):
        top = 1.1 + tall * index
        axes.axhline(top, color=look.line, linewidth=0.8)
        for place, (role, predicted) in enumerate(answers.items()):
            cells = (
                "" if place else name.replace("-", "–"),
                role,
                f"{int(chosen.sum()):,}",
                *_written(predicted[chosen], actual[chosen]),
            )
            colours = [look.text, look.colour(place), *[look.text] * (len(cells) - 2)]
            _row(axes, top + 0.55 + place * 0.9, cells, colours, look)


def _row(axes: Axes, y: float, cells: Sequence[str], colours: Sequence[str], look: Look) -> None:
    for column, (place, cell, colour) in enumerate(zip(PLACES, cells, colours, strict=True)):
        if cell:
            axes.text(
                place,
                y,
                cell,
                color=colour,
                fontsize=look.text_pt - 0.9,
                va="center",
                ha="right" if HEADS[column] == "n" else "left",
                weight="bold" if column == 0 else "normal",
            )


def _written(predicted: Months, actual: Months) -> list[str]:
    """Return the figures of a score with their intervals, in the order of the columns."""
    cells = []
    for name, (value, low, high) in intervals(predicted, actual).items():
        if name.startswith("within"):
            cells.append(f"{value * 100:.0f} % ({low * 100:.0f} to {high * 100:.0f})")
        else:
            largest, signs = max(abs(low), abs(high)), name == "bias_months"
            digits = 0 if largest >= 100 else 1 if largest >= (10 if signs else 20) else 2  # as the column is wide
            ends = [signed(end, digits) if signs else f"{end:.{digits}f}" for end in (value, low, high)]
            cells.append(f"{ends[0]} ({ends[1]} to {ends[2]})")
    return cells
