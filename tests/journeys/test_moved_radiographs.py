"""A run whose radiographs were moved while it was paused: the window says so, asks where they are, and goes on."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from boneage_gui import settings
from boneage_gui.settings import SettingsFile
from tests.trainer import small
from tests.window_fixtures import MakeWindow
from trainer.config import config_for
from trainer.data_source import read_source
from trainer.history import read_history

LONG_MS = 120_000
CASES = 40
EPOCHS = 4


@pytest.mark.usefixtures("small_trainer")
@pytest.mark.parametrize("named", ["", "boneage-training-dataset.csv"], ids=["by its folder", "by its table"])
def test_radiographs_that_were_moved_are_found_again(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    wait = partial(qtbot.waitUntil, timeout=LONG_MS)
    monkeypatch.setenv("SMALL_TRAINER_STEP_S", "0.2")
    data = small.write_data_set(tmp_path / "data", count=CASES)
    window = make_window(store=SettingsFile(), with_model=False)
    window.menus.actions["train"].trigger()
    training = window.training.window
    assert training is not None
    training.choices.form.set_config(config_for("baseline", **{**small.SMALL_CHOICES, "epochs": EPOCHS}))
    training.data.choice.choose(data / named)
    wait(lambda: training.data.ready)
    training.choices.name.setText("moved")
    training.controls.buttons["choices"].click()
    training.controls.buttons["start"].click()
    wait(lambda: training.desk.history is not None and len(training.desk.history.epochs) >= 1)
    training.controls.buttons["pause"].click()
    wait(lambda: not training.desk.busy)
    folder = settings.runs_folder() / "moved"
    paused = read_history(folder)
    assert paused.can_resume
    assert training.controls.buttons["find"].isHidden()

    moved = data.rename(tmp_path / "another disk")
    monkeypatch.setenv("SMALL_TRAINER_STEP_S", "0")
    training.controls.buttons["resume"].click()
    wait(lambda: not training.desk.busy)
    assert training.run.message.text().startswith("The radiographs of this run are no longer where they were, at ")
    assert "can be resumed" in training.run.message.text()
    find = training.controls.buttons["find"]
    assert (find.isHidden(), find.isEnabled()) == (False, True)

    elsewhere = small.write_data_set(tmp_path / "others", count=CASES + 1)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(elsewhere))
    find.click()
    wait(lambda: not training.desk.busy)
    assert "is not theirs" in training.run.message.text()
    assert read_history(folder).epochs == paused.epochs

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")  # nothing chosen
    find.click()
    assert not training.desk.busy
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(moved))
    find.click()
    wait(lambda: not training.desk.busy)
    history = read_history(folder)
    assert (history.state, len(history.epochs)) == ("finished", EPOCHS)
    assert history.epochs[: len(paused.epochs)] == paused.epochs
    assert read_source(folder).data == moved / named
    assert find.isHidden()
