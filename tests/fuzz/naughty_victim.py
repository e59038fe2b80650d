"""In the place of tests.fuzz.victim: what stands in a file says what reading it does."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.fuzz import victim
from tests.fuzz.targets import TARGETS, Target
from trainer.errors import DataError


def misbehave(path: Path) -> None:
    """Do what the file says."""
    what = path.read_text(encoding="ascii")
    if what in _WAYS:
        _WAYS[what]()


def _compute() -> None:
    until = time.process_time() + 1.0
    while time.process_time() < until:
        pass


def _fail(error: Exception) -> None:
    raise error


_WAYS = {
    "crash": os.abort,
    "hang": lambda: time.sleep(1000),
    "doze": lambda: time.sleep(1.5),
    "compute": _compute,
    "swell": lambda: len(b"x" * (256 << 20)),
    "swallow": lambda: _fail(MemoryError()),
    "write": lambda: Path("elsewhere").write_text("here", encoding="ascii"),
    "scribble": lambda: Path("canary").write_text("is dead", encoding="ascii"),
    "bug": lambda: _fail(ZeroDivisionError("a bug")),
    "mumble": lambda: _fail(DataError("two\nlines")),
    "refuse": lambda: _fail(DataError("This is a sentence.")),
}

if __name__ == "__main__":
    TARGETS["key"] = Target("case", misbehave, 1)
    victim.main()
