"""Canvases: every case decoded once, kept in a memory-mapped file and found again."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from trainer.cases import Case, Dropped
from trainer.errors import DataError, RadiographError
from trainer.preprocess import Preprocessing, to_canvas
from trainer.radiograph import read


@dataclass(frozen=True, slots=True, kw_only=True)
class CanvasCache:
    """Every case's canvas, decoded once."""

    canvases: npt.NDArray[np.uint8]  # [case, side, side], memory-mapped where it came from a file
    cases: tuple[Case, ...]  # in the same order
    dropped: tuple[Dropped, ...]  # unreadable files


def cache_canvases(
    cases: Sequence[Case],
    preprocessing: Preprocessing,
    folder: Path | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> CanvasCache:
    """Read every case to its canvas, or find them in ``folder`` from the last time.

    The file's name is a hash of the preprocessing and of each picture's path, size and time, so a changed
    picture makes a new one. Unreadable pictures are dropped with their reason. Raises DataError when none is
    left.
    """
    path = folder / f"{_fingerprint(cases, preprocessing)}.npy" if folder else None
    if path and path.is_file():
        stored = _open_cache(path, len(cases), preprocessing.side_px)
        if stored is not None:
            return CanvasCache(canvases=stored, cases=tuple(cases), dropped=())
    canvases = np.zeros((len(cases), preprocessing.side_px, preprocessing.side_px), dtype=np.uint8)
    kept: list[Case] = []
    dropped: list[Dropped] = []
    for index, case in enumerate(cases):
        try:
            canvases[len(kept)] = to_canvas(read(case.image_path), preprocessing)
            kept.append(case)
        except RadiographError as error:
            dropped.append(Dropped(case_id=case.case_id, reason=str(error)))
        if progress:
            progress(index + 1, len(cases))
    if not kept:
        raise DataError("None of the pictures of these cases can be read.")
    canvases = canvases[: len(kept)]
    if path and not dropped:
        with contextlib.suppress(OSError):  # no room for it: the canvases are made again next time
            _write_cache(path, canvases)
    return CanvasCache(canvases=canvases, cases=tuple(kept), dropped=tuple(dropped))


def _fingerprint(cases: Sequence[Case], preprocessing: Preprocessing) -> str:
    # The network side, mean and std come after the canvas: they do not change it.
    shape = f"{preprocessing.version} {preprocessing.aspect} {preprocessing.sampling} {preprocessing.side_px}"
    digest = hashlib.sha256(shape.encode())
    for case in cases:
        try:
            facts = case.image_path.stat()
        except OSError:  # gone since the table was read; reading it will say so
            continue
        name = os.fsencode(case.image_path.resolve())
        digest.update(b"\n" + name + f"\t{facts.st_size}\t{facts.st_mtime_ns}".encode())
    return digest.hexdigest()[:32]


def _open_cache(path: Path, count: int, side_px: int) -> npt.NDArray[np.uint8] | None:
    try:
        canvases = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    whole = canvases.shape == (count, side_px, side_px) and canvases.dtype == np.uint8
    return canvases if whole else None


def _write_cache(path: Path, canvases: npt.NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    try:
        with beside.open("wb") as file:
            np.save(file, canvases, allow_pickle=False)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
