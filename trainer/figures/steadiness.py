"""Steadiness: how far a model's answers move under transformations, as curves and as a table on A4 paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trainer.figures.look import LIGHT, PRINT, Look, dress, explain, plain, say_empty
from trainer.figures.paper import LEFT, RIGHT, TOP, blank, write
from trainer.score_rows import signed
from trainer.stress import NEUTRAL, Estimate, StressRow, Trial
from trainer.stress.transformations import AMOUNTS, Kind

AXES: Final[dict[Kind, str]] = {
    "rotation": "Rotation, degrees clockwise",
    "brightness": "Brightness, %",
    "contrast": "Contrast, %",
    "resolution": "Resolution, %",
    "noise": "Noise, standard deviation, % of white",
}
LEAST_REACH: Final = 6.0  # months to either side of 0
HEADS: Final = ("", "n", "mean shift", "mean absolute shift", "over 12 months", "MAE", "change of MAE")
PLACES: Final = (0.0, 0.18, 0.195, 0.375, 0.54, 0.695, 0.835)  # left ends, but for n: its right end


def draw_shifts(
    axes: Axes, drawn: Trial, kind: Kind, *, look: Look = LIGHT, colour: int = 0, title: str = "", reach: float = 0.0
) -> None:
    """Draw mean shift with its 95 % interval, and mean absolute shift dashed, months, over the amounts of one kind.

    Amounts stand side by side, in order, whatever lies between them. ``reach`` is how far the vertical axis goes to
    either side of 0, else as far as the figures.
    """
    axes.clear()
    dress(axes, look, title=title, x_label=AXES[kind], y_label="Shift, months")
    rows = {change.amount: row for change, row in drawn.rows if change.kind == kind}
    if not rows:
        say_empty(axes, look, "Not tried.")
        return
    neutral = NEUTRAL[kind]
    amounts = sorted({*AMOUNTS[kind], neutral}, reverse=kind == "resolution")
    nothing: Estimate = (0.0, 0.0, 0.0)
    kept = [place for place, amount in enumerate(amounts) if amount in rows or amount == neutral]
    shifts = [rows[amounts[place]].shift_months if amounts[place] in rows else nothing for place in kept]
    sizes = [rows[amounts[place]].absolute_months if amounts[place] in rows else nothing for place in kept]
    ends = [[value - low for value, low, _ in shifts], [high - value for value, _, high in shifts]]
    axes.axhline(0, color=look.muted, linewidth=0.8)
    means, shade = [value for value, *_ in shifts], look.colour(colour)
    axes.errorbar(
        kept, means, yerr=np.maximum(0, ends), fmt="-o", color=shade, markersize=3.5, capsize=2.5, label="mean"
    )
    means, dashes = [value for value, *_ in sizes], (0, (4, 2))
    axes.plot(kept, means, "s", linestyle=dashes, color=shade, markersize=3.5, label="mean of its size")
    axes.set_xticks(range(len(amounts)), [f"{amount:g}" for amount in amounts])
    axes.set_xlim(-0.4, len(amounts) - 0.6)
    reach = reach or reach_of([drawn], kind)
    axes.set_ylim(-reach, reach)
    explain(axes, look, loc="lower left", ncols=2)


def reach_of(drawn: Sequence[Trial], kind: Kind) -> float:
    """Return how far a vertical axis must go to either side of 0 for every figure of a kind, months."""
    rows = [row for one in drawn for change, row in one.rows if change.kind == kind]
    ends = [abs(end) for row in rows for end in (*row.shift_months, *row.absolute_months)]
    return 1.12 * max([LEAST_REACH, *ends])


def stress_pages(
    drawn: Sequence[Trial],
    *,
    data: str,
    sentences: Sequence[str] = (),
    cautions: Sequence[str] = (),
    look: Look = PRINT,
    day: date | None = None,
) -> tuple[Figure, ...]:
    """Return A4 pages: the curves of one model or two side by side, then a table for each.

    ``sentences`` are verdicts; ``cautions`` belong beside the numbers.
    """
    look, day = replace(look, text_pt=PRINT.text_pt), day or date.today()
    count = 1 + len(drawn)
    first = blank(look, day, 1, count)
    write(first, TOP, "Stress test of a bone age model", look, size=14, weight="bold")
    y = write(first, 0.93, f"{_names(drawn)}\nRadiographs: {plain(data, 200)}", look)
    for sentence in sentences:
        y = write(first, y - 0.006, plain(sentence, 400), look, size=9, weight="bold", letters=92)
    for caution in cautions:
        y = write(first, y - 0.002, f"Note: {plain(caution, 400)}", look, colour=look.muted, size=8)
    _draw_curves(first, drawn, look, top=y - 0.04)
    tables = [_table_page(one, look, day, page=(2 + index, count), colour=index) for index, one in enumerate(drawn)]
    return first, *tables


def _names(drawn: Sequence[Trial]) -> str:
    return "\n".join(f"{plain(one.name)}, weights {one.sha256[:12]}" for one in drawn)


def _draw_curves(figure: Figure, drawn: Sequence[Trial], look: Look, *, top: float) -> None:
    grid = figure.add_gridspec(
        len(AXES), len(drawn), left=LEFT, right=RIGHT, top=top, bottom=0.075, hspace=0.75, wspace=0.25
    )
    for line, kind in enumerate(AXES):
        reach = reach_of(drawn, kind)
        for column, one in enumerate(drawn):
            axes = figure.add_subplot(grid[line, column])
            title = f"{plain(one.name, 32)}: {kind}"
            draw_shifts(axes, one, kind, look=look, colour=column, title=title, reach=reach)


def _table_page(one: Trial, look: Look, day: date, *, page: tuple[int, int], colour: int) -> Figure:
    figure = blank(look, day, *page)
    write(figure, TOP, f"{plain(one.name, 60)}: shifts in months, with 95 % intervals", look, size=12, weight="bold")
    draw_stress_table(figure.add_axes((LEFT - 0.03, 0.07, RIGHT - LEFT + 0.06, 0.855)), one, look=look, colour=colour)
    return figure


def draw_stress_table(axes: Axes, one: Trial, *, look: Look = LIGHT, colour: int = 0) -> None:
    """Draw a row for each transformation: n, shifts, share over 12 months, MAE and its change, with intervals."""
    axes.clear()
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(len(one.rows) + 1.2, 0)
    _row(axes, 0.6, HEADS, look, look.muted)
    for index, (change, row) in enumerate(one.rows):
        top = 1.1 + index
        if index == 0 or one.rows[index - 1][0].kind != change.kind:
            axes.axhline(top, color=look.line, linewidth=0.8)
        _row(axes, top + 0.5, (row.name, f"{row.n:,}", *cells_of(row)), look, look.colour(colour))


def cells_of(row: StressRow) -> tuple[str, ...]:
    """Write a row's estimates as they stand in tables: value (low to high)."""
    share, low, high = (end * 100 for end in row.over_12)
    return (
        _written(row.shift_months, sign=True),
        _written(row.absolute_months),
        f"{share:.1f} % ({low:.1f} to {high:.1f})",
        _written(row.mae_months),
        _written(row.change_months, sign=True),
    )


def _written(estimate: Estimate, *, sign: bool = False) -> str:
    digits = 1 if max(map(abs, estimate)) >= 9.995 else 2
    value, low, high = (signed(end, digits) if sign else f"{end:.{digits}f}" for end in estimate)
    return f"{value} ({low} to {high})"


def _row(axes: Axes, y: float, cells: Sequence[str], look: Look, first: str) -> None:
    for column, (place, cell) in enumerate(zip(PLACES, cells, strict=True)):
        side = "right" if HEADS[column] == "n" else "left"
        colour = first if column == 0 else look.text
        axes.text(place, y, cell, color=colour, fontsize=look.text_pt - 0.9, va="center", ha=side)
