"""Memory with ten files opened one after another: it should not grow with what was opened before."""

from __future__ import annotations

import gc
import statistics
from pathlib import Path

import psutil

from tests.benchmarks.opening import click, close, five_megapixel_files, warm_window
from tests.benchmarks.table import Row

FILES = 10
PASSES = 6


def measure(folder: Path) -> list[Row]:
    """Open ten 5-megapixel files again and again; the last passes must need no more than the first."""
    place = folder / "memory"
    place.mkdir()
    files = five_megapixel_files(place, FILES)
    application, window = warm_window(files[0])
    passes = [_open_all(window, files) for _ in range(PASSES)]
    close(application, window)
    growth = statistics.median(passes[-3:]) - statistics.median(passes[:3])
    whole = statistics.median(passes)
    return [
        Row(what="memory after ten 5 MP files, torch and model included", ours=whole, unit="MiB", rounds=PASSES),
        Row(what="its growth from the first three passes to the last three", ours=growth, unit="MiB", rounds=PASSES),
    ]


def _open_all(window, files: list[Path]) -> float:  # type: ignore[no-untyped-def]
    for file in files:
        click(window, file)
    gc.collect()
    return float(psutil.Process().memory_info().rss / 2**20)
