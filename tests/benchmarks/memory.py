"""Memory with ten files opened one after another: it should not grow with what was opened before."""

from __future__ import annotations

import gc
from pathlib import Path

import psutil

from tests.benchmarks.opening import click, close, five_megapixel_files, warm_window
from tests.benchmarks.table import Row

FILES = 10


def measure(folder: Path) -> list[Row]:
    """Open ten 5-megapixel files twice over; the second time must need no more than the first."""
    place = folder / "memory"
    place.mkdir()
    files = five_megapixel_files(place, FILES)
    application, window = warm_window(files[0])
    after_first = _open_all(window, files)
    after_second = _open_all(window, files)
    close(application, window)
    return [
        Row(what="memory after ten 5 MP files", ours=after_first, unit="MiB", rounds=1),
        Row(what="growth when the ten are opened again", ours=after_second - after_first, unit="MiB", rounds=1),
    ]


def _open_all(window, files: list[Path]) -> float:  # type: ignore[no-untyped-def]
    for file in files:
        click(window, file)
    gc.collect()
    return float(psutil.Process().memory_info().rss / 2**20)
