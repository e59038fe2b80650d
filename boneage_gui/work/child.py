"""Child: a command of the trainer in a process of its own; its events come as lines, orders go as lines."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final, Literal
from weakref import WeakSet

import trainer
from trainer.errors import RunError
from trainer.events import TrainingEvent, from_json

log = logging.getLogger("boneage")

Order = Literal["pause", "stop"]
Event = TrainingEvent | Mapping[str, Any]  # plain values where a command says more than a training does
PROGRAM: Final = (sys.executable, "-m", "trainer")
SENTENCE: Final = "boneage: "  # begins the line in which a command says what went wrong
LINES_KEPT: Final = 60  # of standard error
NICENESS: Final = 10
GOODBYE_S: Final = 5.0  # from the last line to the end of the process
OUT_OF_MEMORY: Final = (
    "The computer ran out of memory for this work. Close other programs, or choose a smaller batch or picture."
)
FROM_OUTSIDE: Final = (
    "The work in the background was ended from outside ({how}). Most often that means that the computer ran out of "
    "memory: close other programs and try again."
)
# What a process does to itself by a fault in native code, a decoder's most likely; none of it is a lack of memory.
FAULTS: Final = ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE")
CRASHED: Final = (
    "The work in the background broke off inside a library ({how}). If it was reading radiographs, one of them is "
    "damaged or made to do harm: File, “Read a folder…” names it. Take it out and try again."
)
BROKE: Final = "The work in the background broke off (status {status}). The details are in the program's log."

_running: WeakSet[Child] = WeakSet()


class Child:
    """Runs ``python -m trainer ARGUMENTS`` at low priority. ``events`` is for a job's thread, the rest for any.

    The process needs no signals: it takes orders from its standard input, and the end of that input, when this
    program dies, is an order to pause. It has a group of its own, so that its workers end with it.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = tuple(arguments)
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()  # between starting and being ended before that
        self._killed = False
        self._early: list[Order] = []  # given before there was anyone to hear them
        self._said: deque[str] = deque(maxlen=LINES_KEPT)

    def events(self) -> Generator[Event]:
        """Start, and yield what the command says; lines that are no event are passed over.

        Raises BoneAgeError with the command's own sentence, or one on how it ended. After ``kill`` it just ends;
        closing the generator kills.
        """
        process = self._start()
        if process is None:
            return
        listener = threading.Thread(target=self._listen, args=(process.stderr,), daemon=True)
        listener.start()
        warden = threading.Thread(target=_end_group, args=(process,), daemon=True)
        warden.start()
        try:
            for line in process.stdout or ():
                event = _event(line)
                if event is not None:
                    yield event
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GOODBYE_S)  # its last word is said: nothing is waited for that hangs at the end
        finally:
            self._end(process)
        listener.join(GOODBYE_S)
        self._judge(process.returncode)

    def order(self, order: Order) -> None:
        """Tell the command; one that has ended does not hear it, one that has not started hears it then."""
        with self._lock:
            if self._process is None:
                self._early.append(order)
            else:
                _write(self._process.stdin, order)

    def kill(self) -> None:
        """End it at once, its workers included; it is not started when it has not been yet."""
        with self._lock:
            self._killed = True
            if self._process is not None:
                _kill_group(self._process)

    @property
    def pid(self) -> int | None:
        """The process's number once it is started."""
        return None if self._process is None else self._process.pid

    def _start(self) -> subprocess.Popen[str] | None:
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NO_WINDOW
        with self._lock:
            if self._killed:
                return None
            self._process = subprocess.Popen(  # noqa: S603 - our own program, words of our own
                (*PROGRAM, *self._arguments),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                cwd=Path(trainer.__file__).resolve().parents[1],  # this trainer, wherever the window was started
                env={**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"},
                # Not a session: Linux shares the processor between sessions, and a low priority counts within one.
                process_group=0,
                creationflags=flags,
            )
            _running.add(self)
            for order in self._early:
                _write(self._process.stdin, order)
        _lower_priority(self._process.pid)
        return self._process

    def _listen(self, stream: IO[str]) -> None:
        with stream:
            self._said.extend(line.rstrip() for line in stream)

    def _end(self, process: subprocess.Popen[str]) -> None:
        if process.poll() is None:
            self.kill()
        process.wait()
        _running.discard(self)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):  # what was still to be said to it
                    stream.close()

    def _judge(self, status: int) -> None:
        if status == 0 or self._killed:
            return
        said = [line.removeprefix(SENTENCE) for line in self._said if line.startswith(SENTENCE)]
        if said:
            raise RunError(said[-1])
        if any("MemoryError" in line for line in list(self._said)[-3:]):
            raise RunError(OUT_OF_MEMORY)
        if status < 0:
            how = _signal_name(-status)
            raise RunError((CRASHED if how in FAULTS else FROM_OUTSIDE).format(how=how))
        log.error("%s ended with status %d:\n%s", self._arguments[0], status, "\n".join(self._said))
        raise RunError(BROKE.format(status=status))


def kill_all() -> None:
    """End every process that is still at work: the program closes."""
    for child in list(_running):
        child.kill()


def _write(stream: IO[str] | None, order: Order) -> None:
    if stream is not None:
        with contextlib.suppress(OSError, ValueError):  # it has ended
            stream.write(order + "\n")
            stream.flush()


def _event(line: str) -> Event | None:
    try:
        values = json.loads(line)
        if not isinstance(values, dict):
            return None
        try:
            return from_json(values)
        except ValueError:
            return values
    except (ValueError, RecursionError):
        return None


def _end_group(process: subprocess.Popen[str]) -> None:
    """A worker that outlived its parent would keep the pipes open, and its memory."""
    process.wait()
    _kill_group(process)


def _kill_group(process: subprocess.Popen[str]) -> None:
    if sys.platform == "win32":
        import psutil

        with contextlib.suppress(psutil.Error):
            for worker in psutil.Process(process.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    worker.kill()
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _lower_priority(pid: int) -> None:
    import psutil

    lower = psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else NICENESS
    with contextlib.suppress(psutil.Error, OSError):  # it has ended already, or may not
        psutil.Process(pid).nice(lower)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
