"""The training window, with a child that only plays: what can be done when, what it shows, what it outlives."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from boneage_gui import settings
from boneage_gui.settings import SettingsFile
from boneage_gui.training import DeskState
from boneage_gui.windows.main_window import MainWindow
from boneage_gui.windows.training import closing
from boneage_gui.windows.training.runs_page import row_of
from boneage_gui.windows.training.steps import Page
from boneage_gui.windows.training_window import TrainingWindow
from boneage_gui.work import child as child_module
from tests.gui.fakes import FakeModels
from tests.window_fixtures import LONG_MS, MakeWindow
from trainer.config import config_for
from trainer.history import read_history
from trainer.prepare import DataSource

FAKE = Path(__file__).with_name("fake_trainer.py")
Behave = Callable[[str], None]


@pytest.fixture
def behave(monkeypatch: pytest.MonkeyPatch) -> Iterator[Behave]:
    """Say how the child behaves from now on; at the end no child is left."""
    monkeypatch.setattr(child_module, "PROGRAM", (sys.executable, str(FAKE)))
    yield lambda how: monkeypatch.setenv("FAKE_TRAINER", how)
    child_module.kill_all()


@pytest.fixture
def main(window: MainWindow, behave: Behave) -> MainWindow:
    """A main window whose trainings only play."""
    return window


@pytest.fixture
def training(main: MainWindow, qtbot: QtBot, tmp_path: Path) -> TrainingWindow:
    """The training window, with data that were looked at and a config of two epochs."""
    main.menus.actions["train"].trigger()
    opened = main.training.window
    assert opened is not None
    data = tmp_path / "data"
    data.mkdir()
    (data / "ages.csv").write_text("id,boneage,male\n1,12,True\n")
    opened.choices.form.set_config(config_for("baseline", epochs=2))
    opened.data.choice.set_source(DataSource(data=data))
    qtbot.waitUntil(lambda: opened.data.ready, timeout=LONG_MS)
    return opened


def shown(training: TrainingWindow) -> dict[str, bool]:
    """The buttons at the foot that are there, and whether they can be pressed."""
    return {name: button.isEnabled() for name, button in training.controls.buttons.items() if not button.isHidden()}


def press(training: TrainingWindow, name: str) -> None:
    training.controls.buttons[name].click()


def begin(training: TrainingWindow, qtbot: QtBot, behave: Behave, how: str = "slow") -> Path:
    """Start through the buttons and wait until it trains."""
    behave(how)
    training.show_page(Page.CHOICES)
    with qtbot.waitSignal(training.desk.changed, timeout=LONG_MS):
        press(training, "start")
    assert training.desk.folder is not None
    return training.desk.folder


def is_on(training: TrainingWindow, page: Page) -> bool:
    return training.page is page


def wait_idle(training: TrainingWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not training.desk.busy, timeout=LONG_MS)


def test_from_data_to_choices_to_training(training: TrainingWindow, qtbot: QtBot, behave: Behave) -> None:
    assert is_on(training, Page.DATA)
    assert shown(training) == {"choices": True}
    press(training, "choices")
    assert is_on(training, Page.CHOICES)
    assert shown(training) == {"start": True}
    begin(training, qtbot, behave)
    assert is_on(training, Page.TRAINING)
    assert shown(training) == {"discard": True, "stop": False, "pause": True}
    assert training.run.headline.text().startswith("Training, epoch 1 of 2")
    assert not training.choices.form.isEnabled()
    training.show_page(Page.CHOICES)
    assert shown(training) == {"start": False}


def test_nothing_starts_without_data(main: MainWindow, qtbot: QtBot, behave: Behave) -> None:
    main.menus.actions["train"].trigger()
    opened = main.training.window
    assert opened is not None
    opened.show_page(Page.CHOICES)
    assert shown(opened) == {"start": False}
    opened.start()
    assert not opened.desk.busy
    assert not opened.steps.buttons[Page.TRAINING].isEnabled()
    assert not opened.steps.buttons[Page.VERDICT].isEnabled()


def test_data_that_cannot_be_read_are_a_sentence(
    main: MainWindow, qtbot: QtBot, behave: Behave, tmp_path: Path
) -> None:
    behave("refuses")
    main.menus.actions["train"].trigger()
    opened = main.training.window
    assert opened is not None
    (tmp_path / "ages.csv").write_text("id,boneage,male\n1,12,True\n")
    opened.data.choice.set_source(DataSource(data=tmp_path))
    qtbot.waitUntil(lambda: not opened.data.message.isHidden(), timeout=LONG_MS)
    assert opened.data.message.text() == "There is no table of ages in “data”."
    assert not opened.data.ready


def test_paused_and_resumed_by_its_buttons(training: TrainingWindow, qtbot: QtBot, behave: Behave) -> None:
    folder = begin(training, qtbot, behave)
    press(training, "pause")
    assert shown(training)["pause"] is False
    wait_idle(training, qtbot)
    assert is_on(training, Page.TRAINING)
    assert shown(training) == {"discard": True, "resume": True}
    behave("plain")
    press(training, "resume")
    qtbot.waitUntil(lambda: training.desk.history is not None and bool(training.desk.history.finished), timeout=LONG_MS)
    wait_idle(training, qtbot)
    assert read_history(folder).state == "finished"
    assert is_on(training, Page.VERDICT)
    assert training.steps.buttons[Page.VERDICT].isEnabled()


def test_stop_keeps_the_best_once_there_is_one(training: TrainingWindow, qtbot: QtBot, behave: Behave) -> None:
    training.choices.form.set_config(config_for("baseline", epochs=1000))
    qtbot.waitUntil(lambda: training.data.ready, timeout=LONG_MS)
    folder = begin(training, qtbot, behave, "plain")
    qtbot.waitUntil(lambda: shown(training).get("stop", False), timeout=LONG_MS)
    press(training, "stop")
    wait_idle(training, qtbot)
    assert read_history(folder).state == "stopped"


def test_discard_asks_first(training: TrainingWindow, qtbot: QtBot, behave: Behave) -> None:
    folder = begin(training, qtbot, behave)
    for text, stays in (("&Keep", True), ("&Discard", False)):
        press(training, "discard")
        box = training.question
        assert isinstance(box, QMessageBox)
        (button,) = [button for button in box.buttons() if button.text() == text]
        button.click()
        if stays:
            assert training.desk.state is DeskState.TRAINING
            assert folder.is_dir()
    qtbot.waitUntil(lambda: not folder.exists() and not training.desk.busy, timeout=LONG_MS)
    assert is_on(training, Page.CHOICES)


def test_the_run_goes_on_while_the_window_is_closed(
    main: MainWindow, training: TrainingWindow, qtbot: QtBot, behave: Behave
) -> None:
    begin(training, qtbot, behave)
    training.close()
    assert training.desk.busy
    assert main.training.badge.text.startswith("Training, epoch 1 of 2")
    main.training.badge.button.click()
    assert main.training.window is training
    assert training.isVisible()
    assert is_on(training, Page.TRAINING)
    training.desk.stop()
    wait_idle(training, qtbot)
    assert main.training.badge.text == ""


def test_a_child_that_dies_is_said_and_offered_to_resume(
    main: MainWindow, training: TrainingWindow, qtbot: QtBot, behave: Behave
) -> None:
    begin(training, qtbot, behave, "dies")
    wait_idle(training, qtbot)
    assert "can be resumed" in training.run.message.text()
    assert shown(training) == {"discard": True, "resume": True}
    assert main.settings.unfinished_run == training.desk.folder.name if training.desk.folder else False


def test_closing_the_program_asks_and_pauses(
    main: MainWindow, training: TrainingWindow, qtbot: QtBot, behave: Behave
) -> None:
    folder = begin(training, qtbot, behave)
    main.close()
    question = main.training.closing
    assert question is not None
    assert main.isVisible()
    question.stay.click()
    assert main.isVisible()
    assert training.desk.state is DeskState.TRAINING
    main.close()
    question = main.training.closing
    assert question is not None
    question.go.click()
    assert question.title.text() == closing.SAVING
    qtbot.waitUntil(lambda: not main.isVisible(), timeout=LONG_MS)
    assert read_history(folder).state == "paused"
    assert not training.isVisible()


def test_closing_does_not_wait_for_ever(
    main: MainWindow, training: TrainingWindow, qtbot: QtBot, behave: Behave, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "LONGEST_GOODBYE_MS", 300)
    training.choices.form.set_config(config_for("baseline", epochs=1000))
    qtbot.waitUntil(lambda: training.data.ready, timeout=LONG_MS)
    folder = begin(training, qtbot, behave, "deaf")
    main.close()
    question = main.training.closing
    assert question is not None
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


def test_every_control_has_a_tooltip_and_a_name(training: TrainingWindow) -> None:
    controls = [*training.findChildren(QAbstractButton), *training.findChildren(QLineEdit)]
    nameless = [
        f"{type(control).__name__} {control.accessibleName()!r} {control.toolTip()!r}"
        for control in controls
        if not control.objectName().startswith("qt_")
        and (not control.toolTip() or not (control.accessibleName() or control.property("text")))
    ]
    assert nameless == []


def test_pages_have_keys(training: TrainingWindow, qtbot: QtBot) -> None:
    training.activateWindow()
    qtbot.waitUntil(training.isActiveWindow, timeout=LONG_MS)
    for key, page in ((Qt.Key.Key_2, Page.CHOICES), (Qt.Key.Key_5, Page.RUNS), (Qt.Key.Key_1, Page.DATA)):
        QTest.keyClick(training, key, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(partial(is_on, training, page), timeout=LONG_MS)
