"""What a training outlives: the closing of the program, its next start; and the list of past runs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from boneage_gui import settings
from boneage_gui.settings import SettingsFile
from boneage_gui.training import DeskState
from boneage_gui.windows.main_window import MainWindow
from boneage_gui.windows.training import closing
from boneage_gui.windows.training.runs_page import row_of
from boneage_gui.windows.training.steps import Page
from boneage_gui.windows.training.window import TrainingWindow
from tests.gui.fakes import FakeModels
from tests.gui.training_steps import Behave, begin, is_on, prepare, wait_idle
from tests.trainer.drawings import a_history
from tests.window_fixtures import LONG_MS, MakeWindow
from trainer.augment import Recipe, Step
from trainer.config import config_for
from trainer.data_source import DataSource
from trainer.events import to_json
from trainer.history import read_history


def _closing(main: MainWindow) -> closing.Closing:
    """Close the program, which asks."""
    main.close()
    question = main.training.closing
    assert question is not None
    return question


def test_closing_the_program_asks_and_pauses(
    main: MainWindow, training: TrainingWindow, qtbot: QtBot, behave: Behave
) -> None:
    folder = begin(training, qtbot, behave)
    question = _closing(main)
    assert main.isVisible()
    question.stay.click()
    assert main.isVisible()
    assert training.desk.state is DeskState.TRAINING
    question = _closing(main)
    question.go.click()
    assert question.title.text() == closing.SAVING
    qtbot.waitUntil(lambda: not main.isVisible(), timeout=LONG_MS)
    assert read_history(folder).state == "paused"
    assert main.training.window is None


def test_closing_while_a_new_run_is_prepared_promises_no_resuming(
    main: MainWindow, training: TrainingWindow, qtbot: QtBot, behave: Behave
) -> None:
    folder = prepare(training, qtbot, behave)
    question = _closing(main)
    assert (question.title.text(), question.detail.text()) == (closing.PREPARING, closing.WHAT_ENDS)
    assert "Pause" not in question.go.text()
    question.go.click()
    assert question.title.text() == closing.ENDING
    qtbot.waitUntil(lambda: not main.isVisible(), timeout=LONG_MS)
    assert not folder.exists()


def test_the_end_of_the_session_asks_nobody_and_pauses(
    main: MainWindow, training: TrainingWindow, qtbot: QtBot, behave: Behave
) -> None:
    folder = begin(training, qtbot, behave)
    main.close()
    main.training.pause_and_close()
    main.training.pause_and_close()  # asked once more, while it saves
    qtbot.waitUntil(lambda: not main.isVisible(), timeout=LONG_MS)
    assert read_history(folder).state == "paused"


def test_closing_does_not_wait_for_ever(
    main: MainWindow, training: TrainingWindow, qtbot: QtBot, behave: Behave, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "LONGEST_GOODBYE_MS", 300)
    training.choices.form.set_config(config_for("baseline", epochs=1000))
    qtbot.waitUntil(lambda: training.data.ready, timeout=LONG_MS)
    folder = begin(training, qtbot, behave, "deaf")
    question = _closing(main)
    question.go.click()
    qtbot.waitUntil(lambda: not main.isVisible(), timeout=LONG_MS)
    assert read_history(folder).state == "interrupted"


def test_what_was_not_finished_is_offered_once_at_the_next_start(
    training: TrainingWindow, qtbot: QtBot, behave: Behave, make_window: MakeWindow, fake_models: FakeModels
) -> None:
    folder = begin(training, qtbot, behave)
    training.desk.pause()
    wait_idle(training, qtbot)
    SettingsFile().save(settings.Settings(unfinished_run=folder.name))
    second = make_window(SettingsFile().load(), store=SettingsFile())
    second.training.unfinished.look()
    offer = second.training.unfinished.offer
    qtbot.waitUntil(lambda: bool(offer.text), timeout=LONG_MS)
    assert f"“{folder.name}”" in offer.text
    offer.decline_button.click()
    assert offer.text == ""
    assert SettingsFile().load().unfinished_run == ""
    third = make_window(settings.Settings(unfinished_run=folder.name))
    third.training.unfinished.look()
    qtbot.waitUntil(lambda: bool(third.training.unfinished.offer.text), timeout=LONG_MS)
    behave("plain")
    third.training.unfinished.offer.take_button.click()
    qtbot.waitUntil(lambda: read_history(folder).state == "finished", timeout=LONG_MS)
    qtbot.waitUntil(lambda: not third.training.desk.busy, timeout=LONG_MS)
    assert third.settings.unfinished_run == ""
    assert third.training.window is not None
    third.training.window.close()


def test_an_ensemble_is_offered_with_the_model_at_which_it_stands(main: MainWindow, qtbot: QtBot) -> None:
    folder = settings.runs_folder() / "three"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config_for("baseline", epochs=2, members=3).to_json()))
    records = [replace(record, member=member) for member in (1, 2) for record in a_history([14.0, 15.0]).epochs]
    (folder / "events.jsonl").write_text("".join(f"{json.dumps(to_json(record))}\n" for record in records[:3]))
    main.settings = settings.Settings(unfinished_run="three")
    main.training.unfinished.look()
    offer = main.training.unfinished.offer
    qtbot.waitUntil(lambda: bool(offer.text), timeout=LONG_MS)
    assert offer.text == "The training “three” is not finished: it stands at 1 of 2 epochs, model 2 of 3."


@pytest.mark.parametrize("name", ["gone", "../../etc"])
def test_a_run_that_is_gone_is_not_offered(main: MainWindow, qtbot: QtBot, name: str) -> None:
    main.settings = settings.Settings(unfinished_run=name)
    main.training.unfinished.look()
    qtbot.waitUntil(lambda: main.settings.unfinished_run == "", timeout=LONG_MS)
    assert main.training.unfinished.offer.text == ""


def test_a_started_run_is_remembered_at_once(
    make_window: MakeWindow, fake_models: FakeModels, qtbot: QtBot, behave: Behave
) -> None:
    """A program that is killed writes nothing any more."""
    window = make_window(store=SettingsFile())
    behave("slow")
    window.training.desk.start(config_for("baseline"), DataSource(data=Path("/somewhere")), "mine")
    assert SettingsFile().load().unfinished_run == "mine"
    window.training.desk.kill()
    qtbot.waitUntil(lambda: not window.training.desk.busy, timeout=LONG_MS)


def test_past_runs_are_listed_overlaid_resumed_and_discarded(
    main: MainWindow, training: TrainingWindow, qtbot: QtBot, behave: Behave
) -> None:
    for name, how in (("first", "plain"), ("second", "dies")):
        training.choices.name.setText(name)
        begin(training, qtbot, behave, how)
        wait_idle(training, qtbot)
    main.menus.actions["past_runs"].trigger()
    runs = training.runs
    qtbot.waitUntil(lambda: len(runs.runs) == 2, timeout=LONG_MS)
    cells = {row_of(run)[0]: row_of(run)[2] for run in runs.runs}
    assert cells == {"first": "finished", "second": "interrupted"}
    runs.choose("first", "second")
    assert not runs.resume_button.isEnabled()
    qtbot.waitUntil(lambda: runs.figure.figure is not None, timeout=LONG_MS)
    assert runs.figure.figure is not None
    assert len(runs.figure.figure.axes) == 2
    runs.choose("first")
    assert (runs.resume_button.isEnabled(), runs.use_button.isEnabled()) == (False, True)
    runs.choose("second")
    assert runs.resume_button.isEnabled()
    behave("plain")
    runs.resume_button.click()
    assert is_on(training, Page.TRAINING)
    wait_idle(training, qtbot)
    assert read_history(settings.runs_folder() / "second").state == "finished"
    training.show_past_runs()
    qtbot.waitUntil(lambda: {run.history.state for run in runs.runs} == {"finished"}, timeout=LONG_MS)
    runs.choose("first")
    runs.discard_button.click()
    assert training.question is not None
    (button,) = [button for button in training.question.buttons() if button.text() == "&Discard"]
    button.click()
    qtbot.waitUntil(lambda: len(runs.runs) == 1, timeout=LONG_MS)
    assert not (settings.runs_folder() / "first").exists()


def test_a_past_run_fills_the_form_for_another_of_its_choices_and_radiographs(
    main: MainWindow, training: TrainingWindow, qtbot: QtBot, behave: Behave, tmp_path: Path
) -> None:
    own = Recipe(name="mild", steps=(Step(transform="rotation", low=-3, high=3),))
    config = config_for("improved", epochs=2, learning_rate=0.002, recipe=own, seed=7)
    training.choices.form.set_config(config)
    qtbot.waitUntil(lambda: training.data.ready, timeout=LONG_MS)
    training.choices.name.setText("first")
    begin(training, qtbot, behave, "plain")
    wait_idle(training, qtbot)
    training.choices.form.set_config(config_for("baseline"))
    training.data.choice.choose(None)
    training.show_past_runs()
    runs = training.runs
    qtbot.waitUntil(lambda: len(runs.runs) == 1, timeout=LONG_MS)
    assert not runs.again_button.isEnabled()
    runs.choose("first")
    runs.again_button.click()
    assert is_on(training, Page.CHOICES)
    assert training.choices.config == config
    qtbot.waitUntil(lambda: training.data.ready, timeout=LONG_MS)
    assert training.data.source is not None
    assert training.data.source.data == tmp_path / "data"
    folder = begin(training, qtbot, behave, "plain")
    assert folder.name != "first"
    wait_idle(training, qtbot)
    assert read_history(folder).config == config
    (tmp_path / "data").rename(tmp_path / "moved")
    training.show_past_runs()
    qtbot.waitUntil(lambda: len(runs.runs) == 2 and all(run.source is None for run in runs.runs), timeout=LONG_MS)
    runs.choose("first")
    assert not runs.again_button.isEnabled()
    assert runs.again_button.toolTip() == "The radiographs of this run are no longer where they were"
