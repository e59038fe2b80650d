"""Through the real window: a bone age held against the tables, or the reason why it is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from boneage_gui.settings import SettingsFile
from boneage_gui.windows.main_window import MainWindow
from tests.gui.fakes import FakeModels, expected_months
from tests.window_fixtures import LONG_MS, MakeWindow
from trainer.radiograph import Sex


def _open(qtbot: QtBot, window: MainWindow, path: Path) -> float:
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([path])
    assert window.radiograph is not None
    return expected_months(window.radiograph, window.radiograph.sex)


def test_a_header_with_sex_and_dates_is_enough(qtbot: QtBot, window: MainWindow, hand_dicom: Path) -> None:
    age = _open(qtbot, window, hand_dicom)
    assessment = window.clinic.number.assessment
    assert assessment is not None
    assert assessment.sds == pytest.approx((age - 120) / 9.79)  # the Brush Foundation's boys at ten years
    assert assessment.score_on_screen in window.panel.standing.spoken
    assert "Brush Foundation" in window.panel.standing.spoken
    assert "two-SD band" in window.panel.interval_bar.toolTip()
    text = window.commands.reading_text()
    assert text is not None
    assert assessment.verdict_in_words in text


def test_what_is_missing_is_said_and_typing_it_helps(qtbot: QtBot, window: MainWindow, hand_png: Path) -> None:
    _open(qtbot, window, hand_png)
    assert window.panel.standing.spoken == "No reference: choose the sex."
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.panel.sex.button(Sex.FEMALE).click()
    assert window.panel.standing.spoken == "No reference: the chronological age is needed."
    window.panel.dates.type_dates(birth="2010-03-10", study="2020-03-10")
    assert window.clinic.number.assessment is not None
    assert window.clinic.number.assessment.sd_months == 11.73
    window.panel.dates.type_dates(birth="2000-03-10", study="2020-03-10")
    assert "covers girls from 3 months to 16 years" in window.panel.standing.spoken
    assert "band" not in window.panel.interval_bar.toolTip()


def test_the_other_table_is_chosen_named_and_kept(
    qtbot: QtBot, make_window: MakeWindow, fake_models: FakeModels, hand_dicom: Path, tmp_path: Path
) -> None:
    store = SettingsFile(tmp_path)
    window = make_window(store=store)
    _open(qtbot, window, hand_dicom)
    window.menus.actions["reference_greulich_pyle"].trigger()
    assert window.clinic.number.assessment is not None
    assert window.clinic.number.assessment.sd_months == 11.4
    assert "not verified against print" in window.panel.standing.spoken
    again = make_window(SettingsFile(tmp_path).load(), store=store)
    assert again.menus.actions["reference_greulich_pyle"].isChecked()


def test_while_a_question_is_open_there_is_no_score(
    qtbot: QtBot, window: MainWindow, fake_models: FakeModels, hand_dicom: Path
) -> None:
    _open(qtbot, window, hand_dicom)
    predictor = fake_models.predictors["improved-sex"]
    predictor.gate.clear()
    window.panel.sex.button(Sex.FEMALE).click()
    qtbot.waitUntil(lambda: len(predictor.asked) == 2, timeout=LONG_MS)
    assert window.clinic.number.assessment is None
    assert "Needs a bone age" in window.panel.standing.spoken
    predictor.gate.set()
    qtbot.waitUntil(lambda: window.clinic.number.assessment is not None, timeout=LONG_MS)
