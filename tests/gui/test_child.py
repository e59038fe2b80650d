"""The child process: what it says and how it ends, whatever it does."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from boneage_gui.work import child as child_module
from boneage_gui.work.child import Child, kill_all
from tests.conftest import LogWatch
from trainer.errors import BoneAgeError, RunError
from trainer.events import Note, to_json

LONG_S = 60.0
NOTE = json.dumps(to_json(Note(message="first")))


def playing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> Child:
    """A child that runs this program."""
    script = tmp_path / "program.py"
    script.write_text(f"import os, signal, subprocess, sys, time\nNOTE = {NOTE!r}\n{text}", encoding="utf-8")
    monkeypatch.setattr(child_module, "PROGRAM", (sys.executable, "-S", str(script)))
    return Child(["fit"])


def gone(pid: int | None) -> bool:
    """Whether no process of that number is left, not even a zombie."""
    assert pid is not None
    deadline = time.monotonic() + LONG_S
    while psutil.pid_exists(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not psutil.pid_exists(pid)


def test_a_real_command_tells_and_ends(tmp_path: Path) -> None:
    child = Child(["phantom", str(tmp_path / "data"), "--count", "2"])
    assert list(child.events()) == []  # it tells people, in words
    assert (tmp_path / "data" / "boneage-training-dataset.csv").is_file()
    assert gone(child.pid)


def test_a_real_commands_own_sentence_is_the_error(tmp_path: Path) -> None:
    child = Child(["fit", str(tmp_path / "missing"), "--run-dir", str(tmp_path / "run"), "--follow"])
    with pytest.raises(BoneAgeError, match="missing") as raised:
        list(child.events())
    assert not str(raised.value).startswith("boneage:")
    assert gone(child.pid)


def test_what_is_no_event_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    child = playing(
        monkeypatch,
        tmp_path,
        "print('hello\\n[1, 2]\\n{'); sys.stdout.buffer.write(b'\\xff\\xfe\\n'); sys.stdout.flush()\n"
        'print(\'{"event": "Verdict", "n": 3}\'); print(NOTE); sys.stderr.write(\'chatter\\n\' * 100_000)',
    )
    assert list(child.events()) == [{"event": "Verdict", "n": 3}, Note(message="first")]
    assert gone(child.pid)


def test_orders_arrive_and_the_last_sentence_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    child = playing(
        monkeypatch,
        tmp_path,
        "early = sys.stdin.readline(); print(NOTE, flush=True); late = sys.stdin.readline()\n"
        "sys.exit(f'boneage: a\\nboneage: heard {early.strip()} and {late.strip()}.')",
    )
    child.order("pause")  # before it runs
    events = child.events()
    assert next(events) == Note(message="first")
    child.order("stop")
    with pytest.raises(RunError, match=r"^heard pause and stop\.$"):
        next(events)
    child.order("stop")  # to nobody


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_killed_from_outside_it_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    child = playing(monkeypatch, tmp_path, "print(NOTE, flush=True); time.sleep(600)")
    events = child.events()
    next(events)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(RunError, match=r"SIGKILL.*memory"):
        next(events)
    assert gone(child.pid)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("fault", ["SIGSEGV", "SIGABRT"])
def test_a_fault_in_a_library_is_not_called_a_lack_of_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str
) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))"
    child = playing(monkeypatch, tmp_path, f"{limit}\nos.kill(os.getpid(), signal.{fault})")
    with pytest.raises(RunError, match=rf"inside a library \({fault}\).*“Read a folder…”") as raised:
        list(child.events())
    assert "memory" not in str(raised.value)


def test_out_of_memory_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    child = playing(monkeypatch, tmp_path, "raise MemoryError")
    with pytest.raises(RunError, match="ran out of memory"):
        list(child.events())


def test_a_bug_is_logged_and_named_as_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, log_watch: LogWatch) -> None:
    child = playing(monkeypatch, tmp_path, "1 / 0")
    with pytest.raises(RunError, match="in the program's log"):
        list(child.events())
    log_watch.expect("ZeroDivisionError")


@pytest.mark.skipif(sys.platform == "win32", reason="nice values")
def test_it_is_less_urgent_than_the_window(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    child = playing(monkeypatch, tmp_path, "print(NOTE, flush=True); sys.stdin.read()")
    events = child.events()
    next(events)
    assert psutil.Process(child.pid).nice() > psutil.Process().nice()
    child.kill()
    assert list(events) == []


def test_one_that_never_ends_is_killed_from_another_thread(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    child = playing(
        monkeypatch,
        tmp_path,
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); print(NOTE, flush=True)\nwhile True: time.sleep(1)",
    )
    events = child.events()
    next(events)
    threading.Timer(0.1, kill_all).start()
    assert list(events) == []
    assert gone(child.pid)


def test_one_that_says_its_last_word_and_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(child_module, "GOODBYE_S", 0.2)
    child = playing(monkeypatch, tmp_path, "print(NOTE, flush=True); os.close(1); time.sleep(600)")
    assert list(child.events()) == [Note(message="first")]
    assert gone(child.pid)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_workers_end_with_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A worker holds the pipe open: its parent's death must still be noticed."""
    child = playing(
        monkeypatch,
        tmp_path,
        "worker = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(600)'])\n"
        'print(\'{"event": "Worker", "pid": %d}\' % worker.pid, flush=True); time.sleep(600)',
    )
    events = child.events()
    said = next(events)
    assert isinstance(said, dict)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(RunError):
        next(events)
    deadline = time.monotonic() + LONG_S
    while _lives(said["pid"]) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _lives(said["pid"])


def test_left_by_its_listener_it_ends(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    child = playing(monkeypatch, tmp_path, "print(NOTE, flush=True); time.sleep(600)")
    events = child.events()
    next(events)
    events.close()
    assert gone(child.pid)


def test_killed_before_it_starts_it_does_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    child = playing(monkeypatch, tmp_path, "print(NOTE)")
    child.kill()
    assert list(child.events()) == []
    assert child.pid is None


def _lives(pid: int) -> bool:
    """A process that runs; who reaps an orphan is another's business."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
