"""The augmentation lab, opened and waited for as a user does."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from boneage_gui.windows.augmentation.window import AugmentationWindow
from boneage_gui.windows.main_window import MainWindow
from tests.window_fixtures import LONG_MS


def open_lab(qtbot: QtBot, window: MainWindow, path: Path) -> AugmentationWindow:
    """Open a file and, by the menu, the lab on it."""
    with qtbot.waitSignal(window.picture_shown, timeout=LONG_MS):
        window.open_paths([path])
    window.menus.actions["augmentations"].trigger()
    qtbot.waitUntil(lambda: window.lab.window is not None and window.lab.window.isVisible(), timeout=LONG_MS)
    lab = window.lab.window
    assert lab is not None
    return lab


def settled(qtbot: QtBot, lab: AugmentationWindow) -> None:
    """Wait until nothing is painted or asked any more."""
    qtbot.waitUntil(lambda: bool(lab.gallery.grid.faces) and not lab.desk.busy, timeout=LONG_MS)


def aged(qtbot: QtBot, lab: AugmentationWindow, model: int = 0) -> None:
    """Wait until every picture has the age of a model: 0 the one in use, 1 the second."""
    qtbot.waitUntil(lambda: len(lab.gallery.months[model]) == lab.desk.count, timeout=LONG_MS)
    settled(qtbot, lab)
