"""DailyCopies: the copies of a store by day, and which of them may take the place of a damaged file.

A folder may hold the copies of several stores: one that was moved away or deleted, and the one that began after it.
Copies are of one store where they begin with the same reading; a store only grows. Ids of readings are asked for as
hex digits: what rotted need not be text.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any, Final

COPIES: Final = "readings-*.sqlite3"
BACKUPS: Final = 14  # of this store; and as many of those before it
FIRST_ID: Final = "SELECT hex(reading_id) FROM readings ORDER BY number LIMIT 1"
OTHERS_ALONE: Final = " The copies in the folder “backups” are of other readings."
LAST_COPIED: Final = (
    " The folder “backups” holds copies of several files, and nothing told which of them this was: the one copied last "
    "took its place."
)


class DailyCopies:
    """Knows the folder; the store writes into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of_day(self, day: date, first_id: str) -> Path:
        """Return where the copy of a day lies or is to lie, of the store that begins with a reading."""
        endings = ("" if number == 1 else f"-{number}" for number in count(1))
        paths = (self.folder / f"readings-{day.isoformat()}{ending}.sqlite3" for ending in endings)
        return next(path for path in paths if not path.exists() or _first_id(path) == first_id)

    def prune(self, newest: Path) -> None:
        """Delete all but the fullest copies: of the store that was just copied, and of others. Raises OSError."""
        own_id = _first_id(newest)
        own: list[Path] = []
        others: list[Path] = []
        for copy in self._fullest_first():
            if copy != newest:
                (own if _first_id(copy) == own_id else others).append(copy)
        for old in (*own[BACKUPS - 1 :], *others[BACKUPS:]):
            old.unlink(missing_ok=True)

    def for_damaged(self, ids: Collection[str]) -> tuple[list[Path], str]:
        """Return the copies of a damaged file, the fullest first, and what is to be said about their choice.

        ``ids`` are those of its readings that could still be read. A file that keeps none is taken for the one that was
        copied last.
        """
        copies = self._fullest_first()
        if ids:
            own = [copy for copy in copies if _holds_any(copy, ids)]
            return own, OTHERS_ALONE if copies and not own else ""
        known = [copy for copy in copies if _first_id(copy) is not None]
        if len({_first_id(copy) for copy in known}) < 2:
            return copies, ""
        last_id = _first_id(max(known, key=lambda copy: copy.stat().st_mtime_ns))
        return [copy for copy in known if _first_id(copy) == last_id], LAST_COPIED

    def _fullest_first(self) -> list[Path]:
        """Return every copy; the day would be no order: a clock that stood wrong names them wrongly for ever."""
        copies = self.folder.glob(COPIES)
        return sorted(copies, key=lambda copy: (_size(copy), copy.name), reverse=True)


def day_of(copy: Path) -> str:
    """Return the day of a copy, for a sentence."""
    return copy.stem.removeprefix("readings-")[: len("2026-03-09")]


def _size(copy: Path) -> int:
    """Return how many readings a copy holds, -1 for one that cannot be read."""
    row = _first_row(copy, "SELECT coalesce(max(number), 0) FROM readings")
    return -1 if row is None else int(row[0])


def _first_id(copy: Path) -> str | None:
    """Return the id of the reading that a copy begins with; None for one that cannot be read or holds none."""
    row = _first_row(copy, FIRST_ID)
    return None if row is None else str(row[0])


def _holds_any(copy: Path, ids: Collection[str]) -> bool:
    try:
        with closing(_opened(copy)) as connection:
            return any(row[0] in ids for row in connection.execute("SELECT hex(reading_id) FROM readings"))
    except sqlite3.Error:
        return False


def _first_row(copy: Path, words: str) -> Any:
    try:
        with closing(_opened(copy)) as connection:
            return connection.execute(words).fetchone()
    except sqlite3.Error:
        return None


def _opened(copy: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
