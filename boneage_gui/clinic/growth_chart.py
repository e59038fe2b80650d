"""Growth chart: bone age against chronological age, with the line of equal ages and the two-SD band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from boneage_gui.clinic.growth import band_rows, placed, sex_of
from boneage_gui.clinic.reading import Decision, Reading, has_interval
from boneage_gui.clinic.reference import REFERENCES
from trainer.radiograph import Sex

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trainer.figures import Look

LEAST_YEARS: Final = 4  # that the axes span
MOST_YEARS: Final = 21.0  # where the axes end, unless the patient is older
WIDE_INCHES: Final = 4.2  # that two columns of the legend need


def draw_growth(
    figure: Figure, look: Look, *, readings: Sequence[Reading], reference_key: str, current: str | None = None
) -> None:
    """Draw a patient's readings, months in years; ``current`` is the id of the reading to stand out.

    Without one known sex there is no band. Readings without a chronological age are not drawn.
    """
    from trainer.figures.look import explain

    if _draw_points(figure.subplots(), look, readings=readings, reference_key=reference_key, current=current):
        columns = 2 if figure.get_figwidth() >= WIDE_INCHES else 1
        explain(figure, look, loc="outside lower left", ncols=columns)  # in a small chart it would lie on readings


def draw_growth_on(
    axes: Axes, look: Look, *, readings: Sequence[Reading], reference_key: str, current: str | None = None
) -> None:
    """Draw them on axes that are there and keep their place."""
    from trainer.figures.look import explain

    if _draw_points(axes, look, readings=readings, reference_key=reference_key, current=current):
        explain(axes, look)


def _draw_points(
    axes: Axes, look: Look, *, readings: Sequence[Reading], reference_key: str, current: str | None
) -> bool:
    """Draw all but the legend; return whether there is anything to explain."""
    from trainer.figures.look import dress, say_empty

    dress(axes, look, title="Growth of bone age", x_label="Chronological age, years", y_label="Bone age, years")
    shown = placed(readings)
    if not shown:
        say_empty(axes, look, "No reading with a chronological age yet.")
        return False
    ages = [(reading.chronological_months or 0.0) / 12 for reading in shown]
    bone_ages = [reading.final_months / 12 for reading in shown]
    low, high = _span([*ages, *bone_ages], [months / 12 for reading in shown for months in _interval(reading)])
    equal = [0.0, max(MOST_YEARS, high)]
    axes.plot(equal, equal, color=look.muted, linewidth=0.9, linestyle=(0, (4, 2)), label="equal ages")
    sex, reference = sex_of(readings), REFERENCES.get(reference_key)
    if sex is not None and reference is not None:
        rows = band_rows(reference, sex)
        years, lower, upper = ([row[place] / 12 for row in rows] for place in range(3))
        of = "boys" if sex is Sex.MALE else "girls"
        axes.fill_between(
            years,
            lower,
            upper,
            color=look.colour(0),
            alpha=0.16,
            linewidth=0,
            label=f"two SD, {of}\n({reference.shown_name})".replace(", not", ",\nnot"),
        )
    sure = [place for place, reading in enumerate(shown) if reading.decision is not Decision.WAITING]
    line = [[ends[place] for place in sure] for ends in (ages, bone_ages)]
    axes.plot(*line, color=look.colour(0), linewidth=1.1)
    for reading, age, bone_age in zip(shown, ages, bone_ages, strict=True):
        if interval := [months / 12 for months in _interval(reading)]:
            axes.plot([age, age], interval, color=look.colour(0), alpha=0.55)
        axes.plot(
            age,
            bone_age,
            marker="s" if reading.decision is Decision.MODIFIED else "o",
            markersize=7 if reading.reading_id == current else 5,
            color=look.colour(1) if reading.reading_id == current else look.colour(0),
            markerfacecolor=look.plot if reading.decision is Decision.WAITING else None,
        )
    if len(sure) < len(shown):
        axes.plot(
            [],
            [],
            marker="o",
            linestyle="",
            color=look.colour(0),
            markerfacecolor=look.plot,
            label="confirmed by nobody yet",
        )
    if any(reading.decision is Decision.MODIFIED for reading in shown):
        axes.plot([], [], marker="s", linestyle="", color=look.colour(0), label="the clinician’s own value")
    axes.plot([], [], color=look.colour(0), alpha=0.55, label="the model’s interval")
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    return True


def _interval(reading: Reading) -> tuple[float, ...]:
    """Return the ends of the interval that is drawn, months; none where the number is the clinician's own."""
    drawn = has_interval(reading) and reading.decision is not Decision.MODIFIED
    return (reading.low_months, reading.high_months) if drawn else ()


def _span(years: Sequence[float], ends: Sequence[float]) -> tuple[float, float]:
    """Return from where to where both axes go: well around every age, and past the ends of every interval."""
    low = min([min(years) - 1.5, *(end - 0.3 for end in ends)])
    high = max([max(years) + 1.5, *(end + 0.3 for end in ends)])
    short = max(0.0, LEAST_YEARS - (high - low)) / 2
    return max(0.0, low - short), max(high, min(MOST_YEARS, high + short))
