"""Seamless noise: the grain of spongy bone and the wander of real outlines."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from trainer.phantom.film import Floats, blurred

_SIDE = 320
_CELL_MM = 0.10


@dataclass(frozen=True, slots=True, kw_only=True)
class Grain:
    """A tile of band-limited noise, mean 0 and deviation 1, that repeats without a seam."""

    tile: Floats

    def sample(self, s_mm: Floats, u_mm: Floats, *, shift: float, stretch: float = 1.9) -> Floats:
        """The grain at points of a bone's own frame, drawn out along the bone by ``stretch``."""
        x = (u_mm / _CELL_MM + 97.0 * shift).astype(np.float32) % _SIDE
        y = (s_mm / (_CELL_MM * stretch) + 61.0 * shift).astype(np.float32) % _SIDE
        return cv2.remap(self.tile, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP).astype(np.float32, copy=False)


def make_grain(rng: np.random.Generator) -> Grain:
    """Draw a tile: fine struts, coarser marrow spaces, and slow variation."""
    white = rng.standard_normal((_SIDE, _SIDE), dtype=np.float32)
    bands = [(1.4, 2.6, 1.0), (2.8, 5.5, 0.75), (12.0, 30.0, 0.45)]
    tile = np.zeros_like(white)
    for fine, coarse, weight in bands:
        band = _wrap_blur(white, fine) - _wrap_blur(white, coarse)
        tile += weight * band / float(band.std())
    return Grain(tile=(tile / tile.std()).astype(np.float32))


def _wrap_blur(tile: Floats, sigma: float) -> Floats:
    pad = int(3 * sigma) + 1
    wide = np.pad(tile, pad, mode="wrap")
    return blurred(wide, sigma)[pad:-pad, pad:-pad]


def wander(along: Floats, rng: np.random.Generator, *, waves: int = 5) -> Floats:
    """A smooth wander of deviation about 1 at positions in turns (period 1)."""
    phase = rng.uniform(0, 2 * np.pi, waves)
    size = rng.standard_normal(waves) / np.arange(1, waves + 1) ** 0.7
    total = np.zeros_like(along)
    for k in range(waves):
        total += np.float32(size[k]) * np.sin(2 * np.pi * (k + 1) * along + np.float32(phase[k]))
    return total
