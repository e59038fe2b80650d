"""Ages: how many cases of which age and sex, and how large the error is in each age band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, MultipleLocator

from trainer.figures.look import LIGHT, Look, columns_that_fit, dress, explain, plain, say_empty

AROUND_AXES = 8  # what title, labels and edges take of a figure's height, in letters
SEXES = (("female", "girls"), ("male", "boys"), ("unknown", "sex not given"))


def draw_age_histogram(
    axes: Axes, ages_by_sex: Mapping[str, Sequence[float]], *, look: Look = LIGHT, title: str = "Ages of the cases"
) -> None:
    """Draw how many cases there are of each year of age, stacked by sex: keys female, male, unknown; months."""
    axes.clear()
    dress(axes, look, title=title, x_label="Age, years", y_label="Radiographs")
    found = [
        (name, index, ages_by_sex[key]) for index, (key, name) in enumerate(SEXES) if len(ages_by_sex.get(key, ()))
    ]
    if not found:
        say_empty(axes, look, "There are no cases.")
        return
    upper = max(19, int(max(max(ages) for _, _, ages in found) // 12) + 1)
    axes.hist(
        [np.asarray(ages, dtype=np.float64) / 12 for _, _, ages in found],
        bins=[float(year) for year in range(upper + 1)],
        stacked=True,
        color=[look.colour(index) for _, index, _ in found],
        label=[f"{name}, {len(ages):,}" for name, _, ages in found],
        edgecolor=look.plot,
        linewidth=0.6,
    )
    axes.set_xlim(0, upper)
    axes.xaxis.set_major_locator(MultipleLocator(3 if upper <= 24 else 12))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    _explain_above(axes, look)


def _explain_above(axes: Axes, look: Look) -> None:
    """Put the legend over the bars, as wide as the axes are; a wider one would squeeze them."""
    figure = axes.get_figure(root=True)
    if figure is None:
        return
    wide, high = figure.get_size_inches()
    names = axes.get_legend_handles_labels()[1]
    columns = columns_that_fit(names, look, width_inches=wide - AROUND_AXES * look.text_pt / 72)
    rows = -(-len(names) // columns)
    room = look.text_pt * (1.35 * rows + 1.6) / max(1.0, 72 * high - AROUND_AXES * look.text_pt)
    axes.set_ylim(top=axes.get_ylim()[1] / max(0.35, 1 - room))
    explain(axes, look, loc="upper left", ncols=columns).set_in_layout(False)


def draw_error_by_age(
    axes: Axes,
    scores: Mapping[str, Mapping[str, Any]],
    *,
    look: Look = LIGHT,
    title: str = "Error by age",
) -> None:
    """Draw each model's MAE with its 95 % interval in every age band.

    ``scores``: what ``metrics.score_in_full`` gives, or a card's metrics, under each model's name.
    """
    axes.clear()
    dress(axes, look, title=title, x_label="Actual age (number of radiographs)", y_label="MAE, months (95 % interval)")
    bands = list(dict.fromkeys(band for score in scores.values() for band in score["by_age"]))
    bands.sort(key=lambda band: int(band.split("-")[0]))
    counts = {band: max(score["by_age"].get(band, {"n": 0})["n"] for score in scores.values()) for band in bands}
    for index, (name, score) in enumerate(scores.items()):
        rows = [(place, score["by_age"][band]) for place, band in enumerate(bands) if band in score["by_age"]]
        offset = (index - (len(scores) - 1) / 2) * 0.22
        means = [row["mae_months"] for _, row in rows]
        axes.errorbar(
            [place + offset for place, _ in rows],
            means,
            yerr=[
                [mean - row["mae_low"] for mean, (_, row) in zip(means, rows, strict=True)],
                [row["mae_high"] - mean for mean, (_, row) in zip(means, rows, strict=True)],
            ],
            fmt="o",
            color=look.colour(index),
            markersize=4.5,
            capsize=3,
            linewidth=1.4,
            label=plain(name, 40),
        )
    axes.set_xticks(range(len(bands)), [f"{band.replace('-', '–')}\n({counts[band]:,})" for band in bands])
    axes.set_xlim(-0.6, len(bands) - 0.4)
    axes.grid(visible=False, axis="x")
    axes.set_ylim(0, axes.get_ylim()[1] * 1.25)
    explain(axes, look, loc="upper right", ncols=len(scores))
