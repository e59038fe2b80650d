"""The process that decodes: a line asks for one file, a line answers, the pixels lie in shared memory.

``python -m boneage_gui.work.decoder_process [DESCRIPTOR]``. The descriptor is a nameless file in memory that the window
made; where the system has none, the pixels follow the line. Lines are JSON: nothing that a file could have written is
ever unpickled. What native libraries print goes nowhere, since they quote headers, which name patients.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt

from boneage_gui import work
from boneage_gui.work.radiograph_facts import facts_of
from trainer.errors import BoneAgeError
from trainer.radiograph import Radiograph, read, shown_name

# The largest radiograph that is read, 100 megapixels, takes up to 1 GB while it is decoded: measured as PNG, JPEG and
# TIFF, grey and in colours, and in each transfer syntax. What wants twice as much is a bomb, and ends here.
MOST_MEMORY_BYTES: Final = 2 << 30
NO_MEMORY: Final = "{name} needs more memory than this computer has free."
SPARE_S: Final = 5.0  # beyond the window's own limit, should there be no window any more to keep it


def main() -> None:
    """Answer until the window hangs up."""
    descriptor = int(sys.argv[1]) if len(sys.argv) > 1 else None
    questions, answers = _take_the_line()
    _limit_this_process()
    _import_decoders()
    _say(answers, {"ready": True})
    while line := questions.readline():
        _reply(json.loads(line), answers, descriptor)


def _reply(question: dict[str, Any], answers: IO[bytes], descriptor: int | None) -> None:
    """Answer one question, and keep nothing of it."""
    _alarm(question["limit_s"] + SPARE_S)
    answer, pixels = _answer(question)
    _alarm(0)
    if pixels is not None and descriptor is not None:
        _lay_down(descriptor, pixels)
    _say(answers, answer)
    if pixels is not None and descriptor is None:
        answers.write(_bytes(pixels))
        answers.flush()


def _answer(question: dict[str, Any]) -> tuple[dict[str, Any], npt.NDArray[Any] | None]:
    """Return what is said of a file, and its pixels."""
    path = _path(question["path"])
    try:
        if "bare" in question:
            return _write_bare(path, **question["bare"]), None
        radiograph = read(path)
        pixels = _picture(radiograph, **question["wanted"])
        return {"shape": pixels.shape, "facts": facts_of(radiograph)}, pixels
    except BoneAgeError as error:
        return {"refused": str(error)}, None
    except MemoryError:
        return {"refused": NO_MEMORY.format(name=shown_name(path))}, None
    except Exception as error:  # a bug: its kind and place are told, its words may quote the file
        return {"broke": type(error).__name__, "where": traceback.format_tb(error.__traceback__)}, None


def _write_bare(source: Path, *, goal: str, secret: str, choices: dict[str, bool]) -> dict[str, Any]:
    """Write a radiograph without its patient; return what must be heard of it, or why it could not be written."""
    from boneage_gui.clinic.deidentify import Choices, Pseudonyms, write_bare

    try:
        cautions = write_bare(source, _path(goal), Pseudonyms(bytes.fromhex(secret)), Choices(**choices))
    except OSError as error:
        return {"unwritten": [error.errno, error.strerror]}
    return {"cautions": cautions}


def _path(name: str) -> Path:
    return Path(os.fsdecode(bytes.fromhex(name)))


def _picture(
    radiograph: Radiograph, *, side_px: int | None = None, canvas: dict[str, Any] | None = None
) -> npt.NDArray[Any]:
    """Return the pixels, or a thumbnail of that side, or the canvas of that preprocessing."""
    if side_px is not None:
        return work.thumbnail(radiograph, side_px=side_px)
    if canvas is not None:
        from trainer.preprocess import Preprocessing, to_canvas

        return to_canvas(radiograph, Preprocessing(**canvas))
    return radiograph.pixels


def _take_the_line() -> tuple[IO[bytes], IO[bytes]]:
    """Keep the ends of the line for ourselves, and leave libraries nothing to print on."""
    questions, answers = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    return os.fdopen(questions, "rb"), os.fdopen(answers, "wb")


def _limit_this_process() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the window's; its end ends us
    if sys.platform == "win32":
        return
    import resource

    # Of what it allocates, not of its address space, most of which libraries reserve and never touch.
    kinds = [(resource.RLIMIT_DATA, MOST_MEMORY_BYTES), (resource.RLIMIT_CORE, 0)]  # a core file would hold a patient
    for kind, most in kinds:
        _, hard = resource.getrlimit(kind)
        lower = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (lower, lower))


def _alarm(seconds: float) -> None:
    """Let the system end this process after so long, even inside a library that never returns; 0: no more."""
    if sys.platform != "win32":
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _import_decoders() -> None:
    """Import now what the first file would wait for."""
    import gdcm  # noqa: F401
    import pydicom  # noqa: F401
    from PIL import JpegImagePlugin, PngImagePlugin, TiffImagePlugin  # noqa: F401

    from trainer.radiograph import dicom, picture  # noqa: F401


def _lay_down(descriptor: int, pixels: npt.NDArray[Any]) -> None:
    data, done = _bytes(pixels), 0
    os.ftruncate(descriptor, len(data))
    while done < len(data):
        done += os.pwrite(descriptor, data[done:], done)


def _bytes(pixels: npt.NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(pixels).data.cast("B")


def _say(answers: IO[bytes], words: dict[str, Any]) -> None:
    answers.write(json.dumps(words).encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # the window has gone
        os._exit(0)
