"""Look: the colours of a figure, on a dark or light screen or on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Colours as #rrggbb; ``series`` are for things side by side and tell apart without red against green."""

    background: str  # of the figure
    plot: str  # behind what is drawn
    text: str
    muted: str  # labels of second rank, reference lines
    line: str  # grid and frame
    series: tuple[str, ...]
    text_pt: float = 9.0

    def colour(self, index: int) -> str:
        """The colour of the index-th thing; they come again after the last."""
        return self.series[index % len(self.series)]


# After Okabe and Ito's palette, which people with a colour vision deficiency can tell apart; lighter on dark.
DARK: Final = Look(
    background="#15181d",
    plot="#0d0f12",
    text="#e7eaee",
    muted="#9aa5b1",
    line="#2b313a",
    series=("#4cc2d6", "#f0b354", "#e58fc0", "#8fd18a", "#b9a2f2", "#f2856d"),
)
LIGHT: Final = Look(
    background="#f8f9fa",
    plot="#ffffff",
    text="#161b21",
    muted="#53606c",
    line="#dbe1e6",
    series=("#0b6f84", "#c26a00", "#a8377f", "#2f7d32", "#5b46a8", "#b03a24"),
)
PRINT: Final = Look(
    background="#ffffff",
    plot="#ffffff",
    text="#000000",
    muted="#4a4a4a",
    line="#d8d8d8",
    series=LIGHT.series,
    text_pt=7.5,
)


def dress(axes: Axes, look: Look, *, title: str, x_label: str, y_label: str) -> None:
    """Give axes their colours, grid, title and labels."""
    figure = axes.get_figure(root=False)
    if figure is not None:
        figure.set_facecolor(look.background)
    axes.set_facecolor(look.plot)
    axes.set_title(title, color=look.text, fontsize=look.text_pt + 1, loc="left")
    axes.set_xlabel(x_label, color=look.text, fontsize=look.text_pt)
    axes.set_ylabel(y_label, color=look.text, fontsize=look.text_pt)
    axes.tick_params(which="both", colors=look.muted, labelcolor=look.text, labelsize=look.text_pt - 0.5)
    axes.grid(visible=True, color=look.line, linewidth=0.6)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_color(look.muted if side in ("left", "bottom") else look.line)
        spine.set_linewidth(0.6)


def subtitle(axes: Axes, look: Look, lines: Sequence[str]) -> None:
    """Write lines between the title and the plot, where they cover nothing."""
    size = look.text_pt - 0.5
    title = axes.get_title(loc="left")
    axes.set_title(title, color=look.text, fontsize=look.text_pt + 1, loc="left", pad=6 + 1.35 * size * len(lines))
    axes.annotate(
        "\n".join(lines),
        xy=(0, 1),
        xytext=(0, 4),
        xycoords="axes fraction",
        textcoords="offset points",
        color=look.text,
        fontsize=size,
        linespacing=1.25,
    )


def explain(place: Axes | Figure, look: Look, **choices: Any) -> Legend:
    """Add the legend, on axes or beside all of a figure's."""
    options: dict[str, Any] = {"loc": "best", "framealpha": 0.85, "fontsize": look.text_pt - 0.5, **choices}
    return place.legend(facecolor=look.plot, edgecolor=look.line, labelcolor=look.text, **options)


def columns_that_fit(names: Sequence[str], look: Look, *, width_inches: float) -> int:
    """Return in how many columns the names of a legend fit beside each other, one at the least."""
    letter_pt = 0.58 * (look.text_pt - 0.5)
    widths_pt = [letter_pt * (len(name) + 8) for name in names]  # with the sign before it and the gap after it
    if sum(widths_pt) <= 72 * width_inches:
        return max(1, len(names))
    return max(1, int(72 * width_inches / max(widths_pt)))


def say_empty(axes: Axes, look: Look, sentence: str) -> None:
    """Say in the middle why nothing is drawn; there is nothing to measure either."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.text(
        0.5,
        0.5,
        sentence,
        transform=axes.transAxes,
        ha="center",
        va="center",
        color=look.muted,
        fontsize=look.text_pt,
        wrap=True,
    )


def plain(text: str, longest: int = 60) -> str:
    """Return a foreign name as it may stand in a figure: no formula, no control letters, not endless."""
    printable = "".join(letter if letter.isprintable() else "?" for letter in text)
    short = printable if len(printable) <= longest else printable[: longest - 1] + "…"
    return short.replace("$", r"\$")


def names_apart(names: Sequence[str]) -> list[str]:
    """Return names with a number behind those that come more than once."""
    return [
        name if names.count(name) == 1 else f"{name} ({names[: index + 1].count(name)})"
        for index, name in enumerate(names)
    ]
