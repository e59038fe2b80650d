"""Through the real window: what the gate refuses has no number until somebody wants one anyway, and it is marked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

import resources
from boneage_gui import assets, work
from boneage_gui.clinic.reading import Decision
from boneage_gui.windows.main_window import MainWindow
from tests.factories import write_png
from tests.gui.fakes import FakeModels
from tests.window_fixtures import LONG_MS
from trainer.errors import RefusedError
from trainer.gate.kinds import SENTENCES, TURNED
from trainer.gate.verdict import READ_ANYWAY
from trainer.radiograph import Sex

NO_HAND = "This does not look like a hand radiograph."


def test_what_is_refused_is_read_when_somebody_wants_it_and_marked(
    qtbot: QtBot, window: MainWindow, fake_models: FakeModels, hand_dicom: Path, hand_png: Path
) -> None:
    qtbot.waitUntil(lambda: window.clinic.readings.opened is not None, timeout=LONG_MS)
    predictor = fake_models.predictors["improved-sex"]
    predictor.gate_refuses = NO_HAND
    with qtbot.waitSignal(window.refused, timeout=LONG_MS):
        window.open_paths([hand_dicom])
    assert window.panel.state == "No bone age"
    assert window.panel.detail == NO_HAND
    assert predictor.asked
    assert not window.panel.decision.accept.isEnabled()
    assert window.panel.anyway.isVisible()

    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        qtbot.mouseClick(window.panel.anyway, Qt.MouseButton.LeftButton)
    assert not window.panel.anyway.isVisible()
    assert window.prediction is not None
    assert f"{READ_ANYWAY}{NO_HAND}" in window.prediction.cautions
    with qtbot.waitSignal(window.clinic.readings.kept, timeout=LONG_MS) as kept:
        window.menus.actions["accept_reading"].trigger()
    assert kept.args[0].decision is Decision.ACCEPTED

    # Another sex is a question about the same picture; another picture is refused again.
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.panel.choose_sex(Sex.FEMALE)
    with qtbot.waitSignal(window.refused, timeout=LONG_MS):
        window.open_paths([hand_png])
    assert window.panel.anyway.isVisible()


def test_the_key_reads_anyway_and_says_where_nothing_was_refused(
    qtbot: QtBot, window: MainWindow, fake_models: FakeModels, hand_png: Path
) -> None:
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([hand_png])
    window.menus.actions["read_anyway"].trigger()
    assert window.banner.text == "Nothing was refused that could be read anyway."
    fake_models.predictors["improved-sex"].gate_refuses = NO_HAND
    with qtbot.waitSignal(window.refused, timeout=LONG_MS):
        window.panel.choose_sex(Sex.MALE)
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.menus.actions["read_anyway"].trigger()


def test_a_hand_on_its_side_is_read_once_its_reader_has_turned_it(
    qtbot: QtBot, window: MainWindow, fake_models: FakeModels, hand_png: Path
) -> None:
    predictor = fake_models.predictors["improved-sex"]
    predictor.gate_refuses = SENTENCES[TURNED]
    with qtbot.waitSignal(window.refused, timeout=LONG_MS):
        window.open_paths([hand_png])
    predictor.gate_refuses = ""
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.menus.actions["rotate_left"].trigger()
    assert window.inference.question is not None
    assert window.inference.question.radiograph.quarters == 3
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):  # what was turned once is read as it is turned
        window.menus.actions["flip_vertical"].trigger()
    assert window.inference.question.radiograph.quarters == 1  # what is seen, without its mirroring
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.menus.actions["reset"].trigger()
    assert window.inference.question.radiograph.quarters == 0


def test_turning_what_is_certain_asks_nothing(qtbot: QtBot, window: MainWindow, hand_png: Path) -> None:
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([hand_png])
    with qtbot.assertNotEmitted(window.inference.asked):
        window.menus.actions["rotate_left"].trigger()


def test_typed_dates_of_an_adult_take_the_number_away_and_right_ones_bring_it_back(
    qtbot: QtBot, window: MainWindow, hand_png: Path
) -> None:
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([hand_png])
    with qtbot.waitSignal(window.refused, timeout=LONG_MS):
        window.panel.dates.type_dates(birth="1970-01-01", study="2020-01-01")
    assert window.panel.state == "No bone age"
    assert window.panel.detail.startswith("By birth and study date the patient was 50 years old")
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.panel.dates.type_dates(birth="2010-01-01", study="2020-01-01")
    with qtbot.assertNotEmitted(window.inference.asked):  # the answer would be the same
        window.panel.dates.type_dates(birth="2011-01-01", study="2020-01-01")


def test_what_no_gate_keeps_back_is_not_offered(
    qtbot: QtBot, window: MainWindow, fake_models: FakeModels, hand_png: Path
) -> None:
    fake_models.predictors["improved-sex"].refusal = "No tissue stands out."
    with qtbot.waitSignal(window.refused, timeout=LONG_MS):
        window.open_paths([hand_png])
    assert not window.panel.anyway.isVisible()


def test_the_shipped_gate_keeps_samples_and_refuses_noise(tmp_path: Path) -> None:
    model = assets.default_model()
    assert model is not None
    predictor = work.load_predictor(model, gate_file=resources.gate_path(), likeness_folder=resources.gate_folder())
    sample = work.read(resources.sample_paths()[0])
    assert 0 < work.predict(predictor, sample, sample.sex).age_months < 230
    noise = np.random.default_rng(0).integers(0, 256, (400, 300), dtype=np.uint8)
    picture = work.read(write_png(tmp_path / "noise.png", noise))
    with pytest.raises(RefusedError, match=r"\w"):
        work.predict(predictor, picture, None)
    assert any(READ_ANYWAY in line for line in work.predict(predictor, picture, None, anyway=True).cautions)
