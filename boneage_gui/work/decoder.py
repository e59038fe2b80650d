"""Decoder: reads files in a process of its own, so that bytes which end a native decoder cost one file.

A process that dies, takes too long or wants too much memory is replaced, and the file is refused with a sentence. A
file whose process died is tried once more: it may have been ended from outside, and then the file is not to blame.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from boneage_gui.work.decoder_line import LOOK_S, Line, LineEndedError, Unwanted
from boneage_gui.work.file_stamp import stamp_of
from boneage_gui.work.radiograph_facts import radiograph_of
from trainer.errors import RadiographError
from trainer.radiograph import Radiograph, shown_name

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from boneage_gui.clinic.deidentify import Choices, Pseudonyms
    from boneage_gui.work.decoder_line import Kind
    from trainer.preprocess import Preprocessing

log = logging.getLogger("boneage")

# The largest file that is read takes some seconds even on a busy computer; a file may also come from a slow disk.
LEAST_LIMIT_S: Final = 20.0
BYTES_A_SECOND: Final = 1 << 20
TRIES: Final = 2
STOPPED: Final = (
    "The file “{name}” made its decoder stop. It is damaged, or made to do harm: nothing was read. Export it once more."
)
LATE: Final = (
    "The file “{name}” kept its decoder busy for more than {limit_s:.0f} seconds. It is damaged, or made to do harm: "
    "nothing was read. Export it once more."
)
NOT_WANTED: Final = "The file “{name}” was not read: another one was asked for."
CANNOT_START: Final = (
    "The file “{name}” was not read: the process that decodes files could not be started. Close other programs and try "
    "again."
)


class DecoderBugError(Exception):
    """A bug while a file was decoded; where it lies is in the log."""


class Decoder:
    """Reads one file at a time; any thread may ask, and waits for its turn. Its process is begun by the first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line: Line | None = None

    def read(self, path: Path, *, unwanted: Unwanted = lambda: False) -> Radiograph:
        """Read one radiograph. ``unwanted`` is asked now and then, from another thread. Raises RadiographError."""
        stamp = stamp_of(Path(path))  # before: what changes while it is read has changed
        facts, pixels = self._ask(path, {}, unwanted)
        try:
            return replace(radiograph_of(facts, pixels, Path(path)), stamp=stamp)
        except (KeyError, TypeError, ValueError, OverflowError) as error:  # no decoder of ours speaks so any more
            self.close()
            raise RadiographError(STOPPED.format(name=shown_name(path))) from error

    def thumbnail(self, path: Path, *, side_px: int, unwanted: Unwanted = lambda: False) -> npt.NDArray[np.uint8]:
        """Read a radiograph and shrink it to uint8[height, width], the longer side at most ``side_px``.

        Raises RadiographError.
        """
        _, pixels = self._ask(path, {"side_px": side_px}, unwanted)
        return pixels

    def canvas(self, path: Path, preprocessing: Preprocessing) -> npt.NDArray[np.uint8]:
        """Read a radiograph and bring it to a model's canvas, uint8[side, side]. Raises RadiographError."""
        _, pixels = self._ask(path, {"canvas": preprocessing.to_json()}, lambda: False)
        return pixels

    def write_bare(self, source: Path, goal: Path, pseudonyms: Pseudonyms, choices: Choices) -> tuple[str, ...]:
        """Write a radiograph without its patient, which decodes it once more; return what must be heard of it.

        Raises RadiographError, and OSError where it cannot be written.
        """
        place = os.fsencode(goal.absolute()).hex()
        bare = {"goal": place, "secret": pseudonyms.secret.hex(), "choices": asdict(choices)}
        answer, _ = self._ask_for(source, {"bare": bare}, lambda: False)
        if "unwritten" in answer:
            raise OSError(*answer["unwritten"])
        return tuple(str(caution) for caution in answer.get("cautions", ()))

    def warm_up(self) -> None:
        """Start the process and let it import its libraries, so that the first file need not wait for that."""
        with self._lock:
            try:
                self._ready()
            except (LineEndedError, OSError):
                self._replace()  # the first file will say so

    def close(self) -> None:
        """End the process, also in the middle of a file."""
        line = self._line
        if line is not None:
            line.kill("unwanted")
        with self._lock:
            self._replace()

    @property
    def process_id(self) -> int | None:
        """The process that decodes, once there is one."""
        line = self._line
        return line.pid if line is not None else None

    def _ask(self, path: Path, wanted: dict[str, Any], unwanted: Unwanted) -> tuple[dict[str, Any], npt.NDArray[Any]]:
        """Return what is known of a file and its pixels, or the small picture of it that is wanted."""
        answer, pixels = self._ask_for(path, {"wanted": wanted}, unwanted)
        if pixels is None:
            raise _bug(answer)
        return answer["facts"], pixels

    def _ask_for(
        self, path: Path, what: dict[str, Any], unwanted: Unwanted
    ) -> tuple[dict[str, Any], npt.NDArray[Any] | None]:
        path = Path(path)
        limit_s = LEAST_LIMIT_S + _size_bytes(path) / BYTES_A_SECOND
        question = {"path": os.fsencode(path.absolute()).hex(), **what}
        while not self._lock.acquire(timeout=LOOK_S):
            if unwanted():
                raise RadiographError(NOT_WANTED.format(name=shown_name(path)))
        try:
            if unwanted():
                raise RadiographError(NOT_WANTED.format(name=shown_name(path)))
            answer, pixels = self._answer(question, path, limit_s, unwanted)
        finally:
            self._lock.release()
        if "refused" in answer:
            raise RadiographError(str(answer["refused"]))
        if "broke" in answer:
            raise _bug(answer)
        return answer, pixels

    def _answer(
        self, question: dict[str, Any], path: Path, limit_s: float, unwanted: Unwanted
    ) -> tuple[dict[str, Any], npt.NDArray[Any] | None]:
        kind: Kind = "uint8" if question.get("wanted") else "float32"
        for _ in range(TRIES):
            try:
                line = self._ready()
            except (LineEndedError, OSError) as error:
                self._replace()
                raise RadiographError(CANNOT_START.format(name=shown_name(path))) from error
            try:
                return line.ask(question, kind, limit_s=limit_s, unwanted=unwanted)
            except LineEndedError as ended:
                self._replace()
                if ended.cause != "died":
                    words = LATE if ended.cause == "late" else NOT_WANTED
                    raise RadiographError(words.format(name=shown_name(path), limit_s=limit_s)) from None
        raise RadiographError(STOPPED.format(name=shown_name(path)))

    def _ready(self) -> Line:
        if self._line is not None and self._line.is_alive:
            return self._line
        self._replace()
        self._line = Line()
        self._line.wait_until_ready()
        return self._line

    def _replace(self) -> None:
        """Let go of the process; the next question begins another."""
        line, self._line = self._line, None
        if line is not None:
            line.close()


class Decoders:
    """Decoders for threads that read many files at once: one for each, begun when it is needed, closed together."""

    def __init__(self) -> None:
        self._all: list[Decoder] = []
        self._free: list[Decoder] = []

    def read(self, path: Path) -> Radiograph:
        """As ``Decoder.read``; any number of threads may ask."""
        try:
            decoder = self._free.pop()
        except IndexError:
            decoder = Decoder()
            self._all.append(decoder)
        try:
            return decoder.read(path)
        finally:
            self._free.append(decoder)

    def close(self) -> None:
        """End their processes."""
        for decoder in self._all:
            decoder.close()


def _bug(answer: dict[str, Any]) -> DecoderBugError:
    log.error("a bug while a file was decoded (%s):\n%s", answer.get("broke"), "".join(answer.get("where", ())))
    return DecoderBugError(str(answer.get("broke")))


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return 0  # reading it will say why


reader: Final = Decoder()  # of what is shown
sketcher: Final = Decoder()  # of thumbnails, which what is shown must not wait for
atexit.register(reader.close)
atexit.register(sketcher.close)
