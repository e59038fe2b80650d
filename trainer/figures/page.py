"""Pages on A4 paper: a comparison of two models with its verdict, and the evaluation of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from matplotlib.figure import Figure

from trainer.comparison import Compared, Comparison
from trainer.figures.ages import draw_error_by_age
from trainer.figures.agreement import draw_agreement, draw_bland_altman, draw_bland_altman_pair, draw_figure_4, roles
from trainer.figures.curves import draw_both
from trainer.figures.look import PRINT, Look, plain
from trainer.figures.paper import LEFT, RIGHT, TOP, blank, write
from trainer.figures.score_table import draw_score_table
from trainer.history import History
from trainer.measured import Measured


def pages(
    comparison: Comparison, histories: Sequence[History | None] = (), *, look: Look = PRINT, day: date | None = None
) -> tuple[Figure, ...]:
    """Return two A4 pages: verdict, figure 4, Bland-Altman and curves; then the table and the errors by age.

    ``histories`` are the runs of both models, the one in use first, None where it is not known. ``day`` stands in
    the footer, else today.
    """
    day = day or date.today()
    look = replace(look, text_pt=PRINT.text_pt)  # paper has one size, whatever the screen's
    return _first(comparison, histories, look, day), _second(comparison, look, day)


def _first(comparison: Comparison, histories: Sequence[History | None], look: Look, day: date) -> Figure:
    figure = blank(look, day, 1, 2)
    y = _heading(figure, comparison, look)
    rows = 3 if any(histories) else 2
    grid = figure.add_gridspec(
        rows,
        2,
        left=LEFT,
        right=RIGHT - 0.01,  # what is written beside a plot needs room
        top=y - 0.055,
        bottom=0.075,
        hspace=0.55,
        wspace=0.4,
        height_ratios=(1.62, 1, 0.9)[:rows],
    )
    draw_figure_4([figure.add_subplot(grid[0, column]) for column in range(2)], comparison, look=look)
    draw_bland_altman_pair([figure.add_subplot(grid[1, column]) for column in range(2)], comparison, look=look)
    if rows == 3:
        draw_both([figure.add_subplot(grid[2, column]) for column in range(2)], histories, look=look)
    return figure


def _second(comparison: Comparison, look: Look, day: date) -> Figure:
    figure = blank(look, day, 2, 2)
    write(figure, TOP, "Scores by sex and age, with 95 % intervals", look, size=12, weight="bold")
    draw_score_table(
        figure.add_axes((LEFT - 0.03, 0.43, RIGHT - LEFT + 0.06, 0.495)),
        comparison.actual,
        comparison.sexes,
        {role: model.predicted for role, model in roles(comparison)},
        look=look,
    )
    scores = {f"{role}: {model.name}": comparison.score_of(model) for role, model in roles(comparison)}
    draw_error_by_age(figure.add_axes((LEFT, 0.11, RIGHT - LEFT, 0.25)), scores, look=look)
    return figure


def score_page(measured: Measured, *, look: Look = PRINT, day: date | None = None) -> Figure:
    """Return one A4 page on one model: agreement, Bland-Altman, errors by age and the table."""
    look = replace(look, text_pt=PRINT.text_pt)
    figure = blank(look, day or date.today(), 1, 1)
    actual, predicted = measured.actual, measured.model.predicted
    write(figure, TOP, "Evaluation of a bone age model", look, size=14, weight="bold")
    words = f"{describe(measured.model)}\nRadiographs: {len(actual):,}, {plain(measured.data, 200)}"
    y = write(figure, 0.93, words, look)
    for caution in measured.cautions:
        y = write(figure, y - 0.002, f"Note: {plain(caution, 400)}", look, colour=look.muted, size=8)
    tall = min(0.2547, y - 0.045 - 0.60)  # a square, with its title above
    draw_agreement(figure.add_axes((LEFT, 0.60, 0.36, tall)), actual, predicted, look=look)
    draw_bland_altman(figure.add_axes((0.56, 0.60, RIGHT - 0.57, tall)), actual, predicted, look=look)
    bands = figure.add_axes((LEFT, 0.385, RIGHT - LEFT, 0.135))
    draw_error_by_age(bands, {measured.model.name: measured.score}, look=look)
    table = figure.add_axes((LEFT - 0.03, 0.065, RIGHT - LEFT + 0.06, 0.245))
    draw_score_table(table, actual, measured.sexes, {"": predicted}, look=look)
    return figure


def describe(model: Compared) -> str:
    """Name a model with its hash, and how its interval held."""
    covered = model.interval_covered
    held = "" if covered is None else f"; its 90 % interval held {covered:.1%} of the ages"
    return f"{plain(model.name)}, weights {model.sha256[:12]}{held}"


def _heading(figure: Figure, comparison: Comparison, look: Look) -> float:
    """Write title, models and verdict from the top down; return where they end, 0 to 1."""
    write(figure, TOP, "Comparison of two bone age models", look, size=14, weight="bold")
    lines = [f"{role}: {describe(model)}" for role, model in reversed(roles(comparison))]
    lines.append(f"Radiographs: {len(comparison.actual):,}, {plain(comparison.data, 200)}")
    y = write(figure, 0.93, "\n".join(lines), look)
    y = write(figure, y - 0.009, comparison.sentence, look, size=10, weight="bold", letters=88)
    y = write(figure, y - 0.004, plain(comparison.bootstrap_line, 300), look, colour=look.muted, size=8)
    for caution in comparison.cautions:
        y = write(figure, y - 0.002, f"Note: {plain(caution, 400)}", look, colour=look.muted, size=8)
    return y
