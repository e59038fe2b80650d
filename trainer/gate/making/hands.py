"""Films of hands: whole, turned, two at once, or a part of one, from the small copies of real radiographs."""

from __future__ import annotations

import math
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from trainer.gate.making.wear import Film, Levels, Random

LOW_PX, HIGH_PX = 56, 150  # longer side of a film
TURN_DEGREES: Final = 25.0  # to either side, of a hand that counts as upright
NARROWEST, WIDEST = 0.5, 1.35  # width by height; the small copies are squashed to squares, and originals are not


def whole(
    hand: Levels,
    rng: Random,
    *,
    turn_degrees: float = TURN_DEGREES,
    least_zoom: float = 0.7,
    shape: tuple[int, int] | None = None,
) -> Film:
    """Return a film of one whole hand: turned a little, mirrored or not, smaller in the frame or as it was.

    ``shape`` is the film's [height, width]; any usual one without it.
    """
    height, width = shape or _film_shape(rng)
    source = hand[:, ::-1] if rng.random() < 0.5 else hand
    zoom = rng.uniform(least_zoom, 1.04)
    room = max(0.03, 0.5 * (1.0 - zoom))
    shift = (rng.uniform(-room, room) * width, rng.uniform(-room, room) * height)
    degrees = rng.uniform(-turn_degrees, turn_degrees)
    return _laid(source, (height, width), zoom=zoom, degrees=degrees, shift=shift, rng=rng)


def turned(hand: Levels, rng: Random) -> Film:
    """Return a film on which the fingers point to a side or down."""
    return whole(np.rot90(hand, int(rng.integers(1, 4))), rng, turn_degrees=15.0)


def two(first: Levels, second: Levels, rng: Random) -> Film:
    """Return a film of two hands beside each other, thumbs to the middle or to the rims."""
    height, width = int(rng.integers(LOW_PX, HIGH_PX)), int(rng.integers(LOW_PX, HIGH_PX))
    height = max(height, width // 2)
    mirrored = (first, second[:, ::-1]) if rng.random() < 0.5 else (first[:, ::-1], second)
    films = []
    for side, hand in zip((-1, 1), mirrored, strict=True):
        shift = (side * width * rng.uniform(0.22, 0.26), height * rng.uniform(-0.06, 0.06))
        zooms = (0.5 * rng.uniform(0.85, 1.05), rng.uniform(0.75, 1.0))
        films.append(
            _laid(hand, (height, width), zoom=zooms, degrees=rng.normal(0.0, 8.0), shift=shift, rng=rng, edge=False)
        )
    return np.asarray(np.maximum(films[0], films[1]), dtype=np.float32)


def cut(hand: Levels, rng: Random) -> Film:
    """Return a film that lacks a good part of the hand: its fingers, its wrist and palm, or one side."""
    rows, columns = _where_detail_lies(hand)
    height, width = hand.shape
    top, bottom, left, right = 0, height, 0, width
    lost = rng.uniform(0.35, 0.65)
    place = int(rng.integers(4))
    if place == 0:
        top = _quantile(rows, lost)
    elif place == 1:
        bottom = _quantile(rows, 1.0 - lost)
    elif place == 2:
        left = _quantile(columns, lost)
    else:
        right = _quantile(columns, 1.0 - lost)
    part = hand[top : max(bottom, top + 8), left : max(right, left + 8)]
    shape = _film_shape(rng)
    if rng.random() < 0.7:  # as it was cut out; otherwise the part was taken so, in a frame of a usual shape
        shape = _shape_of_part(shape, part.shape[0] / height, part.shape[1] / width)
    return whole(part, rng, turn_degrees=12.0, least_zoom=0.9, shape=shape)


def _shape_of_part(shape: tuple[int, int], down: float, across: float) -> tuple[int, int]:
    """Return the shape of a part that spans these shares of a film, its longer side at least LOW_PX."""
    sides = shape[0] * down, shape[1] * across
    scale = max(1.0, LOW_PX / max(sides))
    return max(8, round(sides[0] * scale)), max(8, round(sides[1] * scale))


def _film_shape(rng: Random) -> tuple[int, int]:
    longer = int(rng.integers(LOW_PX, HIGH_PX))
    shape = math.exp(rng.uniform(math.log(NARROWEST), math.log(WIDEST)))
    return (longer, round(longer * shape)) if shape < 1 else (round(longer / shape), longer)


def _laid(
    hand: Levels,
    shape: tuple[int, int],
    *,
    zoom: float | tuple[float, float],
    degrees: float,
    shift: tuple[float, float],
    rng: Random,
    edge: bool = True,
) -> Film:
    """Lay a picture on a film [height, width], scaled to it by ``zoom`` (columns, rows); what is left over is black,
    or the picture's own edge goes on where ``edge`` allows it."""
    height, width = shape
    across, down = zoom if isinstance(zoom, tuple) else (zoom, zoom)
    scale = np.array([across * width / hand.shape[1], down * height / hand.shape[0]])
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    matrix = np.array([[cosine, -sine], [sine, cosine]]) * scale[None, :]
    middle = np.array([hand.shape[1], hand.shape[0]]) / 2.0
    goal = np.array([width / 2.0 + shift[0], height / 2.0 + shift[1]])
    whole_matrix = np.concatenate([matrix, (goal - matrix @ middle)[:, None]], axis=1)
    goes_on = edge and rng.random() < 0.4
    source = _smoothed(hand, float(scale.min()))
    laid: Any = cv2.warpAffine(
        source,
        whole_matrix,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE if goes_on else cv2.BORDER_CONSTANT,
    )
    return np.asarray(laid, dtype=np.float32) / np.float32(255.0)


def _smoothed(hand: Levels, scale: float) -> Levels:
    """Return what can be sampled at a scale below 1 without missing thin things."""
    if scale >= 0.75:
        return np.ascontiguousarray(hand)
    return np.asarray(cv2.GaussianBlur(hand, (0, 0), 0.4 / scale), dtype=np.uint8)


def _where_detail_lies(hand: Levels) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return how much fine detail lies up to each row and each column, 0 to 1: bones have it, air has none."""
    small = hand.astype(np.float32)
    detail = np.abs(small - cv2.GaussianBlur(small, (0, 0), 3.0))
    rim_rows, rim_columns = max(1, hand.shape[0] // 12), max(1, hand.shape[1] // 12)
    detail[:rim_rows], detail[-rim_rows:], detail[:, :rim_columns], detail[:, -rim_columns:] = 0, 0, 0, 0
    detail = np.minimum(detail, np.percentile(detail, 90))  # a marker has much, but little of it counts
    return tuple(np.cumsum(detail.sum(axis=axis)) / max(float(detail.sum()), 1e-6) for axis in (1, 0))  # type: ignore[return-value]


def _quantile(upto: npt.NDArray[np.float64], share: float) -> int:
    return int(np.searchsorted(upto, share))
