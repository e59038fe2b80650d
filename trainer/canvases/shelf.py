"""Shelf: one file of canvases, each with the content of the picture that it was made of and a checksum.

A line of JSON, then the canvases one after another. A shelf is written whole and never changed.
"""

from __future__ import annotations

import json
import math
import os
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from operator import index
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from trainer.errors import DataError
from trainer.preprocess import Canvas

SUFFIX: Final = ".canvases"
PART: Final = ".part"  # while it is written
VERSION: Final = 1
_LONGEST_HEAD: Final = 4 << 20
# A map keeps its file open. A data set that grows picture by picture has a shelf for each, and a process may have a
# thousand files open: small ones are read.
LEAST_MAPPED_BYTES: Final = 256 << 10


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one canvas."""

    content: str  # SHA-256 of the picture's file
    pixels: str  # SHA-256 of the picture as decoded
    checksum: int  # CRC-32 of the canvas


class CanvasesGoneError(DataError):
    """A shelf that was removed before it was looked at; its sentence is its own, in whatever process it is raised."""

    def __init__(self, *_: object) -> None:
        """Say so; what another process tells of where it was raised is left out."""
        super().__init__(
            "The canvases that the training reads are gone: their cache was deleted, or its disk is no longer there. "
            "Resume the run; they are made again."
        )


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
        """Return one canvas, read-only where it is mapped. Raises CanvasesGoneError for a file that is gone."""
        try:
            canvas: Canvas = self.open()[row]
        except (OSError, ValueError) as error:
            raise CanvasesGoneError from error
        return canvas

    def open(self) -> npt.NDArray[np.uint8]:
        """Return all canvases; from now on they outlive their file. Raises OSError, or ValueError for one cut off."""
        if self._canvases is None:
            if self.path is None:
                raise ValueError("a shelf with neither file nor canvases")
            if math.prod(self._shape) < LEAST_MAPPED_BYTES:
                with self.path.open("rb") as file:
                    file.seek(self._offset)
                    canvases = np.fromfile(file, np.uint8, math.prod(self._shape)).reshape(self._shape)
                canvases.setflags(write=False)  # as a map is
                self._canvases = canvases
            else:
                self._canvases = np.memmap(self.path, np.uint8, "r", self._offset, self._shape)
        return self._canvases

    def holds(self, row: int, entry: Entry) -> bool:
        """Say whether a canvas is what was written. Raises OSError where the file cannot be opened."""
        try:
            return zlib.crc32(self.open()[row].data) == entry.checksum
        except ValueError:
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
    """Read what is on a shelf, of one look or of any; None for one of another look, one cut off, or none at all.

    Raises OSError where the file cannot be opened, which says nothing of what is in it.
    """
    with path.open("rb") as file:
        line = file.readline(_LONGEST_HEAD)
        size = os.fstat(file.fileno()).st_size
    try:
        head = json.loads(line)
        count, height, width = (index(side) for side in head["shape"])
        entries = [_entry(entry) for entry in head["entries"]]
        whole = min(count, height, width) > 0 and size == len(line) + count * height * width and len(entries) == count
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    if not whole or head.get("version") != VERSION or (look is not None and head.get("look") != look):
        return None
    return Shelf(path, shape=(count, height, width), offset=len(line)), entries


def _entry(values: dict[str, Any]) -> Entry:
    entry = Entry(**values)
    if not (isinstance(entry.content, str) and isinstance(entry.pixels, str) and isinstance(entry.checksum, int)):
        raise TypeError("an entry of another kind")
    return entry
