"""The lab with a second model beside the one in use: chosen, thought better of, not come in time."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from boneage_gui.windows import dialogs
from boneage_gui.windows.augmentation.window import AugmentationWindow
from tests.gui.fakes import FakeModels
from tests.journeys.lab import aged, settled
from tests.window_fixtures import LONG_MS


def test_a_second_model_stands_beside_the_first(qtbot: QtBot, lab: AugmentationWindow, fake_models: FakeModels) -> None:
    index = lab.bar.second.findData("baseline")
    lab.bar.second.setCurrentIndex(index)
    lab.bar.second.activated.emit(index)
    aged(qtbot, lab, model=1)
    assert len(lab.gallery.summary.texts()) == 2
    assert all(len(face.ages) == 2 for face in lab.gallery.grid.faces)
    lab.bar.second.activated.emit(lab.bar.second.findData("improved-sex"))
    lab.choose_second("")
    settled(qtbot, lab)
    assert len(lab.gallery.summary.texts()) == 1
    aged(qtbot, lab)  # the first model's ages stand there again
    fake_models.broken.add("baseline")
    lab.choose_second("baseline")
    qtbot.waitUntil(lambda: "baseline.safetensors" in lab.banner.text, timeout=LONG_MS)
    assert len(lab.gallery.summary.texts()) == 1
    settled(qtbot, lab)
    aged(qtbot, lab)


def test_who_thinks_better_of_a_model_file_keeps_the_second_model(
    qtbot: QtBot, lab: AugmentationWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = lab.bar.second.findData("baseline")
    lab.bar.second.setCurrentIndex(index)
    lab.bar.second.activated.emit(index)
    aged(qtbot, lab, model=1)
    monkeypatch.setattr(dialogs, "ask_model", lambda *_: None)
    last = lab.bar.second.count() - 1
    lab.bar.second.setCurrentIndex(last)
    lab.bar.second.activated.emit(last)
    assert lab.bar.second.currentData() == "baseline"
    assert lab.desk.askings[1].predictor is not None


def test_a_second_model_that_never_came_is_not_named_at_the_next_opening(
    qtbot: QtBot, lab: AugmentationWindow, fake_models: FakeModels
) -> None:
    fake_models.loading.clear()
    index = lab.bar.second.findData("baseline")
    lab.bar.second.setCurrentIndex(index)
    lab.bar.second.activated.emit(index)
    assert lab.desk.second.loading
    lab.close()
    fake_models.loading.set()
    assert lab.bar.second.currentData() == ""
    assert not lab.desk.second.loading
