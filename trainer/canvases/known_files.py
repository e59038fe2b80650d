"""Known files: what a picture's file held when it was last read, so that it need not be read to be known again.

A file is taken for unchanged where its path, size and both its times are. Paths are kept as hashes: a folder may be
named after a patient.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Final

from trainer.radiograph import MAX_BYTES
from trainer.whole_file import write_whole

NAME: Final = "files.json"
VERSION: Final = 1
MOST_FILES: Final = 200_000  # some 25 MB; the longest unused go first


Facts = tuple[int, int, int]  # bytes; when its content and when anything of it changed last, ns


def facts_of(path: Path) -> Facts | None:
    """Return what tells whether a file has changed; None for what no picture can be read from."""
    try:
        facts = path.stat()
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(facts.st_mode) or not 0 < facts.st_size <= MAX_BYTES:
        return None
    return facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns


class KnownFiles:
    """The contents of files by path, size and times."""

    def __init__(self, folder: Path) -> None:
        """Read what was known; a damaged list is an empty one."""
        self._path = folder / NAME
        self._known = self._read()
        self._used: dict[str, list[object]] = {}

    def content(self, path: Path, facts: Facts) -> str | None:
        """Return the SHA-256 of a file that is known and unchanged, or None."""
        key = _key(path)
        entry = self._known.get(key)
        if entry is None or entry[:-1] != list(facts):
            return None
        self._used[key] = entry
        return str(entry[-1])

    def learn(self, path: Path, facts: Facts, content: str) -> None:
        """Keep what a file holds."""
        self._used[_key(path)] = [*facts, content]

    def save(self) -> None:
        """Write what is known, with what other processes have written meanwhile. Raises DataError."""
        merged = {key: entry for key, entry in self._read().items() if key not in self._used}
        merged.update(self._used)
        kept = dict(list(merged.items())[-MOST_FILES:])
        write_whole(self._path, json.dumps({"version": VERSION, "files": kept}))

    def _read(self) -> dict[str, list[object]]:
        try:
            values = json.loads(self._path.read_text(encoding="ascii"))
            files = values["files"] if values["version"] == VERSION else {}
            return {key: entry for key, entry in files.items() if _is_entry(entry)}
        except (OSError, AttributeError, KeyError, TypeError, ValueError, RecursionError):
            return {}


def _is_entry(entry: object) -> bool:
    return isinstance(entry, list) and len(entry) == 4 and isinstance(entry[-1], str)


def _key(path: Path) -> str:
    return hashlib.sha256(os.fsencode(os.path.abspath(path))).hexdigest()[:32]
