"""Canvases: every case decoded once, kept in memory-mapped files that all runs share, and found again by content."""

from __future__ import annotations

from trainer.canvases.cache import CanvasCache, Canvases
from trainer.canvases.reading import Reader, cache_canvases, known_pixels, read_canvases
from trainer.canvases.store import cache_folder

__all__ = [
    "CanvasCache",
    "Canvases",
    "Reader",
    "cache_canvases",
    "cache_folder",
    "known_pixels",
    "read_canvases",
]
