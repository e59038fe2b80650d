"""Score table: two models by sex and age band, every number with its interval."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from trainer.comparison import Comparison
from trainer.figures.agreement import roles
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
PLACES = (0.0, 0.075, 0.165, 0.185, 0.335, 0.485, 0.65, 0.77, 0.89)  # left ends, but for n: its right end


def draw_score_table(axes: Axes, comparison: Comparison, *, look: Look = LIGHT) -> None:
    """Draw both models' MAE, RMSE, bias (months) and shares within 6, 12, 24 months, with 95 % intervals."""
    axes.clear()
    axes.set_axis_off()
    everybody = {"all": np.ones(len(comparison.actual), dtype=np.bool_)}
    groups = {**everybody, **groups_by_sex(comparison.sexes), **groups_by_age(comparison.actual)}
    lines = 2 * len(groups) + 2
    size = look.text_pt - 0.9
    axes.set_xlim(0, 1)
    axes.set_ylim(lines, 0)
    for place, head in zip(PLACES, HEADS, strict=True):
        right = head == "n"
        axes.text(place, 0.6, head, color=look.muted, fontsize=size, va="center", ha="right" if right else "left")
    for index, (name, chosen) in enumerate(groups.items()):
        top = 1.1 + 2 * index
        axes.axhline(top, color=look.line, linewidth=0.8)
        axes.text(
            PLACES[0], top + 0.55, name.replace("-", "–"), color=look.text, fontsize=size, va="center", weight="bold"
        )
        for row, (role, model) in enumerate(roles(comparison)):
            found = _written(model.predicted[chosen], comparison.actual[chosen])
            cells = (role, f"{int(chosen.sum()):,}", *found)
            for column, cell in enumerate(cells, start=1):
                axes.text(
                    PLACES[column],
                    top + 0.55 + row * 0.9,
                    cell,
                    color=look.colour(row) if column == 1 else look.text,
                    fontsize=size,
                    va="center",
                    ha="right" if column == 2 else "left",
                )


def _written(predicted: Months, actual: Months) -> list[str]:
    """Return the figures of a score with their intervals, in the order of the columns."""
    cells = []
    for name, (value, low, high) in intervals(predicted, actual).items():
        if name.startswith("within"):
            cells.append(f"{value * 100:.0f} % ({low * 100:.0f} to {high * 100:.0f})")
        else:
            ends = [signed(end, 2) if name == "bias_months" else f"{end:.2f}" for end in (value, low, high)]
            cells.append(f"{ends[0]} ({ends[1]} to {ends[2]})")
    return cells
