"""Windows open within the screen, whatever its size and scale; and Ctrl+W closes each but the main one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from boneage_gui.errors import ErrorDoor
from boneage_gui.inference import Inference
from boneage_gui.widgets import first_size
from boneage_gui.widgets.augmentation.lab_bar import LabBar
from boneage_gui.windows.augmentation.window import AugmentationWindow
from boneage_gui.windows.batch_window import BatchWindow
from boneage_gui.windows.clinic.readings_window import ReadingsWindow
from boneage_gui.windows.main_window import MainWindow
from boneage_gui.windows.stress_window import StressWindow
from boneage_gui.windows.training.data_page import DataPage
from boneage_gui.windows.training.window import TrainingWindow
from tests.window_fixtures import MakeWindow
from trainer.prediction import RESEARCH_USE

ROOMS = {"1280 x 800": QSize(1264, 760), "1920 x 1080 at twice the scale": QSize(944, 500)}
MAKERS: dict[str, Callable[[MainWindow, Path], QWidget]] = {
    "stress": lambda main, _: StressWindow(main),
    "folder": lambda main, _: BatchWindow(main),
    "readings": lambda main, _: ReadingsWindow(main.clinic.readings, main.clinic.number, main.door, keeps_names=False),
    "training": lambda main, _: TrainingWindow(main.training.desk, main),
    "lab": lambda _, folder: AugmentationWindow(
        inference=Inference(), door=ErrorDoor(), recipes_folder=folder, parent=None
    ),
}


@pytest.fixture(params=ROOMS)
def room(request: Any, monkeypatch: pytest.MonkeyPatch) -> QSize:
    """What a screen leaves for a window."""
    monkeypatch.setattr(first_size, "room_for", lambda _window: ROOMS[request.param])
    return ROOMS[request.param]


def _shown(qtbot: QtBot, made: QWidget) -> QWidget:
    qtbot.addWidget(made)
    made.show()
    qtbot.wait(20)
    return made


def _fits(window: QWidget, room: QSize) -> None:
    assert window.size().boundedTo(room) == window.size(), window.size()
    assert window.minimumSize().boundedTo(room) == window.minimumSize()


def test_the_main_window_opens_within_the_screen(qtbot: QtBot, room: QSize, make_window: MakeWindow) -> None:
    window = make_window()
    window.show()
    qtbot.wait(20)
    _fits(window, room)
    status = window.status_line
    assert status.mapTo(window, QPoint(0, status.height())).y() <= window.height()


@pytest.mark.parametrize("which", MAKERS)
def test_every_window_opens_within_the_screen(
    qtbot: QtBot, room: QSize, window: MainWindow, tmp_path: Path, which: str
) -> None:
    made = _shown(qtbot, MAKERS[which](window, tmp_path))
    _fits(made, room)
    assert any(
        line.mapTo(made, QPoint(0, line.height())).y() <= made.height()
        and line.height() >= line.heightForWidth(line.width())
        for line in made.findChildren(QLabel)
        if RESEARCH_USE in line.text() and line.isVisible()
    )


@pytest.mark.parametrize("which", ["lab", "training"])
def test_on_a_small_screen_nothing_is_squeezed(
    qtbot: QtBot, room: QSize, window: MainWindow, tmp_path: Path, which: str
) -> None:
    made = _shown(qtbot, MAKERS[which](window, tmp_path))
    for part in (LabBar, DataPage):
        for found in made.findChildren(part):
            assert found.size().expandedTo(found.minimumSizeHint()) == found.size()


@pytest.mark.parametrize("which", MAKERS)
def test_ctrl_w_closes_every_window(qtbot: QtBot, window: MainWindow, tmp_path: Path, which: str) -> None:
    made = MAKERS[which](window, tmp_path)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    qtbot.keyClick(made, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(made.isHidden)


def test_a_message_in_a_window_is_closed_before_it(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    lab = MAKERS["lab"](window, tmp_path)
    assert isinstance(lab, AugmentationWindow)
    qtbot.addWidget(lab)
    lab.show()
    lab.activateWindow()
    lab.banner.say("Something happened.")
    qtbot.waitUntil(lab.isActiveWindow)
    qtbot.keyClick(lab, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lab.banner.isHidden)
    assert lab.isVisible()
    qtbot.keyClick(lab, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lab.isHidden)
