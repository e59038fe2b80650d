"""How fast bone age grows, the chart of it, and readings as a table."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import replace
from typing import Any

import pytest

from boneage_gui.clinic.growth import band_rows, growth_in_words, growth_steps, placed, sex_of
from boneage_gui.clinic.growth_chart import draw_growth
from boneage_gui.clinic.reading import Decision
from boneage_gui.clinic.readings_csv import COLUMNS, readings_csv
from boneage_gui.clinic.reference import BRUSH
from tests.gui.clinic.drawn_readings import reading
from trainer.radiograph import Sex


def _at(age: float, bone_age: float, **changes: Any):  # type: ignore[no-untyped-def]
    return reading(round(age), age_months=bone_age, chronological_months=age, **changes)


def test_growth_is_of_the_final_bone_age_over_the_time_between() -> None:
    # By hand: 100 -> 118 in 12 months is 1.5 years a year; then the clinician's own 124 in 6 months is 1.0.
    third = _at(128, 130, decision=Decision.MODIFIED, clinician_months=124.0, reason="x")
    steps = growth_steps([third, _at(110, 100), _at(122, 118)])
    assert [step.years_per_year for step in steps] == [pytest.approx(1.5), pytest.approx(1.0)]
    assert growth_in_words(steps[0]) == "1.5 years of bone age a year"


def test_a_rate_between_two_models_says_so() -> None:
    """Part of it may be the models' difference; between two values of the clinician's own it is not."""
    early, late = _at(100, 90), replace(_at(112, 108), model_name="baseline", model_sha256="b" * 64)
    assert growth_in_words(growth_steps([early, late])[0]).endswith(" a year, read by different models")
    own = [replace(made, decision=Decision.MODIFIED, clinician_months=made.age_months) for made in (early, late)]
    assert growth_in_words(growth_steps(own)[0]) == "1.5 years of bone age a year"


def test_what_nobody_confirmed_is_drawn_hollow_and_makes_no_rate() -> None:
    waiting = _at(110, 118, decision=Decision.WAITING)
    readings = [_at(110, 100), waiting, _at(122, 112)]
    assert [step.years_per_year for step in growth_steps(readings)] == [pytest.approx(1.0)]
    figure = _figure(readings)
    assert "confirmed by nobody yet" in _explained(figure)
    (hollow,) = [
        line
        for line in figure.axes[0].lines
        if len(line.get_xdata()) == 1 and line.get_markerfacecolor() != line.get_color()
    ]
    assert hollow.get_ydata()[0] * 12 == pytest.approx(118)
    (joined,) = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 2 and line.get_linewidth() == 1.1]
    assert [round(age * 12) for age in joined.get_ydata()] == [100, 112]


def test_over_too_short_a_time_there_is_no_rate() -> None:
    (step,) = growth_steps([_at(110, 100), _at(112, 104)])
    assert step.years_per_year is None
    assert growth_in_words(step) == "too close together for a rate"


def test_readings_without_an_age_have_no_place() -> None:
    lost = reading(chronological_months=None)
    assert placed([lost, _at(110, 100)]) == placed([_at(110, 100), lost])[:1] or len(placed([lost])) == 0
    assert growth_steps([lost, _at(110, 100)]) == []


def test_a_patient_of_two_sexes_has_none() -> None:
    assert sex_of([_at(110, 100), _at(120, 100, sex=None)]) is Sex.MALE
    assert sex_of([_at(110, 100), _at(120, 100, sex=Sex.FEMALE)]) is None
    assert sex_of([]) is None


def test_the_band_is_two_sd_at_every_row() -> None:
    rows = {age: (low, high) for age, low, high in band_rows(BRUSH, Sex.MALE)}
    assert rows[108] == pytest.approx((90.0, 126.0))
    assert min(low for low, _ in rows.values()) >= 0


def _figure(readings: Any, *, size: tuple[float, float] = (5, 4), reference: str = "brush", **choices: Any):  # type: ignore[no-untyped-def]
    from matplotlib.figure import Figure

    from trainer.figures import DARK

    figure = Figure(figsize=size, layout="constrained", dpi=96)
    draw_growth(figure, DARK, readings=readings, reference_key=reference, **choices)
    return figure


def _drawn(readings: Any, **choices: Any):  # type: ignore[no-untyped-def]
    return _figure(readings, **choices).axes[0]


def _explained(figure: Any) -> list[str]:
    (legend,) = figure.legends
    return [text.get_text() for text in legend.get_texts()]


def test_the_chart_has_line_band_and_every_reading() -> None:
    readings = [
        _at(110, 100),
        _at(122, 118),
        _at(128, 130, decision=Decision.MODIFIED, clinician_months=124.0, reason="x"),
    ]
    figure = _figure(readings, current=readings[1].reading_id)
    axes = figure.axes[0]
    assert _explained(figure) == [
        "equal ages",
        "two SD, boys\n(Brush Foundation)",
        "the clinician’s own value",
        "the model’s interval",
    ]
    points = {
        (round(line.get_xdata()[0] * 12), round(line.get_ydata()[0] * 12))
        for line in axes.lines
        if len(line.get_xdata()) == 1
    }
    assert points == {(110, 100), (122, 118), (128, 124)}
    low, high = axes.get_xlim()
    assert low < 100 / 12 < 128 / 12 < high
    assert axes.get_xlim() == axes.get_ylim()


@pytest.mark.parametrize(("age", "bone_age"), [(23.0, 18.9), (30.0, 19.0), (40.0, 19.0), (19.5, 19.0), (0.2, 0.1)])
def test_the_chart_shows_whoever_is_older_or_younger_than_most(age: float, bone_age: float) -> None:
    axes = _drawn([_at(age * 12, bone_age * 12)])
    for low, high in (axes.get_xlim(), axes.get_ylim()):
        assert 0 <= low < high
        assert low <= min(age, bone_age) <= max(age, bone_age) < high
    assert max(axes.lines[0].get_xdata()) >= axes.get_xlim()[1]  # the line of equal ages goes all the way


@pytest.mark.parametrize(("age", "bone_age"), [(110, 100), (24, 22), (190, 200), (235, 230)])
def test_the_chart_shows_the_whole_of_the_model_s_interval(age: float, bone_age: float) -> None:
    drawn = _at(age, bone_age)
    low, high = _drawn([drawn]).get_ylim()
    assert low < drawn.low_months / 12 < drawn.high_months / 12 < high
    own = _at(age, bone_age, decision=Decision.MODIFIED, clinician_months=float(bone_age), reason="x")
    assert _drawn([own]).get_ylim() != (low, high)  # what is not drawn needs no room


@pytest.mark.parametrize("reference", ["brush", "greulich-pyle"])
@pytest.mark.parametrize("size", [(4.3, 4.2), (3.0, 3.0)])
def test_the_legend_covers_nothing_and_leaves_the_axes_their_width(reference: str, size: tuple[float, float]) -> None:
    figure = _figure([_at(110, 100)], size=size, reference=reference)
    figure.draw_without_rendering()
    axes, (legend,) = figure.axes[0], figure.legends
    assert axes.get_window_extent().width > 0.75 * figure.bbox.width
    box, whole = legend.get_window_extent(), axes.get_tightbbox()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width
    assert box.y1 <= whole.y0 + 1


def test_without_one_sex_there_is_no_band_and_without_an_age_a_sentence() -> None:
    assert not any("two SD" in text for text in _explained(_figure([_at(110, 100, sex=None)])))
    assert _drawn([reading(chronological_months=None)]).texts[0].get_text().startswith("No reading")


def test_a_table_holds_everything_and_nothing_a_spreadsheet_runs() -> None:
    made = reading(
        1,
        decision=Decision.MODIFIED,
        clinician_months=96.0,
        reason='=HYPERLINK("x")',
        label="@Muster, “Anna”\nB",
        user="+x",
    )
    bare = replace(reading(2, sex=None), low_months=math.nan, high_months=math.nan)
    made = replace(made, cautions=("=1+1", "The image is small."))
    rows = list(csv.DictReader(io.StringIO(readings_csv([made, bare]))))
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["bone_age_months"], rows[0]["model_age_months"]) == ("96.00", "100.00")
    assert (rows[0]["reason"], rows[0]["user"]) == ('\'=HYPERLINK("x")', "'+x")
    assert (rows[0]["cautions"], rows[1]["cautions"]) == ("'=1+1 The image is small.", "")
    assert rows[0]["label"] == "'@Muster, “Anna”\nB"
    assert (rows[0]["sds"], rows[0]["standing"], rows[0]["reference"]) == ("-1.53", "normal", "Brush Foundation")
    assert (rows[1]["model_low_months"], rows[1]["sds"], rows[1]["sex"]) == ("", "", "")
    assert {row["note"] for row in rows} == {"Research use, not a medical device"}
