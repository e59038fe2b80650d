"""The panel: what it says in every state."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from boneage_gui.widgets.interval_bar import IntervalBar
from boneage_gui.widgets.prediction_panel import PredictionPanel
from tests.gui.fakes import card
from trainer.prediction import RESEARCH_USE, Prediction, years_and_months
from trainer.radiograph import Radiograph, Sex, Study

PREDICTION = Prediction(
    age_months=100.4,
    low_months=80.0,
    high_months=119.6,
    coverage=0.9,
    sex=Sex.MALE,
    model_name="improved-sex",
    model_sha256="0123456789abcdef",
    elapsed_s=0.1234,
    cautions=("The hand is rotated.",),
)


@pytest.fixture
def panel(qtbot: QtBot) -> PredictionPanel:
    made = PredictionPanel()
    qtbot.addWidget(made)
    made.resize(made.width(), 760)
    made.show()
    return made


def radiograph(*, sex: Sex | None = None, study: Study | None = None, cautions: tuple[str, ...] = ()) -> Radiograph:
    return Radiograph(
        pixels=np.zeros((8, 8), dtype=np.float32),
        source=Path("hand.png"),
        sex=sex,
        study=study or Study(),
        cautions=cautions,
    )


def texts(panel: PredictionPanel) -> list[str]:
    return [part.text() for part in panel.findChildren(QLabel) if part.isVisible() and part.text()]


def test_it_begins_with_nothing_open(panel: PredictionPanel) -> None:
    assert panel.state == "No radiograph"
    assert not panel.sex.isEnabled()
    assert not panel.sex.is_asking()


def test_the_age_is_in_years_and_months_with_its_interval(panel: PredictionPanel) -> None:
    panel.show_radiograph(radiograph(sex=Sex.MALE))
    panel.show_prediction(PREDICTION)
    assert panel.state == "Bone age: 8 years 4 months"
    assert panel.detail == "90 % interval 6 years 8 months to 10 years"
    assert panel.interval_bar.toolTip() == "From 6 years 8 months to 10 years."
    assert "Read in 0.12 s" in texts(panel)
    assert panel.cautions.lines == ("The hand is rotated.",)


@pytest.mark.parametrize(
    "show",
    [
        PredictionPanel.show_no_file,
        PredictionPanel.show_no_model,
        PredictionPanel.show_model_loading,
        PredictionPanel.show_estimating,
        lambda panel: panel.show_reading("next.png"),
        lambda panel: panel.show_refusal("This is not a hand."),
        lambda panel: panel.show_radiograph(radiograph()),
    ],
)
def test_no_state_without_a_number_shows_the_number_before(panel: PredictionPanel, show: object) -> None:
    panel.show_radiograph(radiograph(sex=Sex.MALE))
    panel.show_prediction(PREDICTION)
    assert callable(show)
    show(panel)
    assert panel.prediction is None
    said = " ".join(texts(panel))
    assert "8" not in panel.state
    assert "interval" not in said
    assert "Read in" not in said
    assert RESEARCH_USE in said


def test_research_use_is_always_on_it(panel: PredictionPanel) -> None:
    assert RESEARCH_USE in texts(panel)


def test_a_model_without_measured_residuals_has_no_interval(panel: PredictionPanel) -> None:
    panel.show_prediction(replace(PREDICTION, low_months=math.nan, high_months=math.nan))
    assert panel.detail == "Interval not measured for this model"
    assert panel.interval_bar.toolTip() == "No interval yet."


def test_cautions_of_file_and_model_are_shown_once(panel: PredictionPanel) -> None:
    panel.show_prediction(PREDICTION, more_cautions=("The hand is rotated.", "The file was inverted."))
    assert panel.cautions.lines == ("The hand is rotated.", "The file was inverted.")


def test_why_a_picture_is_refused_is_said_once(panel: PredictionPanel) -> None:
    cautions = ("It is another examination.", "Lengths are in pixels.")
    panel.show_radiograph(radiograph(cautions=cautions))
    panel.show_refusal("It is another examination. It is no hand.", anyway=True)
    assert panel.cautions.lines == cautions[1:]
    panel.show_prediction(PREDICTION, more_cautions=cautions)  # read anyway
    assert set(cautions) <= set(panel.cautions.lines)


def test_the_model_is_described_from_its_card(panel: PredictionPanel) -> None:
    panel.show_model(card(), loading=True)
    assert panel.model.splitlines() == [
        "improved-sex, loading…",
        "MAE 9.8 months (95 % CI 9.4 to 10.2) on 1,131 held-out radiographs",
        "Trained on 100-pixel copies of the RSNA bone age set; for research use.",
    ]
    panel.show_model(card("baseline", uses_sex=False), loading=False)
    assert "baseline  ·  01234567" in panel.model
    assert "does not use the child’s sex" in panel.model
    panel.show_model(None, loading=False)
    assert "None installed" in texts(panel)


def test_sex_is_asked_when_the_header_does_not_say(panel: PredictionPanel, qtbot: QtBot) -> None:
    panel.show_radiograph(radiograph())
    assert panel.sex.is_asking()
    assert panel.sex.hint == "Female or male? The file does not say."
    with qtbot.waitSignal(panel.sex_chosen) as chosen:
        panel.sex.button(Sex.FEMALE).click()
    assert chosen.args == [Sex.FEMALE]
    assert not panel.sex.is_asking()
    with qtbot.waitSignal(panel.sex_chosen) as chosen:
        panel.sex.button(None).click()
    assert chosen.args == [None]
    assert not panel.sex.is_asking()


def test_the_next_file_is_asked_about_anew(panel: PredictionPanel) -> None:
    panel.show_radiograph(radiograph())
    panel.choose_sex(Sex.FEMALE)
    panel.show_radiograph(radiograph())
    assert panel.sex.is_asking()
    assert not panel.sex.button(Sex.FEMALE).isChecked()


def test_the_headers_sex_is_taken_and_contradicting_it_is_said(panel: PredictionPanel) -> None:
    panel.show_radiograph(radiograph(sex=Sex.MALE))
    assert panel.sex.button(Sex.MALE).isChecked()
    assert panel.sex.hint == "From the file’s header."
    panel.choose_sex(Sex.FEMALE)
    assert panel.sex.hint == "You chose this; the file’s header says male."


def test_dates_of_the_header_make_the_chronological_age(panel: PredictionPanel) -> None:
    study = Study(birth_date=date(2010, 3, 10), study_date=date(2018, 5, 10))
    panel.show_radiograph(radiograph(study=study))
    assert panel.dates.months == 98
    panel.show_prediction(PREDICTION)
    assert panel.dates.spoken == "8 years 2 months Bone age is 2 months ahead of chronological age."
    assert "triangle marks the chronological age, 8 years 2 months" in panel.interval_bar.toolTip()


def test_dates_can_be_typed(panel: PredictionPanel) -> None:
    panel.show_radiograph(radiograph())
    panel.show_prediction(PREDICTION)
    birth, study = panel.dates.findChildren(QLineEdit)
    QTest.keyClicks(birth, "2010-03-10")
    assert "study date is missing" in panel.dates.spoken
    QTest.keyClicks(study, "2018-05-10")
    assert years_and_months(98) in panel.dates.spoken
    assert "2 months ahead" in panel.dates.spoken
    study.clear()
    QTest.keyClicks(study, "10/05/2018")
    assert panel.dates.months is None
    assert "year-month-day" in panel.dates.spoken
    assert "chronological" not in panel.interval_bar.toolTip()


def test_dates_the_wrong_way_round_are_a_sentence(panel: PredictionPanel) -> None:
    panel.show_radiograph(radiograph())
    panel.dates.type_dates(birth="2020-01-01", study="2010-01-01")
    assert "The study date lies before the birth date" in panel.dates.spoken
    assert panel.dates.months is None


def test_dates_of_one_child_do_not_stay_for_the_next(panel: PredictionPanel) -> None:
    panel.show_radiograph(radiograph(study=Study(birth_date=date(2010, 3, 10), study_date=date(2018, 5, 10))))
    panel.show_radiograph(radiograph())
    assert panel.dates.months is None
    assert [field.text() for field in panel.dates.findChildren(QLineEdit)] == ["", ""]


def test_the_bar_keeps_ages_in_order_and_inside(qtbot: QtBot) -> None:
    bar = IntervalBar()
    qtbot.addWidget(bar)
    bar.resize(300, bar.height())
    bar.show_interval(age_months=100, low_months=80, high_months=120)
    places = [bar.position(months) for months in (0, 80, 100, 120, 228)]
    assert places == sorted(places)
    assert 0 <= places[0] < places[-1] <= 300
    bar.show_chronological(300)  # an adult's hand stretches the scale
    assert bar.position(228) < bar.position(300) <= 300
    assert not bar.grab().toImage().isNull()


def test_whose_radiograph_it_is_stands_at_the_head(panel: PredictionPanel) -> None:
    study = Study(patient_key="4711^^^hospital", patient_name="Muster Anna", laterality="left", view="PA")
    panel.show_radiograph(replace(radiograph(), study=study))
    assert panel.whose == "Muster Anna · 4711 · left · PA"
    panel.show_radiograph(replace(radiograph(), study=Study()))
    assert panel.whose == ""


def test_the_scale_of_an_absurd_interval_has_an_end(qtbot: QtBot) -> None:
    """Ticks up to 1e300 were drawn for ever."""
    bar = IntervalBar()
    qtbot.addWidget(bar)
    bar.resize(300, bar.height())
    bar.show_interval(age_months=100.0, low_months=0.0, high_months=1e300)
    assert not bar.grab().isNull()
    assert bar.position(1e300) <= 300
