"""Paper: an A4 figure with its footer, and text on it that breaks into lines."""

from __future__ import annotations

from datetime import date
from textwrap import wrap

from matplotlib.figure import Figure

from trainer.figures.fonts import families
from trainer.figures.look import Look
from trainer.prediction import RESEARCH_USE

A4_INCHES = (8.27, 11.69)
LEFT, RIGHT, TOP = 0.09, 0.95, 0.955
LINE = 1.3  # distance of lines, by the letters' size


def blank(look: Look, day: date, number: int, count: int) -> Figure:
    """Return an empty page that says its date, its number and that it is for research."""
    figure = Figure(figsize=A4_INCHES, facecolor=look.background)
    figure.text(LEFT, 0.025, f"{RESEARCH_USE}.", color=look.text, fontsize=look.text_pt, weight="bold")
    figure.text(
        RIGHT, 0.025, f"{day.isoformat()}, page {number} of {count}", color=look.text, fontsize=look.text_pt, ha="right"
    )
    return figure


def write(
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
        fontfamily=families() if weight == "normal" else None,  # few fonts have every weight
        weight=weight,
        va="top",
        linespacing=LINE,
    )
    return y - len(lines) * size * LINE * 1.17 / 72 / A4_INCHES[1]
