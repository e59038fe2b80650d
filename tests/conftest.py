"""What the eye misses is forbidden here: dangling threads, stray warnings in the log, shared settings."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # the machine may be shared with a training
# A variable of the developer's own shell must not decide a test.
for variable in ("BONEAGE_HOME", "QT_SCALE_FACTOR", "QT_STYLE_OVERRIDE"):
    os.environ.pop(variable, None)

LONGEST_GOODBYE_MS = 10_000


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, logs and data of this test alone; child processes inherit it."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("BONEAGE_HOME", str(home))
    for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(home))
    return home


@pytest.fixture
def open_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """No gate before models: the hand that tests draw is none to it, and these tests are about something else."""
    monkeypatch.setattr("trainer.gate.Gate.load", lambda _path: None)


class LogWatch(logging.Handler):
    """Keeps what the log was told; a test that expects something says so by emptying it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self.records.append(record)

    def expect(self, text: str) -> None:
        """Take out the records that hold a text; there must be one."""
        kept = [record for record in self.records if text not in record.getMessage()]
        assert len(kept) < len(self.records), f"nothing about {text!r} was logged"
        self.records = kept


@pytest.fixture(autouse=True)
def log_watch() -> Iterator[LogWatch]:
    """Fails a test that leaves an error in the log, or a warning of ours, that it did not expect."""
    watch = LogWatch()
    root = logging.getLogger()
    root.addHandler(watch)
    yield watch
    root.removeHandler(watch)
    stray = [
        f"{record.name}: {record.getMessage()}"
        for record in watch.records
        if record.levelno >= logging.ERROR or record.name.split(".")[0] in ("boneage", "boneage_gui", "trainer")
    ]
    assert not stray, f"stray log lines: {stray}"


@pytest.fixture(autouse=True)
def no_dangling_threads() -> Iterator[None]:
    """Fails a test that leaves a job of the window or a thread behind."""
    before = set(threading.enumerate())
    yield
    jobs = sys.modules.get("boneage_gui.jobs")
    if jobs is not None:
        running = [job.objectName() for job in jobs.alive()]
        assert jobs.close_all(timeout_ms=LONGEST_GOODBYE_MS), f"jobs that do not end: {running}"
        assert not running, f"dangling jobs: {running}"
    left = [thread for thread in threading.enumerate() if thread not in before and not thread.daemon]
    for thread in left:
        thread.join(5)
    assert not [thread for thread in left if thread.is_alive()], "dangling threads"


@pytest.fixture(autouse=True)
def no_window_left() -> Iterator[None]:
    """Deletes the windows that a test closed: Qt would wait with it for an event loop, and they pile up."""
    yield
    core = sys.modules.get("PySide6.QtCore")
    if core is not None and core.QCoreApplication.instance() is not None:
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
