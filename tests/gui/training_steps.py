"""The training window with a child that only plays, and the steps that its tests take."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from boneage_gui.windows.main_window import MainWindow
from boneage_gui.windows.training.steps import Page
from boneage_gui.windows.training.window import TrainingWindow
from boneage_gui.work import child as child_module
from tests.window_fixtures import LONG_MS
from trainer.config import config_for
from trainer.data_source import DataSource

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


def prepare(training: TrainingWindow, qtbot: QtBot, behave: Behave) -> Path:
    """Start through the buttons a run that is prepared until it is told something."""
    behave("prepares")
    training.show_page(Page.CHOICES)
    with qtbot.waitSignal(training.desk.preparing, timeout=LONG_MS):
        press(training, "start")
    assert training.desk.folder is not None
    return training.desk.folder


def is_on(training: TrainingWindow, page: Page) -> bool:
    return training.page is page


def wait_idle(training: TrainingWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not training.desk.busy, timeout=LONG_MS)
