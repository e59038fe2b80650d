"""Shelf: one file of canvases, each with the content of the picture that it was made of and a checksum.

A line of JSON, then the canvases one after another. A shelf is written whole and never changed.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from trainer.preprocess import Canvas

SUFFIX: Final = ".canvases"
PART: Final = ".part"  # while it is written
VERSION: Final = 1
_LONGEST_HEAD: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one canvas."""

    content: str  # SHA-256 of the picture's file
    pixels: str  # SHA-256 of the picture as decoded
    checksum: int  # CRC-32 of the canvas


class Shelf:
    """Canvases side by side, uint8[count, side, side]: in a file, mapped when first looked at, or in memory."""

    def __init__(self, path: Path | None, *, shape: tuple[int, int, int], offset: int = 0) -> None:
        """Name the file; nothing is mapped yet."""
        self.path, self._shape, self._offset = path, shape, offset
        self._canvases: npt.NDArray[np.uint8] | None = None

    @staticmethod
    def in_memory(canvases: npt.NDArray[np.uint8]) -> Shelf:
        """Make a shelf that lies in no file."""
        count, height, width = canvases.shape
        shelf = Shelf(None, shape=(count, height, width))
        shelf._canvases = canvases
        return shelf

    def canvas(self, row: int) -> Canvas:
        """Return one canvas, read-only where it is mapped. Raises OSError or ValueError for a file that is gone."""
        if self._canvases is None:
            if self.path is None:
                raise ValueError("a shelf with neither file nor canvases")
            self._canvases = np.memmap(self.path, np.uint8, "r", self._offset, self._shape)
        canvas: Canvas = self._canvases[row]
        return canvas

    def holds(self, row: int, entry: Entry) -> bool:
        """Say whether a canvas is what was written."""
        try:
            return zlib.crc32(self.canvas(row).data) == entry.checksum
        except (OSError, ValueError):
            return False

    def leave_file(self) -> None:
        """Take what is mapped into memory: the file is about to go."""
        if self._canvases is not None:
            self._canvases, self.path = np.array(self._canvases), None

    def __getstate__(self) -> dict[str, Any]:
        """Let a process that makes batches map the file itself, instead of being sent what is in it."""
        mapped = self.path is not None
        return {**self.__dict__, "_canvases": None if mapped else self._canvases}


def write_shelf(path: Path, look: str, entries: Sequence[Entry], canvases: npt.NDArray[np.uint8]) -> Shelf:
    """Write a shelf, whole or not at all. Raises OSError."""
    head = {"version": VERSION, "look": look, "shape": canvases.shape, "entries": [asdict(entry) for entry in entries]}
    line = json.dumps(head).encode() + b"\n"
    beside = path.with_suffix(f".{os.getpid()}{PART}")
    try:
        with beside.open("wb") as file:
            file.write(line)
            file.write(np.ascontiguousarray(canvases).data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    count, height, width = canvases.shape
    return Shelf(path, shape=(count, height, width), offset=len(line))


def read_shelf(path: Path, look: str | None = None) -> tuple[Shelf, list[Entry]] | None:
    """Read what is on a shelf, of one look or of any; None for one of another look, one cut off, or none at all."""
    try:
        with path.open("rb") as file:
            line = file.readline(_LONGEST_HEAD)
        head = json.loads(line)
        count, height, width = head["shape"]
        entries = [Entry(**entry) for entry in head["entries"]]
        whole = path.stat().st_size == len(line) + count * height * width and len(entries) == count
    except (OSError, KeyError, TypeError, ValueError, RecursionError):
        return None
    if not whole or head.get("version") != VERSION or (look is not None and head.get("look") != look):
        return None
    return Shelf(path, shape=(count, height, width), offset=len(line)), entries
