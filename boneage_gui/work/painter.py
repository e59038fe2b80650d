"""A process of its own that draws with matplotlib: neither its import nor its drawing holds the window's lock.

In a thread of the window both did: the collector walked matplotlib's million objects for a third of a second, and on a
busy machine a drawing thread was put to sleep with Python's lock in its hand. Questions and answers go through an
anonymous pipe between these two processes of ours; nothing from a file is read that way.
"""

from __future__ import annotations

import atexit
import signal
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from trainer.errors import BoneAgeError, where_it_broke

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

LONGEST_GOODBYE_S: Final = 2.0
GONE = "The figure could not be drawn: the process that draws figures ended. Close other programs and try again."


class FigureError(BoneAgeError):
    """A figure that could not be drawn."""


class Painter:
    """Runs functions in another process, one at a time; begun by the first, and again where it was killed.

    Functions and arguments must be importable by name (a function of a module, a ``functools.partial`` of one, plain
    data): a lambda or a nested function cannot reach the other process.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: SpawnProcess | None = None
        self._pipe: Connection[Any, Any] | None = None

    def ask(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Return what the function returns there, or raise what it raises; FigureError where the process ended."""
        with self._lock:
            pipe = self._ready()
            try:
                pipe.send((function, args, kwargs))
                answered, answer = pipe.recv()
            except (EOFError, OSError) as error:
                self._end()
                raise FigureError(GONE) from error
        if not answered:
            raise answer
        return answer

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    @property
    def process_id(self) -> int | None:
        """The process that draws, once there is one."""
        return self._process.pid if self._process is not None else None

    def _ready(self) -> Connection[Any, Any]:
        if self._pipe is not None and self._process is not None and self._process.is_alive():
            return self._pipe
        self._end()
        import multiprocessing

        context = multiprocessing.get_context("spawn")  # a fork of a window with threads may lock up
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs,), name="painter", daemon=True)
        process.start()
        theirs.close()  # so that their end is the only one, and a death on either side is the end of the line
        self._pipe, self._process = ours, process
        return ours

    def _end(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.join(LONGEST_GOODBYE_S)
            if self._process.is_alive():
                self._process.kill()
                self._process.join(LONGEST_GOODBYE_S)
        self._pipe = self._process = None


def _serve(pipe: Connection[Any, Any]) -> None:
    """Answer until the window hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the window's; its end ends us
    while True:
        try:
            function, args, kwargs = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = (True, function(*args, **kwargs))
        except Exception as error:
            error.add_note(where_it_broke(error))  # the traceback itself stays on this side
            answer = (False, error)
        pipe.send(answer)


painter: Final = Painter()
atexit.register(painter.close)
