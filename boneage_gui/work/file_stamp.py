"""File stamp: whether a radiograph's file is still the one that was read. What is kept or sent of it reads it again."""

from __future__ import annotations

from pathlib import Path

from trainer.errors import RadiographError
from trainer.radiograph import Radiograph, shown_name

CHANGED = "“{name}” has changed since it was read: another picture may lie there now. Open it again."


def stamp_of(path: Path) -> tuple[int, int] | None:
    """Return size in bytes and time of change in nanoseconds; None where there is no telling."""
    try:
        facts = path.stat()
    except (OSError, ValueError):
        return None
    return facts.st_size, facts.st_mtime_ns


def need_unchanged(radiograph: Radiograph) -> None:
    """Raise RadiographError where another file lies in the place of the one that was read."""
    now = stamp_of(radiograph.source)
    if radiograph.stamp is not None and now is not None and now != radiograph.stamp:
        raise RadiographError(CHANGED.format(name=shown_name(radiograph.source)))
