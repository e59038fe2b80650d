"""The training window, with a child that only plays: what can be done when, what it shows."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from boneage_gui.training import DeskState
from boneage_gui.windows.main_window import MainWindow
from boneage_gui.windows.training.steps import Page
from boneage_gui.windows.training.window import TrainingWindow
from tests.gui.fake_trainer import APART
from tests.gui.training_steps import Behave, begin, is_on, prepare, press, shown, wait_idle
from tests.window_fixtures import LONG_MS
from trainer.config import config_for
from trainer.data_source import DataSource
from trainer.history import read_history


def test_from_data_to_choices_to_training(training: TrainingWindow, qtbot: QtBot, behave: Behave) -> None:
    assert is_on(training, Page.DATA)
    assert shown(training) == {"choices": True}
    press(training, "choices")
    assert is_on(training, Page.CHOICES)
    assert shown(training) == {"start": True}
    assert training.controls.reason.text() == ""
    begin(training, qtbot, behave)
    assert is_on(training, Page.TRAINING)
    assert shown(training) == {"discard": True, "stop": False, "pause": True}
    assert training.run.headline.text().startswith("Training, epoch 1 of 2")
    assert not training.choices.form.isEnabled()
    training.show_page(Page.CHOICES)
    assert shown(training) == {"start": False}
    assert training.controls.reason.text() == "A training is going on."


def test_nothing_starts_without_data(main: MainWindow, qtbot: QtBot, behave: Behave) -> None:
    main.menus.actions["train"].trigger()
    opened = main.training.window
    assert opened is not None
    opened.show_page(Page.CHOICES)
    assert shown(opened) == {"start": False}
    assert opened.controls.reason.text() == "Choose the radiographs first, on page 1, Data."
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
    opened.show_page(Page.CHOICES)
    assert opened.controls.reason.text() == "The radiographs cannot be read; page 1, Data, says why."


def test_what_must_be_minded_of_the_data_is_shown_before_it_trains(
    training: TrainingWindow, qtbot: QtBot, behave: Behave, tmp_path: Path
) -> None:
    view = training.data.view
    assert view.notes.isHidden()
    behave("minds")
    (tmp_path / "other.csv").write_text("id,boneage,male\n1,12,True\n")
    training.data.choice.set_source(DataSource(data=tmp_path / "other.csv"))
    qtbot.waitUntil(lambda: view.notes.lines == (APART,), timeout=LONG_MS)
    assert not view.notes.isHidden()
    behave("plain")
    training.data.choice.set_source(DataSource(data=tmp_path / "data"))
    qtbot.waitUntil(lambda: training.data.ready and view.notes.isHidden(), timeout=LONG_MS)


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


def test_a_run_that_goes_on_shows_what_it_has_done_while_it_is_prepared(
    training: TrainingWindow, qtbot: QtBot, behave: Behave
) -> None:
    begin(training, qtbot, behave, "dies")
    wait_idle(training, qtbot)
    behave("prepares")
    with qtbot.waitSignal(training.desk.preparing, timeout=LONG_MS):
        press(training, "resume")
    assert training.desk.state is DeskState.PREPARING
    assert training.controls.buttons["pause"].text() == "Pause"
    assert [len(history.epochs) for history in training.run.curves.view.histories] == [1]
    assert training.run.facts.fact("best") == "26.00 months (10\u00a0cases)"
    assert training.run.facts.run_bar.value() > 0
    assert "Epoch 1: " in training.run.log.toPlainText()
    press(training, "pause")
    wait_idle(training, qtbot)
    assert shown(training)["resume"]


def test_a_new_run_that_is_prepared_is_cancelled_not_paused(
    training: TrainingWindow, qtbot: QtBot, behave: Behave
) -> None:
    folder = prepare(training, qtbot, behave)
    button = training.controls.buttons["pause"]
    assert button.text() == "Cancel"
    assert "Nothing was trained yet" in button.toolTip()
    assert button.shortcut().toString() == "Ctrl+P"
    press(training, "pause")
    wait_idle(training, qtbot)
    assert not folder.exists()
    assert training.run.message.text() == "Nothing is kept; begin again."
    assert training.run.facts.run_bar.accessibleDescription() == "No run"
    assert button.text() == "Pause"
    assert button.shortcut().toString() == "Ctrl+P"


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


def test_only_the_run_that_was_asked_about_is_discarded(training: TrainingWindow, qtbot: QtBot, behave: Behave) -> None:
    first = begin(training, qtbot, behave, "plain")
    wait_idle(training, qtbot)
    training._discard_run(read_history(first))
    box = training.question
    assert isinstance(box, QMessageBox)
    training.show_page(Page.CHOICES)
    training.choices.name.setText("second")
    second = begin(training, qtbot, behave)
    (button,) = [button for button in box.buttons() if button.text() == "&Discard"]
    button.click()
    assert training.desk.state is DeskState.TRAINING
    assert first.is_dir()
    assert second.is_dir()


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


def test_a_run_that_failed_before_its_first_checkpoint_promises_no_resuming(
    main: MainWindow, training: TrainingWindow, qtbot: QtBot, behave: Behave
) -> None:
    begin(training, qtbot, behave, "breaks")
    wait_idle(training, qtbot)
    assert training.run.message.text() == "The loss is no number any more."
    assert shown(training) == {"discard": True}
    assert main.settings.unfinished_run == ""


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
