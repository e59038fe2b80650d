"""Past runs: what the list of them shows, and their curves in one figure."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.errors import DataError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from trainer.data_source import DataSource
    from trainer.figures import Look
    from trainer.history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """One run, when it last told something, in local time, and where its radiographs lie, if they are still there."""

    history: History
    when: datetime
    source: DataSource | None = None


def past_runs(folder: Path) -> list[PastRun]:
    """Read every run in a folder of runs, the newest first."""
    from trainer.history import read_histories

    return [
        PastRun(history=history, when=_when(history.folder), source=_source(history.folder))
        for history in read_histories(folder)
    ]


def draw_overlay(figure: Figure, look: Look, *, histories: Sequence[History]) -> None:
    """Draw the curves of runs over each other: mean absolute error and loss side by side."""
    from trainer.figures.curves import draw_both

    draw_both(list(figure.subplots(1, 2)), histories, look=look)


def _source(folder: Path) -> DataSource | None:
    from trainer.data_source import read_source

    with contextlib.suppress(DataError, OSError):
        source = read_source(folder)
        return source if source.lost is None else None
    return None


def _when(folder: Path) -> datetime:
    times = [path.stat().st_mtime for name in ("events.jsonl", "config.json") if (path := folder / name).is_file()]
    return datetime.fromtimestamp(max(times, default=0.0)).astimezone()
