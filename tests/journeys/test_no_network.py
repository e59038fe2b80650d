"""A whole day at the window without a node: nothing is asked of the network, neither here nor by our processes."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from boneage_gui.windows.main_window import MainWindow
from boneage_gui.work.decoder import reader, sketcher
from boneage_gui.work.painter import painter
from tests.factories import hand, write_dicom
from tests.window_fixtures import LONG_MS, MakeWindow

HEADER: dict[str, Any] = {
    "PatientID": "4711",
    "PatientSex": "M",
    "PatientBirthDate": "20100310",
    "StudyDate": "20200310",
    "StudyInstanceUID": "1.2.3.1",
    "SeriesInstanceUID": "1.2.3.2",
}
ASK = "import socket\ntry:\n    {call}\nexcept OSError:\n    pass"
CALLS = [
    "socket.create_connection(('192.0.2.1', 80), timeout=1)",
    "with socket.socket() as mine: mine.connect(('127.0.0.1', 9))",
    "with socket.socket(type=socket.SOCK_DGRAM) as mine: mine.sendto(b'x', ('192.0.2.1', 53))",
    "with socket.socket(socket.AF_INET6) as mine: mine.bind(('::1', 0))",
    "socket.getaddrinfo('example.org', 443)",
    "socket.gethostbyname('example.org')",
]


def forget(asked: Path | None) -> str:
    """Return what was asked of the network, and let the fixture know nothing of it."""
    assert asked is not None
    said = asked.read_text(encoding="utf-8")
    asked.unlink()
    return said


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "in a process"])
def test_whatever_asks_the_network_is_caught(call: str, elsewhere: bool, no_network: Path | None) -> None:
    program = ASK.format(call=call)
    if elsewhere:
        subprocess.run([sys.executable, "-c", program], check=True)
    else:
        exec(program, {})  # noqa: S102 - our own lines
    assert forget(no_network).startswith("socket.")


def test_processes_of_this_computer_may_talk(no_network: Path | None) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"x")
        assert theirs.recv(1) == b"x"
    assert no_network is not None
    assert not no_network.exists()


@pytest.mark.network
def test_a_test_that_speaks_to_peers_says_so(no_network: Path | None) -> None:
    assert no_network is None
    with socket.socket() as mine:
        mine.bind(("127.0.0.1", 0))


def test_a_day_at_the_window(
    qtbot: QtBot,
    make_window: MakeWindow,
    untrained_model: Path,
    tmp_path: Path,
) -> None:
    """Number, confirmation, reports, history and lab, with a real model and processes begun under the hook's eyes."""
    for process in (reader, sketcher, painter):
        process.close()
    window = make_window(with_model=False)
    window.choose_model(str(untrained_model))
    qtbot.waitUntil(lambda: window.clinic.readings.opened is not None, timeout=LONG_MS)
    _confirm(qtbot, window, _folder(tmp_path / "study"))
    qtbot.waitUntil(lambda: not window.opening.thumbnails_pending, timeout=LONG_MS)
    for save, goal in ((window.clinic.reports.save_pdf, "page"), (window.clinic.reports.save_dicom, "objects")):
        with qtbot.waitSignal(window.clinic.reports.written, timeout=LONG_MS):
            save(tmp_path / goal)
    window.menus.actions["worklist"].trigger()
    worklist = window.clinic.window
    assert worklist is not None
    qtbot.waitSignal(worklist.filled, timeout=LONG_MS).wait()
    window.menus.actions["augmentations"].trigger()
    qtbot.waitUntil(lambda: window.lab.window is not None, timeout=LONG_MS)
    lab = window.lab.window
    assert lab is not None
    qtbot.waitUntil(lambda: bool(lab.gallery.grid.faces) and not lab.desk.busy, timeout=LONG_MS)
    assert reader.process_id is not None
    assert sketcher.process_id is not None


def _folder(folder: Path) -> Path:
    folder.mkdir()
    for number in (1, 2):
        write_dicom(folder / f"{number}.dcm", hand(), **HEADER)
    return folder


def _confirm(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([path])
    with qtbot.waitSignal(window.clinic.readings.kept, timeout=LONG_MS):
        window.menus.actions["accept_reading"].trigger()
