"""Wear: what happens to any picture on its way to a file: exposure, noise, blur, resolution, JPEG, shutter, marker.

Every kind of picture goes through the same wear with the same chances, so that none of it tells the kinds apart:
without it a network learns that the sharp 64-pixel JPEGs of one collection are hands.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

Film = npt.NDArray[np.float32]  # [height, width], 0 to 1
Levels = npt.NDArray[np.uint8]  # [height, width], as the collections hold them
Random = np.random.Generator

INVERTED_SHARE: Final = 0.12
_LETTERS: Final = ("L", "R", "LEFT", "L KG", "JP", "R 12", "ERECT", "AP")


def worn(film: Film, rng: Random) -> Film:
    """Return a picture after a random share of everything that happens to pictures."""
    film = _stretched(film)
    if rng.random() < 0.25:
        film = _lettered(film, rng)
    film = np.power(film, np.float32(np.exp(rng.uniform(-0.6, 0.6))))
    if rng.random() < 0.15:
        film = _shuttered(film, rng)
    if rng.random() < 0.3:
        film = cv2.GaussianBlur(film, (0, 0), rng.uniform(0.3, 1.3)).astype(np.float32)
    if rng.random() < 0.35:
        film = _another_resolution(film, rng)
    if rng.random() < 0.25:  # burnt out, or sunk in the dark
        film = np.clip(film * rng.uniform(0.9, 1.4) + rng.uniform(-0.2, 0.2), 0.0, 1.0).astype(np.float32)
    if rng.random() < 0.5:
        film = film + rng.normal(0.0, rng.uniform(0.002, 0.06), film.shape).astype(np.float32)
    if rng.random() < INVERTED_SHARE:
        film = 1.0 - film
    return _stored(np.clip(film, 0.0, 1.0), rng)


def _stored(film: Film, rng: Random) -> Film:
    """Return a picture in 8 bits, now and then in a few of their levels, and every second one as a JPEG."""
    scale = 255.0 * (rng.uniform(0.1, 0.5) if rng.random() < 0.15 else 1.0)
    levels = np.rint(film * scale).astype(np.uint8)
    if rng.random() < 0.5:
        _, stream = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 99))])
        levels = np.asarray(cv2.imdecode(stream, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return np.asarray(levels / np.float32(255.0), dtype=np.float32)


def _another_resolution(film: Film, rng: Random) -> Film:
    height, width = film.shape
    share = rng.uniform(0.4, 0.9)
    down = int(rng.choice([cv2.INTER_AREA, cv2.INTER_NEAREST, cv2.INTER_LINEAR]))
    small = cv2.resize(film, (max(8, round(width * share)), max(8, round(height * share))), interpolation=down)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _shuttered(film: Film, rng: Random) -> Film:
    """Return a picture with a frame around its field: black, grey or white, sometimes a little turned."""
    height, width = film.shape
    mask = np.zeros_like(film)
    centre = (width * rng.uniform(0.47, 0.53), height * rng.uniform(0.47, 0.53))
    sides = (width * rng.uniform(0.88, 1.0), height * rng.uniform(0.88, 1.0))
    corners = cv2.boxPoints((centre, sides, rng.normal(0.0, 3.0)))
    cv2.fillConvexPoly(mask, np.asarray(np.rint(corners), dtype=np.int32), 1.0)
    outside = float(rng.choice([0.0, rng.uniform(0.0, 1.0), 1.0]))
    return np.asarray(mask * film + (1.0 - mask) * outside, dtype=np.float32)


def _lettered(film: Film, rng: Random) -> Film:
    """Return a picture with a lead marker near its rim."""
    height, width = film.shape
    size = min(film.shape) / 100.0
    side, along = rng.uniform(0.02, 0.12), rng.uniform(0.1, 0.8)
    x, y = (side, along) if rng.random() < 0.5 else (along, side + 0.05)
    place = (round(x * width if rng.random() < 0.5 else (1 - x) * width - 12 * size), round(y * height + 5 * size))
    word = _LETTERS[int(rng.integers(len(_LETTERS)))]
    letters = np.zeros(film.shape, dtype=np.uint8)
    cv2.putText(letters, word, place, cv2.FONT_HERSHEY_SIMPLEX, 0.35 * size, 255, 1, cv2.LINE_AA)
    lead = letters.astype(np.float32) / np.float32(255.0)
    return np.asarray(film + (rng.uniform(0.7, 1.0) - film) * lead, dtype=np.float32)


def _stretched(film: npt.NDArray[Any]) -> Film:
    low, high = float(film.min()), float(film.max())
    return np.asarray((film - low) / max(high - low, 1e-6), dtype=np.float32)
