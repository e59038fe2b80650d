"""Haste: what the start of the program leaves undone until the window is on screen, and what it never does."""

from __future__ import annotations

import builtins
import gc


def begin() -> None:
    """Let the collector rest, and import Qt without its look into every other import. Comes before all else."""
    gc.disable()  # it would walk each class that is made, again and again; they all stay
    plain = builtins.__import__
    import PySide6.QtCore  # noqa: F401

    # PySide has put an import of its own in the plain one's place, for "from __feature__ import ...", which nobody
    # here writes. It reads the source of every module that is imported later and keeps it: torch comes in 0.9 s
    # later so, and 90 MB heavier.
    builtins.__import__ = plain
