"""Seeds: sound files of every kind, made by the program, from which the others are made."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.seeds import models, radiographs, runs, tables, window


def seeds_of(target: str, folder: Path) -> list[bytes]:
    """Return the sound files of a target; ``folder`` is for writing them."""
    folder.mkdir(parents=True, exist_ok=True)
    for room in (radiographs, tables, runs, models, window):
        if target in room.SEEDS:
            return list(room.SEEDS[target](folder))
    raise KeyError(target)
