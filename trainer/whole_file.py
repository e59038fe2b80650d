"""Whole files: written beside, then renamed, so that a file of a name is always the old one or the new one."""

from __future__ import annotations

import glob
import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from trainer.errors import DataError

PART: Final = ".part"
BUSY_WAITS_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0)
MOST_DIGITS: Final = 10  # of a process's number
LEFT_BEHIND_S: Final = 600.0  # a part that nobody has written to for so long was left by a process that was killed


def write_whole(path: Path, write: str | bytes | Callable[[Path], None]) -> None:
    """Write a text, bytes, or what ``write`` writes at the path it is given, making the folder. Raises DataError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside(path) as part:
            if isinstance(write, str):
                part.write_text(write, encoding="utf-8", newline="")
            elif isinstance(write, bytes):
                part.write_bytes(write)
            else:
                write(part)
            take_place(part, path)
    except OSError as error:
        raise DataError(f"{path} could not be written: {error.strerror}.") from error


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Yield a name beside a file's, of this one writing alone: threads and processes may write one file at once.

    What is still there under it in the end is removed.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}-{uuid.uuid4().hex[:16]}{PART}")
    try:
        yield part
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def take_place(part: Path, path: Path) -> None:
    """Give a part its file's name. On Windows whoever reads the former file, a backup say, is waited for a while."""
    waits_s = BUSY_WAITS_S if sys.platform == "win32" else ()
    for wait_s in waits_s:
        try:
            part.replace(path)
        except PermissionError:
            time.sleep(wait_s)
        else:
            return
    part.replace(path)


def remove_parts(path: Path, *, unused_s: float = LEFT_BEHIND_S) -> None:
    """Remove the parts of a file that nobody has written to for so long; looks through the whole folder.

    0: all of them, for whoever knows that nobody else writes the file.
    """
    for left in path.parent.glob(f".{glob.escape(path.name)}.*{PART}"):
        with suppress(OSError):  # another process is tidying too
            if not unused_s or is_left_behind(left, unused_s=unused_s):
                left.unlink()


def is_left_behind(part: Path, *, unused_s: float) -> bool:
    """Say whether a part is so old, and not of a process that still runs: a clock set forward makes all parts old.

    The process's number stands before ``.part`` and perhaps a hyphen. Raises OSError.
    """
    if time.time() - part.stat().st_mtime < unused_s:
        return False
    number = part.stem.rpartition(".")[2].partition("-")[0]
    if not (number.isdecimal() and len(number) < MOST_DIGITS) or int(number) == os.getpid():
        return True
    import psutil

    return not psutil.pid_exists(int(number))
