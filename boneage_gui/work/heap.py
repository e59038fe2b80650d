"""Heap: what the C library keeps of the memory that was handed back to it. Linux with glibc; elsewhere nothing."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from typing import Final

M_MMAP_THRESHOLD: Final = -3  # of glibc's malloc.h
M_ARENA_MAX: Final = -8
HEAPS: Final = 2  # the window's, and one that its jobs share: they compute one after the other
PICTURE_BYTES: Final = 4 << 20  # the pixels of a small radiograph; what a network computes with is smaller


def keep_small() -> None:
    """Let pictures have pages of their own, which go when the picture goes, and jobs share one heap.

    Left alone glibc learns, from the first large block that is freed, to keep the next ones in its heaps, and gives
    each thread one of many. They fill with gaps: after 2,000 radiographs the window held 160 MB more than after 500.
    """
    with suppress(OSError, AttributeError):  # another C library has its own ways
        if sys.platform.startswith("linux"):
            ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, PICTURE_BYTES)
            ctypes.CDLL(None).mallopt(M_ARENA_MAX, HEAPS)


def hand_back() -> None:
    """Hand what lies free in the heaps back to the system: a model that was replaced leaves 100 MB. Milliseconds."""
    with suppress(OSError, AttributeError):
        if sys.platform.startswith("linux"):
            ctypes.CDLL(None).malloc_trim(0)
