"""Store: the folder of shelves that all runs and processes share, bounded in size; what it cannot keep stays in memory.

Each process writes shelves of its own, so that none waits for another. Removing a shelf harms nobody who has mapped it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import threading
import uuid
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
import platformdirs

from trainer.canvases.known_files import KnownFiles
from trainer.canvases.shelf import PART, SUFFIX, Entry, Shelf, read_shelf, write_shelf
from trainer.errors import DataError
from trainer.preprocess import Canvas, Preprocessing
from trainer.whole_file import is_left_behind

HOME_VARIABLE: Final = "BONEAGE_HOME"  # as boneage_gui.settings: one folder instead of the user's own
READER: Final = 3  # to be raised when the same file would decode or shrink to another canvas than before
# The whole RSNA set at the largest side (12,611 canvases of 1024 x 1024 pixels) takes 12.3 GiB, at the usual side of
# 224 pixels 0.6 GiB: what is in use always fits.
MOST_BYTES: Final = 16 << 30
LEAST_FREE_BYTES: Final = 1 << 30  # left on the disk: a cache must not be what fills it
SHELF_BYTES: Final = 64 << 20  # what may be lost with one damaged shelf, and what waits in memory to be written
SHELF_CANVASES: Final = 1024
ENTRY_BYTES: Final = 256  # what a shelf says of one canvas, at most
SPARE_MEMORY_BYTES: Final = 512 << 20
LEFT_BEHIND_S: Final = 24 * 3600.0  # a part of a shelf that is older was left by a process that was killed

Place = tuple[int, int]  # number of the shelf, row in it


def cache_folder() -> Path:
    """Folder of the canvases: the user's own for what can be made again."""
    home = os.environ.get(HOME_VARIABLE)
    cache = Path(home) / "cache" if home else Path(platformdirs.user_cache_dir("boneage", appauthor=False))
    return cache / "canvases"


def look_of(preprocessing: Preprocessing) -> str:
    """Name what makes the same picture the same canvas. Network side, mean and std come after it."""
    parts = (preprocessing.version, preprocessing.aspect, preprocessing.sampling, preprocessing.side_px, READER)
    return hashlib.sha256(" ".join(str(part) for part in parts).encode()).hexdigest()[:16]


class Store:
    """The canvases of one look."""

    def __init__(self, folder: Path, preprocessing: Preprocessing) -> None:
        """Find what was kept."""
        self.shelves: list[Shelf] = []
        self.files = KnownFiles(folder)
        self.note: str | None = None  # a sentence, where canvases could not be kept
        self._folder, self._look, self._side_px = folder, look_of(preprocessing), preprocessing.side_px
        self._known: dict[str, tuple[Place, Entry]] = {}
        self._waiting: list[tuple[Entry, Canvas]] = []
        self._used: set[Path] = set()
        self._lock = threading.Lock()
        for path in sorted(folder.glob(f"{self._look}-*{SUFFIX}")):
            self._load(path)

    def find(self, content: str) -> tuple[Place, str] | None:
        """Return where the canvas of a picture's content is, and the hash of its pixels; safe in any thread.

        A canvas that is not what was written counts as missing, with everything on its shelf, which is removed. So
        does one whose shelf cannot be opened; that stays, for there may be nothing wrong with it.
        """
        found = self._known.get(content)
        if found is None:
            return None
        (number, row), entry = found
        shelf = self.shelves[number]
        try:
            if shelf.holds(row, entry):
                if shelf.path:
                    self._used.add(shelf.path)
                return (number, row), entry.pixels
        except OSError:
            return None
        with self._lock, suppress(OSError):
            self._known = {key: kept for key, kept in self._known.items() if kept[0][0] != number}
            path = shelf.path
            shelf.leave_file()  # some canvases on it were whole, and are in use
            if path:
                path.unlink(missing_ok=True)
        return None

    def add(self, content: str, pixels: str, canvas: Canvas) -> Place:
        """Put a canvas on the shelf that is being filled. Raises DataError where neither disk nor memory has room."""
        place = (len(self.shelves), len(self._waiting))
        self._waiting.append((Entry(content, pixels, zlib.crc32(np.ascontiguousarray(canvas).data)), canvas))
        if len(self._waiting) * canvas.nbytes >= SHELF_BYTES or len(self._waiting) >= SHELF_CANVASES:
            self.write()
        return place

    def close(self) -> None:
        """Keep what was added, where there is room, and remember what was used."""
        with suppress(DataError):
            self.write()
        if not self._used:
            return
        for path in self._used:
            with suppress(OSError):
                os.utime(path)
        with suppress(DataError):
            self.files.save()

    def _load(self, path: Path) -> None:
        try:
            read = read_shelf(path, self._look)
        except OSError:
            return
        if read is None:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            return
        shelf, entries = read
        for row, entry in enumerate(entries):
            self._known[entry.content] = ((len(self.shelves), row), entry)
        self.shelves.append(shelf)

    def write(self) -> None:
        """Write the shelf that is being filled. Raises DataError as ``add``."""
        if not self._waiting:
            return
        entries = [entry for entry, _ in self._waiting]
        size = sum(canvas.nbytes + ENTRY_BYTES for _, canvas in self._waiting)
        try:
            if self.note:
                raise OSError(errno.ENOSPC, self.note)
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # they are pictures of patients
            self._make_room(size)
            path = self._folder / f"{self._look}-{uuid.uuid4().hex[:16]}{SUFFIX}"
            shelf = write_shelf(path, self._look, entries, np.stack([canvas for _, canvas in self._waiting]))
            shelf.open()  # a cache may be deleted at any time, also between this and the first batch
            self._used.add(path)
        except OSError as error:
            self.note = self.note or (
                f"The canvases could not be kept in {self._folder} ({error.strerror}); they are in memory and will be "
                "made again next time."
            )
            _need_memory(size)
            shelf = Shelf.in_memory(np.stack([canvas for _, canvas in self._waiting]))
        self.shelves.append(shelf)
        self._waiting = []

    def _make_room(self, size: int) -> None:
        """Remove the longest unused shelves, of any look, beyond the bound. Raises OSError where that is not enough."""
        found = []
        for path in self._folder.iterdir():
            with suppress(OSError):  # another process is tidying too
                facts = path.stat()
                if path.suffix == PART and is_left_behind(path, unused_s=LEFT_BEHIND_S):
                    path.unlink()
                elif path.suffix == SUFFIX:
                    found.append((facts.st_mtime, facts.st_size, path))
        total = size + sum(kept for _, kept, _ in found)
        for _, kept, path in sorted(found):
            if total <= MOST_BYTES and self._has_free(size):
                return
            if path not in self._used:
                with suppress(OSError):
                    path.unlink()
                    total -= kept
        if not self._has_free(size):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _has_free(self, size: int) -> bool:
        return shutil.disk_usage(self._folder).free >= size + LEAST_FREE_BYTES


def _need_memory(size: int) -> None:
    import psutil

    if psutil.virtual_memory().available < size + SPARE_MEMORY_BYTES:
        raise DataError(
            "Neither the disk nor the memory has room for the canvases. Make room on the disk, or choose a smaller "
            "side (--side-px)."
        )
