"""The window and the process that decodes: what ends or holds it costs the window one file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from boneage_gui import work
from boneage_gui.windows.main_window import MainWindow
from boneage_gui.work.decoder import Decoder
from tests.conftest import LogWatch
from tests.factories import hand, write_png
from tests.gui.decoders import decoder, naughty
from tests.window_fixtures import LONG_MS

__all__ = ["decoder", "naughty"]

ROOT = Path(__file__).resolve().parents[2]
LONG_S = 60.0
STOPPED = r"^The file “{}” made its decoder stop\. It is damaged, or made to do harm: nothing was read\."
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")


@pytest.fixture
def naughty_window(window: MainWindow, naughty: Decoder, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """A window whose decoder does what a file's name says."""
    monkeypatch.setattr(work, "reader", naughty)
    naughty.warm_up()
    return window


@posix
def test_the_window_outlives_a_file_that_ends_its_decoder(
    qtbot: QtBot, naughty_window: MainWindow, tmp_path: Path, log_watch: LogWatch
) -> None:
    window = naughty_window
    for name in ("1", "segfault", "2"):
        write_png(tmp_path / f"{name}.png", hand())
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([tmp_path / "1.png"])
    with qtbot.waitSignal(window.refused, timeout=LONG_MS):
        window.open_paths([tmp_path / "segfault.png"])
    assert window.banner.text.startswith("The file “segfault.png” made its decoder stop.")
    assert window.radiograph is not None
    assert window.radiograph.source.name == "1.png"
    log_watch.expect("a process that decodes ended (died, SIGSEGV)")
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([tmp_path / "2.png"])
    assert window.banner.isHidden()


@posix
def test_the_newest_file_need_not_wait_for_one_that_hangs(
    qtbot: QtBot, naughty_window: MainWindow, tmp_path: Path
) -> None:
    window = naughty_window
    with qtbot.waitSignal(window.opening.reading, timeout=LONG_MS):
        window.open_paths([write_png(tmp_path / "hangs.png", hand())])
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([write_png(tmp_path / "good.png", hand())])
    assert window.radiograph is not None
    assert window.radiograph.source.name == "good.png"
