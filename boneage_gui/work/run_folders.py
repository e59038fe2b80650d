"""Run folders: a name for a new one, and the end of one that is not wanted."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from trainer.errors import RunError

LONGEST_NAME: Final = 80
NOT_OURS: Final = "“{name}” was not deleted: it does not lie in this program's folder of runs."
STILL_TRAINS: Final = "“{name}” still trains, perhaps in another window; stop it first."


def new_folder(runs: Path, name: str) -> Path:
    """Return a folder in ``runs`` that is not there yet, named as the user wants as far as a file system allows."""
    kept = "".join(letter if letter.isalnum() or letter in " -_.,()" else "-" for letter in name)
    plain = " ".join(kept.split())[:LONGEST_NAME].strip(" .") or "run"
    number, folder = 1, runs / plain
    while folder.exists():
        number += 1
        folder = runs / f"{plain} ({number})"
    return folder


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
