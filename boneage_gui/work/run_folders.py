"""Run folders: a name for a new one, and the end of one that is not wanted."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import Final

from trainer.errors import RunError

LONGEST_NAME: Final = 80
LOCK: Final = "run.lock"
# What may lie in a run's folder before config.json makes it a run.
BEFORE_A_RUN: Final = {LOCK, "choices.json", "data.json", "first-weights.json", "split.csv", "cleaning.csv"}
NOT_OURS: Final = "“{name}” was not deleted: it does not lie in this program's folder of runs."
STILL_TRAINS: Final = "“{name}” still trains, perhaps in another window; stop it first."


def new_folder(runs: Path, name: str) -> Path:
    """Return a folder in ``runs`` that is not there yet, named as the user wants as far as a file system allows.

    What is left of runs that never began is deleted before: it would keep their names, and no list shows it.
    """
    _clear(runs)
    kept = "".join(letter if letter.isalnum() or letter in " -_.,()" else "-" for letter in name)
    plain = " ".join(kept.split())[:LONGEST_NAME].strip(" .") or "run"
    number, folder = 1, runs / plain
    while folder.exists():
        number += 1
        folder = runs / f"{plain} ({number})"
    return folder


def _clear(runs: Path) -> None:
    with contextlib.suppress(OSError):
        for folder in runs.iterdir():
            if _never_began(folder):
                shutil.rmtree(folder)


def _never_began(folder: Path) -> bool:
    """Say whether a window was killed while it prepared a run here, and the run's own process has ended since."""
    from trainer.history import is_held

    if folder.is_symlink() or not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir()}
    return LOCK in names and names <= BEFORE_A_RUN and not is_held(folder)


def discard(folder: Path, runs: Path) -> None:
    """Delete a run folder, where it is one of ours. Raises RunError where it is not, trains, or cannot be deleted."""
    from trainer.history import read_history

    ours = not folder.is_symlink() and folder.parent.resolve() == runs.resolve() and folder.resolve() != runs.resolve()
    if not ours:
        raise RunError(NOT_OURS.format(name=folder.name))
    recorded = folder / "config.json"
    if recorded.is_file() and read_history(folder).state == "running":
        raise RunError(STILL_TRAINS.format(name=folder.name))
    try:
        recorded.unlink(missing_ok=True)  # first: what is left of a deletion that breaks off is no run
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise RunError(f"“{folder.name}” could not be deleted: {error.strerror}.") from error
