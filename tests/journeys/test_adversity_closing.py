"""The window is closed in the midst of things: nothing crashes, nothing half written is left, what was kept is kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from boneage_gui import jobs, settings, work
from boneage_gui.clinic.readings import Query, ReadingStore
from boneage_gui.windows.main_window import MainWindow
from boneage_gui.work import readings as readings_work
from boneage_gui.work import reports as reports_work
from tests.gui.fakes import FakeModels
from tests.window_fixtures import LONG_MS, MakeWindow

REST_S = 0.3


@pytest.fixture
def opened(qtbot: QtBot, window: MainWindow, hand_dicom: Path) -> MainWindow:
    """A window with a number that can be confirmed."""
    qtbot.waitUntil(lambda: window.clinic.readings.opened is not None, timeout=LONG_MS)
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([hand_dicom])
    qtbot.waitUntil(lambda: not jobs.alive(), timeout=LONG_MS)
    return window


def _begun(qtbot: QtBot, name: str) -> None:
    """Wait until a job is at work; a job that was never begun would prove nothing."""
    qtbot.waitUntil(lambda: name in [job.objectName() for job in jobs.alive()], timeout=LONG_MS)


def test_while_the_model_loads(qtbot: QtBot, make_window: MakeWindow, fake_models: FakeModels, hand_png: Path) -> None:
    fake_models.loading.clear()
    window = make_window()
    with qtbot.waitSignal(window.picture_shown, timeout=LONG_MS):
        window.open_paths([hand_png])
    _begun(qtbot, "load")
    window.close()
    fake_models.loading.set()
    assert jobs.close_all()
    assert window.prediction is None


def test_while_readings_are_opened(qtbot: QtBot, make_window: MakeWindow, fake_models: FakeModels) -> None:
    window = make_window()
    window.close()
    assert jobs.close_all()
    assert window.clinic.readings.opened is None


def test_while_a_reading_is_being_kept_it_is_kept(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    opened.clinic.readings.kept.connect(told.append)
    monkeypatch.setattr(readings_work, "keep_reading", _slow(readings_work.keep_reading))
    opened.panel.decision.accept.click()
    _begun(qtbot, "_keep")
    opened.close()
    assert jobs.close_all()
    assert told == []
    store = ReadingStore(settings.readings_folder() / "readings.sqlite3")
    assert store.count(Query()) == 1


def test_while_a_report_is_written_there_is_a_whole_one_or_none(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with qtbot.waitSignal(opened.clinic.readings.kept, timeout=LONG_MS):
        opened.panel.decision.accept.click()
    monkeypatch.setattr(reports_work, "make_report", _slow(reports_work.make_report))
    folder = tmp_path / "reports"
    opened.clinic.reports.save_pdf(folder / "report.pdf")
    _begun(qtbot, "_pdf")
    opened.close()
    assert jobs.close_all()
    left = list(folder.iterdir()) if folder.is_dir() else []
    assert [path.name for path in left] in ([], ["report.pdf"])
    assert all(path.read_bytes().endswith(b"%%EOF\n") for path in left)


def test_while_file_after_file_is_read(
    qtbot: QtBot, window: MainWindow, hand_dicom: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "read", _slow(work.read))
    for _ in range(4):
        window.opening.show(hand_dicom)
    window.menus.actions["worklist"].trigger()
    window.menus.actions["augmentations"].trigger()
    window.close()
    assert jobs.close_all()
    assert window.radiograph is None


def _slow(function: Callable[..., Any]) -> Callable[..., Any]:
    """Take long enough that the window is closed meanwhile."""

    def slow(*args: Any, **kwargs: Any) -> Any:
        time.sleep(REST_S)
        return function(*args, **kwargs)

    return slow
