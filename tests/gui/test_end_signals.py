"""Ctrl+C, a closed terminal, the end of the session: the window closes, and everything is kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from boneage_gui.end_signals import NUMBERS, EndSignals
from boneage_gui.settings import SettingsFile

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be sent such signals there")
ROOT = Path(__file__).parents[2]
LONGEST_S = 60


@pytest.fixture
def unignored() -> Iterator[None]:
    """Whoever runs the tests may ignore SIGINT (a job in the background of a shell); here nothing is ignored."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in NUMBERS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", NUMBERS)
def test_the_first_signal_is_heard_and_the_second_is_left_to_the_system(
    unignored: None, qtbot: QtBot, number: signal.Signals
) -> None:
    signals = EndSignals()
    try:
        with qtbot.waitSignal(signals.heard):
            os.kill(os.getpid(), number)
        assert signal.getsignal(number) == signal.SIG_DFL
    finally:
        signals.remove()
    assert signal.getsignal(number) == signal.default_int_handler


def test_what_is_ignored_stays_ignored(unignored: None, qtbot: QtBot) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # nohup
    signals = EndSignals()
    try:
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        with qtbot.assertNotEmitted(signals.heard, wait=100):
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signals.remove()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_window_closes_and_remembers(unignored: None, own_home: Path, hand_png: Path, number: int) -> None:
    window = subprocess.Popen(
        [sys.executable, "-m", "boneage_gui", "--timings", str(hand_png)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert window.stderr is not None
        while not window.stderr.readline().startswith("picture"):
            assert window.poll() is None
        window.send_signal(number)
        assert window.wait(LONGEST_S) == 0
    finally:
        window.kill()
        window.communicate()
    kept = SettingsFile().load()
    assert kept.window_geometry
    assert kept.recent_files == (hand_png,)
