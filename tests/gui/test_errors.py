"""The door for errors: sentences for the user, tracebacks for the log, hooks for the rest."""

from __future__ import annotations

import logging
import os
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import qWarning
from pytestqt.qtbot import QtBot

from boneage_gui.errors import ErrorDoor, Hooks
from tests.conftest import LogWatch
from tests.window_fixtures import LONG_MS
from trainer.errors import WHERE, RadiographError


@pytest.fixture
def door(qtbot: QtBot) -> ErrorDoor:
    return ErrorDoor()


@pytest.fixture
def told(door: ErrorDoor) -> list[str]:
    sentences: list[str] = []
    door.told.connect(sentences.append)
    return sentences


@pytest.fixture
def hooks(door: ErrorDoor, tmp_path: Path) -> Iterator[Hooks]:
    hooks = Hooks(door, folder=tmp_path / "log")
    yield hooks
    hooks.remove()


def test_our_errors_are_sentences_and_leave_the_log_alone(door: ErrorDoor, told: list[str]) -> None:
    door.tell(RadiographError("The file is truncated."))
    assert told == ["The file is truncated."]


def test_a_bug_is_named_and_the_log_says_where_not_what(
    door: ErrorDoor, told: list[str], hooks: Hooks, tmp_path: Path, log_watch: LogWatch
) -> None:
    try:
        try:
            int("Muster^Anna")
        except ValueError as error:
            raise KeyError("Muster^Anna") from error
    except KeyError as error:
        error.add_note("Muster^Anna")
        error.add_note(f"{WHERE} in another process")
        door.tell(error)
    assert "KeyError" in told[0]
    assert "Muster" not in told[0]
    log_watch.expect("unexpected error")
    said = (tmp_path / "log" / "boneage.log").read_text(encoding="utf-8")
    assert all(part in said for part in ("KeyError", "ValueError", "test_errors.py", "in another process"))
    assert not [line for line in said.splitlines() if "Muster" in line and not line.startswith("    ")]  # but code


@pytest.mark.skipif(os.name == "nt", reason="permissions of Unix")
def test_the_log_is_its_owners_also_one_of_an_older_version(
    door: ErrorDoor, hooks: Hooks, tmp_path: Path, log_watch: LogWatch
) -> None:
    path = tmp_path / "log" / "boneage.log"
    path.write_text("older\n")
    path.chmod(0o644)
    door.tell(ZeroDivisionError("x"))
    log_watch.expect("unexpected error")
    assert path.read_text(encoding="utf-8").startswith("older\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_uncaught_exceptions_come_through_the_door(
    qtbot: QtBot, told: list[str], hooks: Hooks, log_watch: LogWatch
) -> None:
    sys.excepthook(ZeroDivisionError, ZeroDivisionError("x"), None)
    assert "ZeroDivisionError" in told[0]

    def fail() -> None:
        raise RadiographError("From a thread.")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: "From a thread." in told, timeout=LONG_MS)
    log_watch.expect("unexpected error")


@pytest.mark.qt_no_exception_capture
def test_qts_messages_go_to_the_log(hooks: Hooks, log_watch: LogWatch) -> None:
    qWarning("a widget is unhappy")
    qWarning("This plugin does not support propagateSizeHints()")
    log_watch.expect("a widget is unhappy")
    assert not log_watch.records


def test_everything_is_put_back(door: ErrorDoor, tmp_path: Path) -> None:
    before = (sys.excepthook, threading.excepthook, list(logging.getLogger().handlers))
    Hooks(door, folder=tmp_path / "log").remove()
    assert (sys.excepthook, threading.excepthook, list(logging.getLogger().handlers)) == before


def test_a_log_folder_that_cannot_be_made_is_no_reason_to_fail(door: ErrorDoor, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    Hooks(door, folder=in_the_way / "log").remove()
