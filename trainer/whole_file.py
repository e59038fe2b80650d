"""Whole files: written beside, then renamed, so that a file of a name is always the old one or the new one."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from trainer.errors import DataError


def write_whole(path: Path, write: str | bytes | Callable[[Path], None]) -> None:
    """Write a text, bytes, or what ``write`` writes at the path it is given, making the folder. Raises DataError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(write, str):
            beside.write_text(write, encoding="utf-8", newline="")
        elif isinstance(write, bytes):
            beside.write_bytes(write)
        else:
            write(beside)
        beside.replace(path)
    except OSError as error:
        raise DataError(f"{path} could not be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
