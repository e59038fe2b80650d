"""Background work of the window: one thread per job, answers on the GUI thread, none after a stop."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import GeneratorType
from typing import Any

from PySide6.QtCore import QEventLoop, QObject, QThread, QTimer, Signal, Slot

LONGEST_GOODBYE_MS = 20_000
TURN_S = 0.0005

_alive: set[Job] = set()


class Job(QThread):
    """Runs a function, or a generator item by item, in its own thread.

    Its signals are sent on the GUI thread, and but for ``ended`` none after ``stop``: the thread reports
    to a slot of this object, which lives on the GUI thread.
    """

    item = Signal(object)  # one value that the generator yielded
    result = Signal(object)  # what the function or the generator returned
    failed = Signal(object)  # the exception that ended it
    ended = Signal()  # the thread is over, whatever came of it; sent after a stop too

    _reported = Signal(str, object)

    def __init__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self._function = function
        self._args = args
        self._kwargs = kwargs
        self._stopped = False
        self._reported.connect(self._pass_on)
        self.finished.connect(self._forget)
        self.setObjectName(getattr(function, "__name__", "job"))

    def begin(self) -> Job:
        """Start; the job keeps itself alive until its thread has ended."""
        _alive.add(self)
        self.start()
        return self

    def stop(self) -> None:
        """No signal comes after this. A generator ends at its next item; a function runs out unheard."""
        self._stopped = True

    @property
    def stopped(self) -> bool:
        """Whether ``stop`` was called."""
        return self._stopped

    def run(self) -> None:
        """The thread's body; not for callers."""
        try:
            outcome = self._function(*self._args, **self._kwargs)
            if isinstance(outcome, GeneratorType):
                outcome = self._drain(outcome)
        except BaseException as error:
            self._reported.emit("failed", error)
        else:
            self._reported.emit("result", outcome)

    def _drain(self, items: Iterator[Any]) -> Any:
        generator: Any = items
        while not self._stopped:
            try:
                self._reported.emit("item", next(generator))
            except StopIteration as end:
                return end.value
        generator.close()
        return None

    @Slot(str, object)
    def _pass_on(self, kind: str, value: object) -> None:
        if not self._stopped:
            signal = {"item": self.item, "result": self.result, "failed": self.failed}[kind]
            signal.emit(value)

    @Slot()
    def _forget(self) -> None:
        _alive.discard(self)
        self.ended.emit()


def take_short_turns() -> None:
    """Let the window have the interpreter back after half a millisecond, not five, for as long as the program runs.

    Each call of Qt gives it away, and a job that computes in Python keeps it for a whole turn: a window that draws
    with twenty calls stood still for a tenth of a second. What jobs take becomes no longer by it (`make bench`).
    """
    sys.setswitchinterval(TURN_S)


def alive() -> list[Job]:
    """Jobs whose thread has not ended."""
    return list(_alive)


def close_all(*, timeout_ms: int = LONGEST_GOODBYE_MS) -> bool:
    """Stop every job and let events run until their threads have ended; False if some did not in time."""
    for job in alive():
        job.stop()
    if not _alive:
        return True
    loop = QEventLoop()
    for job in alive():
        job.ended.connect(lambda: None if _alive else loop.quit())
    deadline = QTimer()
    deadline.setSingleShot(True)
    deadline.timeout.connect(loop.quit)
    deadline.start(timeout_ms)
    loop.exec()
    deadline.stop()
    return not _alive


class NewestOnly(QObject):
    """A place for one job: starting the next drops what the one before would have said."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job: Job | None = None

    def start(
        self,
        job: Job,
        *,
        result: Callable[[Any], None] | None = None,
        failed: Callable[[Any], None] | None = None,
        item: Callable[[Any], None] | None = None,
    ) -> None:
        """Drop the job before and start this one."""
        self.drop()
        for signal, slot in ((job.result, result), (job.failed, failed), (job.item, item)):
            if slot is not None:
                signal.connect(slot)
        self._job = job.begin()

    def drop(self) -> None:
        """Stop listening to the job, if there is one."""
        if self._job is not None:
            self._job.stop()
            self._job = None
