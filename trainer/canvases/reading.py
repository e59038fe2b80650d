"""Reading: from cases to their canvases, found in the store or decoded by several threads."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from trainer.canvases.cache import CanvasCache, Canvases
from trainer.canvases.known_files import KnownFiles, facts_of
from trainer.canvases.shelf import SUFFIX, read_shelf
from trainer.canvases.store import Place, Store, cache_folder
from trainer.cases import UNREADABLE, Case, Dropped
from trainer.errors import DataError, RadiographError
from trainer.preprocess import Canvas, Preprocessing, to_canvas
from trainer.radiograph import Radiograph, read

# Threads, not processes: decoding, hashing and resizing let go of Python's lock. On two cores, 60 originals of the
# RSNA took 2.25 s in one thread, 1.37 s in two, 1.25 s in two processes, which would first have to be started.
DECODERS: Final = max(1, min(8, os.cpu_count() or 2))
AHEAD: Final = 2 * DECODERS  # pictures looked at beyond the one that is waited for; their canvases alone are kept
TOLD_EVERY_S: Final = 0.25

Reader = Callable[[Path], Radiograph]  # raises RadiographError


def read_canvases(
    cases: Sequence[Case], preprocessing: Preprocessing, folder: Path | None = None, *, reader: Reader | None = None
) -> Generator[tuple[int, int], None, CanvasCache]:
    """Find or make every case's canvas; yield how many are done, of how many, every so often.

    ``folder`` is where they are kept, the user's own by default; ``reader`` may read pictures elsewhere, asked by
    several threads at once. It may be closed between two of its values; what was made by then is kept. Unreadable
    pictures are dropped with their reason. Raises DataError when none is left.
    """
    store, reader = Store(folder or cache_folder(), preprocessing), reader or read
    kept: list[tuple[Case, Place, str]] = []
    dropped: list[Dropped] = []
    told_s = time.monotonic()
    with ThreadPoolExecutor(max_workers=DECODERS, thread_name_prefix="canvases") as pool:
        waiting: deque[Future[_Seen]] = deque()
        try:
            for index, case in enumerate(cases):
                for ahead in cases[index + len(waiting) : index + 1 + AHEAD]:
                    waiting.append(pool.submit(_look_at, ahead.image_path, store, preprocessing, reader))
                try:
                    seen = waiting.popleft().result()
                except RadiographError as error:
                    _need_files(error)
                    dropped.append(Dropped(case_id=case.case_id, reason=f"{UNREADABLE}: {error}"))
                else:
                    where = seen.where
                    place = where if isinstance(where, tuple) else store.add(seen.content, seen.pixels, where)
                    kept.append((case, place, seen.pixels))
                if time.monotonic() - told_s > TOLD_EVERY_S or index + 1 == len(cases):
                    told_s = time.monotonic()
                    yield index + 1, len(cases)
            store.write()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            store.close()
    if not kept:
        raise DataError("None of the pictures of these cases can be read.")
    places = np.array([place for _, place, _ in kept], dtype=np.intp)
    return CanvasCache(
        canvases=Canvases(store.shelves, places, preprocessing.side_px),
        cases=tuple(case for case, _, _ in kept),
        pixels=tuple(pixels for _, _, pixels in kept),
        dropped=tuple(dropped),
        note=store.note,
    )


def cache_canvases(
    cases: Sequence[Case],
    preprocessing: Preprocessing,
    folder: Path | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> CanvasCache:
    """Find or make every case's canvas, as ``read_canvases`` does, in one go."""
    reading = read_canvases(cases, preprocessing, folder)
    while True:
        try:
            done, total = next(reading)
        except StopIteration as end:
            cache: CanvasCache = end.value
            return cache
        if progress:
            progress(done, total)


def known_pixels(cases: Sequence[Case], folder: Path | None = None) -> list[str | None]:
    """Return the hash of each case's pixels without reading a picture; None for one never read, or not readable."""
    folder = folder or cache_folder()
    files = KnownFiles(folder)
    pixels: dict[str | None, str] = {}
    for path in folder.glob(f"*{SUFFIX}"):
        with suppress(OSError):
            _, entries = read_shelf(path) or (None, [])
            pixels.update((entry.content, entry.pixels) for entry in entries)
    facts = [facts_of(case.image_path) for case in cases]
    contents = [files.content(case.image_path, own) if own else None for case, own in zip(cases, facts, strict=True)]
    return [pixels.get(content) for content in contents]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A picture's canvas: its place in the store, or what was made now."""

    content: str
    pixels: str
    where: Place | Canvas


def _look_at(path: Path, store: Store, preprocessing: Preprocessing, reader: Reader) -> _Seen:
    """Find a picture's canvas or make it. Raises RadiographError."""
    facts = facts_of(path)
    content = store.files.content(path, facts) if facts else None
    if content is not None and (found := store.find(content)):
        return _Seen(content=content, pixels=found[1], where=found[0])
    content = _digest(path) if facts else None
    if facts and content and (found := store.find(content)):  # moved, renamed, copied or touched
        store.files.learn(path, facts, content)
        return _Seen(content=content, pixels=found[1], where=found[0])
    radiograph = reader(path)
    canvas = to_canvas(radiograph, preprocessing)
    if facts is None or content is None or facts_of(path) != facts:  # written to meanwhile: known to nobody
        content = ""
    else:
        store.files.learn(path, facts, content)
    return _Seen(content=content, pixels=_pixels(radiograph), where=canvas)


def _need_files(error: RadiographError) -> None:
    """Raise DataError where a picture was refused for the one reason that it has nothing to do with."""
    behind: BaseException | None = error
    while behind is not None:
        if isinstance(behind, OSError) and behind.errno in (errno.EMFILE, errno.ENFILE):
            raise DataError(
                "No more files can be opened at once, so not all radiographs can be read. Close other programs, or "
                "raise the limit (ulimit -n), and begin again."
            ) from error
        behind = behind.__context__


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _pixels(radiograph: Radiograph) -> str:
    digest = hashlib.sha256(repr(radiograph.pixels.shape).encode())
    digest.update(np.ascontiguousarray(radiograph.pixels).data)
    return digest.hexdigest()
