"""What the picture shows of the hand: turn, margins, cassette and collimated field."""

from __future__ import annotations

import math

import numpy as np

from trainer.phantom.exposure import Border
from trainer.phantom.film import Film
from trainer.phantom.skeleton import RAYS, Skeleton

CASSETTES_MM = ((180.0, 240.0), (240.0, 180.0), (180.0, 240.0), (240.0, 300.0))  # width, height
WHOLE_SHARE = 0.14  # pictures that show the whole cassette, the light field somewhere on it
BORDER_SHARE = 0.35  # those and others whose edges of the light field are seen; the rest is cropped inside it


def frame_hand(
    skeleton: Skeleton, *, height_px: int, rng: np.random.Generator, plain: bool
) -> tuple[Film, Border | None]:
    """Choose what the picture shows of the hand, and the collimated field within it."""
    turn = 0.0 if plain else math.radians(float(rng.normal(0, 7) if rng.random() < 0.9 else rng.normal(0, 24)))
    forearm_mm = 0.3 * skeleton.hand_mm if plain else float(rng.uniform(22, 80))
    left, top, right, bottom = _extent(skeleton, turn, forearm_mm=forearm_mm)
    # Margins are in millimetres, as a radiographer's light field leaves them, whatever the size of the hand.
    margins = (10.0, 10.0, 10.0) if plain else tuple(rng.uniform(3, 32, 3))
    left, right, top = left - margins[0], right + margins[1], top - margins[2]
    least = (0.7 if plain else float(rng.uniform(0.66, 0.88))) * (bottom - top)
    left, right = _widened(left, right, least, 0.5 if plain else float(rng.uniform(0.3, 0.7)))
    border = None
    field_box = (left, top, right, bottom)
    style = 1.0 if plain else float(rng.random())
    if style < WHOLE_SHARE:
        sides = CASSETTES_MM[int(rng.integers(len(CASSETTES_MM)))]
        left, right = _widened(left, right, sides[0], float(rng.uniform(0.2, 0.8)))
        top, bottom = _widened(top, bottom, sides[1], float(rng.uniform(0.2, 0.8)))
    pixel_mm = (bottom - top) / height_px
    width_px = max(round((right - left) / pixel_mm), 32)
    film = Film(
        height_px=height_px,
        width_px=width_px,
        pixel_mm=pixel_mm,
        turn=turn,
        x_px=-left / pixel_mm,
        y_px=-top / pixel_mm,
    )
    if style < BORDER_SHARE:  # the others are cropped inside the field
        border = _border(field_box, film, (left, top), rng, whole=style < WHOLE_SHARE)
    return film, border


def _widened(low: float, high: float, least: float, share: float) -> tuple[float, float]:
    """An interval of at least this length; what is added falls to its low end by ``share``."""
    lack = max(least - (high - low), 0.0)
    return low - lack * share, high + lack * (1.0 - share)


def _border(
    box: tuple[float, float, float, float],
    film: Film,
    corner: tuple[float, float],
    rng: np.random.Generator,
    *,
    whole: bool,
) -> Border:
    left, top, right, bottom = box
    turn = math.radians(float(rng.normal(0, 7 if whole else 2.5)))
    centre = (((left + right) / 2 - corner[0]) / film.pixel_mm, ((top + bottom) / 2 - corner[1]) / film.pixel_mm)
    half = (0.5 * (right - left) / film.pixel_mm, 0.5 * (bottom - top) / film.pixel_mm)
    inset = 1.0 if whole else float(rng.uniform(0.93, 1.03))
    if not whole:
        centre = (centre[0] + 0.04 * half[0] * float(rng.normal()), centre[1] + 0.04 * half[1] * float(rng.normal()))
    outside = float(rng.choice([0.0, 0.03, rng.uniform(0.05, 0.5), rng.uniform(0.85, 1.0)], p=[0.4, 0.25, 0.25, 0.1]))
    return Border(
        centre_px=centre,
        half_px=(inset * half[0], inset * half[1]),
        turn=turn,
        outside=outside,
        rim=float(rng.choice([0.0, rng.uniform(0.1, 0.6)], p=[0.4, 0.6])),
        penumbra_px=float(rng.uniform(0.5, 2.5)) / film.pixel_mm,
    )


def _extent(skeleton: Skeleton, turn: float, *, forearm_mm: float) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the hand in mm on the turned film, with this much forearm."""
    margin = 0.045 * skeleton.hand_mm * skeleton.stoutness
    tips = [skeleton.rays[ray][-1] for ray in RAYS]
    points = [bone.place.along(bone.length_mm) for bone in tips]
    little = skeleton.rays[5][0]
    points += [little.place.along(0.5 * little.length_mm, -0.02 * skeleton.hand_mm)]
    points += [(x * skeleton.hand_mm, 0.1 * skeleton.hand_mm) for x in (-0.12, 0.12)]
    sine, cosine = math.sin(turn), math.cos(turn)
    turned = [(x * cosine - y * sine, x * sine + y * cosine) for x, y in points]
    bottom = max(y for _, y in turned) + forearm_mm
    left, right = min(x for x, _ in turned) - margin, max(x for x, _ in turned) + margin
    return left, min(y for _, y in turned) - margin, right, bottom
