"""Line: one running process that decodes, and what is asked of it; its end is an exception that says why."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Literal

import trainer
from trainer.radiograph import MAX_PIXELS

if TYPE_CHECKING:
    import numpy.typing as npt

log = logging.getLogger("boneage")

PROGRAM: Final = (sys.executable, "-m", "boneage_gui.work.decoder_process")
START_S: Final = 60.0  # of a process, on a machine that is busy with other things
LOOK_S: Final = 0.05  # how often the clock is looked at
GRACE_S: Final = 0.5  # to a file that is no longer wanted: most are done by then, and a new process costs more
GOODBYE_S: Final = 1.0
LONGEST_LINE_BYTES: Final = 1 << 20

Cause = Literal["died", "late", "unwanted"]
Kind = Literal["float32", "uint8"]  # of pixels
Unwanted = Callable[[], bool]


class LineEndedError(Exception):
    """The process is gone. ``cause``: it died by itself or from outside, took too long, or was no longer wanted."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause)
        self.cause = cause


class Line:
    """A process that decodes; for one thread at a time, but for ``kill``."""

    def __init__(self) -> None:
        """Start it; ``wait_until_ready`` before the first question."""
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NO_WINDOW
        make = getattr(os, "memfd_create", None)  # Linux has it; elsewhere the pixels come down the line
        self._memory: int | None = None if make is None else make("radiograph")
        self._cause: Cause = "died"
        kept = () if self._memory is None else (self._memory,)
        self._process = subprocess.Popen(  # noqa: S603 - our own program, words of our own
            (*PROGRAM, *map(str, kept)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=kept,
            cwd=Path(trainer.__file__).resolve().parents[1],  # this trainer, wherever the window was started
            # One thread each: beside the window and the network there is no room for more.
            env={**os.environ, "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            creationflags=flags,
        )

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked; one that was killed may take a moment to end."""
        return self._cause == "died" and self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Wait until its libraries are imported. Raises LineEndedError."""
        with self._watched(START_S, lambda: False):
            self._hear()

    def ask(
        self, question: dict[str, Any], kind: Kind, *, limit_s: float, unwanted: Unwanted
    ) -> tuple[dict[str, Any], npt.NDArray[Any] | None]:
        """Return the answer and, where there are some, the pixels. Raises LineEndedError; the process is gone then."""
        with self._watched(limit_s, unwanted):
            try:
                _stream(self._process.stdin).write(json.dumps({**question, "limit_s": limit_s}).encode() + b"\n")
                _stream(self._process.stdin).flush()
                answer = self._hear()
                pixels = self._take_up(answer["shape"], kind) if "shape" in answer else None
            except (OSError, ValueError, TypeError) as error:  # it hung up, or says what it never would
                raise LineEndedError(self._cause) from error
        return answer, pixels

    def kill(self, cause: Cause | None = None) -> None:
        """End it at once; who waits for an answer hears the cause. Any thread may call."""
        if cause is not None:
            self._cause = cause
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def close(self) -> None:
        """Hang up, which ends it, and wait for that."""
        with contextlib.suppress(OSError):
            _stream(self._process.stdin).close()
        try:
            self._process.wait(GOODBYE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        _stream(self._process.stdout).close()
        if self._memory is not None:
            os.close(self._memory)
            self._memory = None

    @contextlib.contextmanager
    def _watched(self, limit_s: float, unwanted: Unwanted) -> Any:
        """Kill the process when its time is over; whoever reads from it then meets the end of the line."""
        done = threading.Event()
        warden = threading.Thread(target=self._watch, args=(done, limit_s, unwanted), daemon=True)
        warden.start()
        try:
            yield
        except LineEndedError as ended:
            self.kill()
            status = self._process.wait()
            if ended.cause != "unwanted":
                log.warning("a process that decodes ended (%s, %s)", ended.cause, _how(status))
            raise
        finally:
            done.set()
            warden.join()

    def _watch(self, done: threading.Event, limit_s: float, unwanted: Unwanted) -> None:
        begun = time.monotonic()
        while not done.wait(LOOK_S):
            lasts_s = time.monotonic() - begun
            if lasts_s > limit_s or (unwanted() and lasts_s > GRACE_S):
                self.kill("late" if lasts_s > limit_s else "unwanted")
                return

    def _hear(self) -> dict[str, Any]:
        line = _stream(self._process.stdout).readline(LONGEST_LINE_BYTES)
        if not line.endswith(b"\n"):
            raise LineEndedError(self._cause)
        answer = json.loads(line)
        if not isinstance(answer, dict):
            raise LineEndedError("died")
        return answer

    def _take_up(self, shape: Any, kind: Kind) -> npt.NDArray[Any]:
        """Copy the pixels out of the shared memory; by reading, since a map of it could be cut off under our feet."""
        import numpy as np

        height, width = (int(side) for side in shape)
        if not (height > 0 and width > 0 and height * width <= MAX_PIXELS):
            raise LineEndedError("died")
        pixels: npt.NDArray[Any] = np.empty((height, width), kind)
        target, done = pixels.data.cast("B"), 0
        while done < len(target):
            got = (
                os.preadv(self._memory, [target[done:]], done)
                if self._memory is not None
                else _into(_stream(self._process.stdout), target[done:])
            )
            if not got:
                raise LineEndedError(self._cause)
            done += got
        return pixels


def _into(stream: IO[bytes], target: memoryview) -> int:
    data = stream.read(len(target))
    target[: len(data)] = data
    return len(data)


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise OSError("no such pipe")
    return stream


def _how(status: int) -> str:
    try:
        return signal.Signals(-status).name if status < 0 else f"status {status}"
    except ValueError:
        return f"signal {-status}"
