"""Regions: wrist, metacarpals and phalanges of a hand, outlined on its radiograph; none where the hand is unclear."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np

from trainer.errors import RadiographError
from trainer.explain.hand import Hand, find_hand
from trainer.explain.silhouette import Mask, Point, shrunk
from trainer.radiograph import Radiograph

UNCLEAR: Final = (
    "The outline of the hand is not clear enough to say where wrist, metacarpals and phalanges are, so no region is "
    "taken away. Spread fingers on an even ground are found best."
)
# Shares of the hand's length.
ASIDE: Final = 0.16  # how far the lines between regions go on beyond the outermost joints
BEYOND: Final = 0.06  # flesh past a tip
FOREARM: Final = 0.215  # from the capitate: the ends of radius and ulna with their growth plates belong to the wrist
SKIN: Final = 0.012  # what is added around the silhouette
LEAST_COVER, MOST_COVER = 0.24, 0.62  # of the three regions together, in squares of the hand's length
ROUGHNESS: Final = 0.006  # what the outline may be simplified by


class Part(StrEnum):
    """The three regions, as they are called on screen."""

    WRIST = "wrist"
    METACARPALS = "metacarpals"
    PHALANGES = "phalanges"


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One region of a radiograph."""

    part: Part
    outlines: tuple[Point, ...] = field(repr=False)  # closed, float64[n, 2] as x, y in radiograph pixels


def find_regions(radiograph: Radiograph) -> tuple[Region, ...]:
    """Return the three regions, from the wrist to the tips. Raises RadiographError where the hand is not clear."""
    small, scale = shrunk(radiograph.pixels)
    hand = find_hand(small)
    if hand is None or not hand.certain:
        raise RadiographError(UNCLEAR)
    whole = _with_skin(hand)
    masks = {part: _within(whole, polygon) for part, polygon in _polygons(hand).items()}
    cover = sum(int(mask.sum()) for mask in masks.values()) / hand.length**2
    if not LEAST_COVER <= cover <= MOST_COVER or not all(mask.any() for mask in masks.values()):
        raise RadiographError(UNCLEAR)
    return tuple(
        Region(part=part, outlines=_outlines(mask, scale, ROUGHNESS * hand.length)) for part, mask in masks.items()
    )


def _with_skin(hand: Hand) -> Mask:
    """Widen the silhouette by what a high threshold leaves out of it."""
    import cv2

    wide = 2 * max(1, round(SKIN * hand.length)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide))
    return np.asarray(cv2.dilate(hand.silhouette.mask, kernel), dtype=np.uint8)


def _polygons(hand: Hand) -> dict[Part, Point]:
    """Return what bounds each region, float64[n, 2] on the small picture, wider than the hand itself."""
    aside = ASIDE * hand.length
    knuckles = _prolonged(hand.knuckles, hand, aside)
    bases = _prolonged(hand.bases, hand, aside)
    rays = hand.tips - hand.bases
    beyond = hand.tips + rays / np.hypot(*rays.T)[:, None] * BEYOND * hand.length
    low = hand.capitate + FOREARM * hand.length * hand.down
    ends = np.array([low + 1.4 * aside * hand.across, low - 1.4 * aside * hand.across])
    return {
        Part.WRIST: np.concatenate([bases, ends]),
        Part.METACARPALS: np.concatenate([knuckles, bases[::-1]]),
        Part.PHALANGES: np.concatenate([knuckles, _prolonged(beyond, hand, aside)[::-1]]),
    }


def _prolonged(joints: Point, hand: Hand, aside: float) -> Point:
    """Go on with a line of joints at both ends: across the thumb, and across the little finger; the thumb is last."""
    thumb = hand.tips[0] - hand.bases[0]
    over_thumb = np.array([-thumb[1], thumb[0]]) / np.hypot(*thumb)
    over_thumb *= 1.0 if over_thumb @ hand.down > 0 else -1.0  # away from the fingers
    little = hand.tips[4] - hand.bases[4]
    over_little = np.array([-little[1], little[0]]) / np.hypot(*little)
    over_little *= 1.0 if over_little @ hand.across < 0 else -1.0
    outer = np.array([joints[4] + aside * over_little])
    return np.concatenate([outer, joints[::-1], [joints[0] + 0.75 * aside * over_thumb]])


def _within(mask: Mask, polygon: Point) -> Mask:
    import cv2

    inside = np.zeros_like(mask)
    cv2.fillPoly(inside, [np.round(polygon).astype(np.int32)], 1)
    return np.asarray(inside & mask, dtype=np.uint8)


def _outlines(mask: Mask, scale: float, roughness: float) -> tuple[Point, ...]:
    """Return the edges of a mask in radiograph pixels; specks are left out."""
    import cv2

    edges, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = max(cv2.contourArea(edge) for edge in edges)
    kept = [edge for edge in edges if cv2.contourArea(edge) >= 0.05 * largest]
    simple = [cv2.approxPolyDP(edge, roughness, closed=True)[:, 0] for edge in kept]
    return tuple((line.astype(np.float64) + 0.5) / scale for line in simple if len(line) >= 3)
