"""Journey 3, through the real window and a real child: retrain, look at radiographs meanwhile, judge, use.

Only the backbone is small. The child pauses, goes on, is killed, is offered at the next start, goes on, ends; its
best is compared with the model in use and taken into use.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

import resources
from boneage_gui import settings
from boneage_gui.settings import SettingsFile
from boneage_gui.widgets.figure_view import FigureView
from boneage_gui.windows.main_window import MainWindow
from boneage_gui.windows.training.steps import Page
from boneage_gui.windows.training.window import TrainingWindow
from tests.trainer import small
from tests.window_fixtures import MakeWindow
from trainer.config import config_for
from trainer.history import read_history

LONG_MS = 120_000
SETTLE_MS = 2_500  # figures are drawn, when a picture is kept
CASES = 60
EPOCHS = 30


@pytest.fixture
def picture(qtbot: QtBot) -> Callable[[str, TrainingWindow | MainWindow], None]:
    """Keep a picture of a window where BONEAGE_RECORDING names a folder; numbered in their order."""
    folder = os.environ.get("BONEAGE_RECORDING")
    taken: list[str] = []

    def take(name: str, window: TrainingWindow | MainWindow) -> None:
        taken.append(name)
        if folder:
            qtbot.waitUntil(lambda: all(map(_is_drawn, window.findChildren(FigureView))), timeout=LONG_MS)
            qtbot.wait(SETTLE_MS)
            Path(folder).mkdir(parents=True, exist_ok=True)
            assert window.grab().save(str(Path(folder) / f"{len(taken):02d}-{name.replace(' ', '-')}.png"))

    return take


def _is_drawn(view: FigureView) -> bool:
    return view.visibleRegion().isEmpty() or bool(view.sentence) or not view.picture().isNull()


def opened(window: MainWindow) -> TrainingWindow:
    """The training window that was asked for."""
    assert window.training.window is not None
    return window.training.window


def epochs(training: TrainingWindow) -> int:
    """How many epochs the window knows of."""
    return len(training.desk.history.epochs) if training.desk.history is not None else 0


def trained(training: TrainingWindow, count: int) -> bool:
    return epochs(training) >= count


def at_rest(training: TrainingWindow) -> bool:
    return not training.desk.busy


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
@pytest.mark.usefixtures("small_trainer")
def test_retrain_from_the_menu(
    qtbot: QtBot,
    make_window: MakeWindow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    picture: Callable[[str, TrainingWindow | MainWindow], None],
) -> None:
    monkeypatch.setenv("SMALL_TRAINER_STEP_S", "0.2")
    wait = partial(qtbot.waitUntil, timeout=LONG_MS)
    used = small.write_model(tmp_path / "used.safetensors", "improved-sex", members=1)
    data = small.write_data_set(tmp_path / "data", count=CASES)
    window = make_window(store=SettingsFile(), with_model=False)
    window.choose_model(str(used))

    window.menus.actions["train"].trigger()
    training = opened(window)
    training.choices.form.set_config(config_for("baseline", **{**small.SMALL_CHOICES, "epochs": EPOCHS}))
    training.data.choice.choose(data)
    wait(lambda: training.data.ready)
    assert training.data.summary is not None
    assert training.data.summary.kept == CASES
    picture("data", training)
    training.controls.buttons["choices"].click()
    training.choices.name.setText("my first run")
    picture("choices", training)

    training.controls.buttons["start"].click()
    assert training.page is Page.TRAINING
    wait(partial(trained, training, 3))
    wait(lambda: training.run.curves.view.figure is not None)
    picture("curves", training)

    with qtbot.waitSignal(window.answered, timeout=LONG_MS):  # the viewer is usable meanwhile
        window.open_paths([shutil.copyfile(resources.sample_paths()[1], tmp_path / "patient.png")])
    assert window.prediction is not None
    assert window.prediction.model_name == "small"
    assert training.desk.busy
    picture("viewer meanwhile", window)

    training.controls.buttons["pause"].click()
    wait(partial(at_rest, training))
    folder = settings.runs_folder() / "my first run"
    paused = read_history(folder)
    assert paused.state == "paused"
    picture("paused", training)
    training.controls.buttons["resume"].click()
    wait(partial(trained, training, len(paused.epochs) + 1))
    picture("resumed", training)

    assert training.desk.process_id is not None
    os.kill(training.desk.process_id, signal.SIGKILL)
    wait(partial(at_rest, training))
    killed = read_history(folder)
    assert killed.state == "interrupted"
    assert "can be resumed" in training.run.message.text()
    picture("killed", training)
    window.close()

    second = make_window(SettingsFile().load(), store=SettingsFile(), with_model=False)
    second.choose_model(str(used))
    second.training.unfinished.look()
    wait(lambda: bool(second.training.unfinished.offer.text))
    picture("offered at the next start", second)
    monkeypatch.setenv("SMALL_TRAINER_STEP_S", "0")
    second.training.unfinished.offer.take_button.click()
    training = opened(second)
    wait(partial(trained, training, EPOCHS))
    wait(partial(at_rest, training))
    history = read_history(folder)
    assert (history.state, len(history.epochs)) == ("finished", EPOCHS)
    assert history.epochs[: len(paused.epochs)] == paused.epochs

    assert training.page is Page.VERDICT
    verdict = training.verdict
    with qtbot.waitSignal(verdict.shown, timeout=LONG_MS) as shown:
        pass
    assert shown.args[0].comparison is not None, shown.args[0].why_not
    picture("verdict", training)
    with qtbot.waitSignal(verdict.use_model, timeout=LONG_MS):
        verdict.use()
    wait(lambda: second.inference.card is not None and second.inference.card.name == "my first run")
    with qtbot.waitSignal(second.answered, timeout=LONG_MS):
        second.open_paths([tmp_path / "patient.png"])
    assert second.prediction is not None
    assert second.prediction.model_name == "my first run"
    assert second.settings.unfinished_run == ""
    picture("in use", second)
