"""Score table: one model or two by sex and age band, every number with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from trainer.figures.look import LIGHT, Look
from trainer.metrics import Months
from trainer.score_rows import COLUMNS, score_rows

HEADS = ("", "", "n", *COLUMNS)
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
    rows = score_rows(actual, sexes, answers)
    tall = 0.9 * len(answers) + 0.2
    axes.set_xlim(0, 1)
    axes.set_ylim(tall * len(rows) / len(answers) + 1.2, 0)
    _row(axes, 0.6, HEADS, [look.muted] * len(HEADS), look)
    for index, row in enumerate(rows):
        top = 1.1 + tall * (index // len(answers))
        if row.place == 0:
            axes.axhline(top, color=look.line, linewidth=0.8)
        cells = ("" if row.place else row.group, row.role, f"{row.n:,}", *row.cells)
        colours = [look.text, look.colour(row.place), *[look.text] * (len(cells) - 2)]
        _row(axes, top + 0.55 + row.place * 0.9, cells, colours, look)


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
