"""The page of a comparison: verdict, figures and tables of two models, on A4 paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from textwrap import wrap
from typing import Final

from matplotlib.figure import Figure

from trainer.comparison import Comparison
from trainer.figures.ages import draw_error_by_age
from trainer.figures.agreement import draw_bland_altman, draw_figure_4, reach_of, roles
from trainer.figures.curves import Quantity, draw_curves
from trainer.figures.look import PRINT, Look, plain
from trainer.figures.score_table import draw_score_table
from trainer.history import History
from trainer.prediction import RESEARCH_USE

A4_INCHES = (8.27, 11.69)
LEFT, RIGHT = 0.09, 0.95
LINE = 1.3
QUANTITIES: Final[tuple[Quantity, ...]] = ("mae", "loss")


def pages(
    comparison: Comparison, histories: Sequence[History] = (), *, look: Look = PRINT, day: date | None = None
) -> tuple[Figure, ...]:
    """Return two A4 pages: verdict, figure 4, Bland-Altman and curves; then the table and the errors by age.

    ``histories`` are the runs of the two models, where they are known; ``day`` stands in the footer, else today.
    """
    day = day or date.today()
    look = replace(look, text_pt=PRINT.text_pt)  # paper has one size, whatever the screen's
    return _first(comparison, histories, look, day), _second(comparison, look, day)


def _first(comparison: Comparison, histories: Sequence[History], look: Look, day: date) -> Figure:
    figure = _blank(look, day, 1)
    y = _heading(figure, comparison, look)
    rows = 3 if histories else 2
    grid = figure.add_gridspec(
        rows,
        2,
        left=LEFT,
        right=RIGHT,
        top=y - 0.055,
        bottom=0.075,
        hspace=0.55,
        wspace=0.22,
        height_ratios=(1.62, 1, 0.9)[:rows],
    )
    draw_figure_4([figure.add_subplot(grid[0, column]) for column in range(2)], comparison, look=look)
    reach = reach_of(comparison.actual, comparison.new.predicted, comparison.used.predicted)
    for column, (role, model) in enumerate(roles(comparison)):
        draw_bland_altman(
            figure.add_subplot(grid[1, column]),
            comparison.actual,
            model.predicted,
            title=f"Bland–Altman, {role.lower()}: {plain(model.name, 24)}",
            look=look,
            colour=column,
            reach_months=reach,
        )
    if histories:
        for column, quantity in enumerate(QUANTITIES):
            draw_curves(figure.add_subplot(grid[2, column]), histories, quantity=quantity, look=look)
    return figure


def _second(comparison: Comparison, look: Look, day: date) -> Figure:
    figure = _blank(look, day, 2)
    _text(figure, 0.955, "Scores by sex and age, with 95 % intervals", look, size=12, weight="bold")
    draw_score_table(figure.add_axes((LEFT - 0.03, 0.43, RIGHT - LEFT + 0.06, 0.495)), comparison, look=look)
    scores = {f"{role}: {model.name}": comparison.score_of(model) for role, model in roles(comparison)}
    draw_error_by_age(figure.add_axes((LEFT, 0.11, RIGHT - LEFT, 0.25)), scores, look=look)
    return figure


def _heading(figure: Figure, comparison: Comparison, look: Look) -> float:
    """Write title, models and verdict from the top down; return where they end, 0 to 1."""
    _text(figure, 0.955, "Comparison of two bone age models", look, size=14, weight="bold")
    lines = []
    for role, model in reversed(roles(comparison)):
        covered = model.interval_covered
        held = "" if covered is None else f"; its 90 % interval held {covered:.1%} of the ages"
        lines.append(f"{role}: {plain(model.name)}, weights {model.sha256[:12]}{held}")
    lines.append(f"Radiographs: {len(comparison.actual):,}, {plain(comparison.data, 200)}")
    y = _text(figure, 0.93, "\n".join(lines), look)
    y = _text(figure, y - 0.009, comparison.sentence, look, size=10, weight="bold", letters=88)
    y = _text(figure, y - 0.004, plain(comparison.bootstrap_line, 300), look, colour=look.muted, size=8)
    for caution in comparison.cautions:
        y = _text(figure, y - 0.002, f"Note: {plain(caution, 400)}", look, colour=look.muted, size=8)
    return y


def _blank(look: Look, day: date, number: int) -> Figure:
    figure = Figure(figsize=A4_INCHES, facecolor=look.background)
    figure.text(LEFT, 0.025, f"{RESEARCH_USE}.", color=look.text, fontsize=look.text_pt, weight="bold")
    figure.text(
        RIGHT, 0.025, f"{day.isoformat()}, page {number} of 2", color=look.text, fontsize=look.text_pt, ha="right"
    )
    return figure


def _text(
    figure: Figure,
    y: float,
    text: str,
    look: Look,
    *,
    size: float = 8.5,
    weight: str = "normal",
    colour: str = "",
    letters: int = 122,
) -> float:
    """Write text from ``y`` down, broken into lines of so many letters; return where it ends."""
    lines = [line for paragraph in text.splitlines() for line in wrap(paragraph, letters)]
    figure.text(
        LEFT,
        y,
        "\n".join(lines),
        color=colour or look.text,
        fontsize=size,
        weight=weight,
        va="top",
        linespacing=LINE,
    )
    return y - len(lines) * size * LINE * 1.17 / 72 / A4_INCHES[1]
