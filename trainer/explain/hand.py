"""Hand: five rays of known proportions laid on the tips of a silhouette, and how well they fit.

The proportions are those that the phantoms are drawn with, measured on radiographs; they hardly change with age.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from trainer.explain.silhouette import Grey, Point, Silhouette, silhouettes
from trainer.phantom.skeleton import BASES, JOINT, LENGTHS, RAYS

# All lengths below are shares of the hand's length, from the end of the radius to the tip of the middle finger.
FLESH: Final = 0.02  # beyond the bone of a tip
TIP_TO_PALM: Final = 0.762  # of the middle finger to the palm's centre: 50 phantoms, +- 0.016
PALM_RADIUS: Final = 0.216  # the same, +- 0.011
PALM_AT: Final = (0.025, -0.11)  # from the capitate, thumb's side and down
BEARINGS: Final = tuple(math.radians(degrees) for degrees in (38, 14, 2, -9, -22))  # of rays at ease, thumb first
# How much each kind of misfit counts; a ray's length is known best, how a child spreads its fingers least.
BEARING_WEIGHT, PALM_WEIGHT, RADIUS_WEIGHT = 0.1, 0.3, 0.6
# Set by eye on 20 public originals: 18 lie below and look right (one with a patch of ground beside its wrist), two
# small hands in large pictures lie above. Of 40 phantoms 38 lie below.
MOST_MISFIT: Final = 1.2e-3
_BASES: Final = np.array([BASES[ray] for ray in RAYS])
_REACHES: Final = np.array([sum(LENGTHS[ray]) + FLESH + 3 * JOINT for ray in RAYS])
_FINGERS: Final = np.array([sum(LENGTHS[ray][1:]) + FLESH + 2 * JOINT for ray in RAYS])


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Where the joints of a hand lie on the small picture; arrays are float64[5, 2] as x, y, the thumb first."""

    silhouette: Silhouette
    tips: Point
    knuckles: Point  # where fingers begin
    bases: Point  # where metacarpals begin
    capitate: Point  # float64[2]
    down: Point  # float64[2], unit length, towards the forearm
    across: Point  # float64[2], unit length, towards the thumb
    length: float
    misfit: float

    @property
    def certain(self) -> bool:
        """Whether the rays fit well enough to say where the bones are."""
        return self.misfit <= MOST_MISFIT


def find_hand(small: Grey) -> Hand | None:
    """Return the best fit over every shape of the small picture; None where nothing has five tips."""
    fits = [hand for silhouette in silhouettes(small) for hand in _fits(silhouette)]
    return min(fits, key=lambda hand: hand.misfit, default=None)


def _fits(silhouette: Silhouette) -> Iterator[Hand]:
    """Try every five neighbouring tips, with the thumb at either end."""
    count = len(silhouette.tips)
    for first in range(count if count > 5 else 1):
        five = silhouette.tips[(first + np.arange(5)) % count]
        for tips in (five, five[::-1]):
            if _looks_right(tips, silhouette):
                yield _laid(tips, silhouette)


def _looks_right(tips: Point, silhouette: Silhouette) -> bool:
    """Say whether a fit is worth its time: the middle finger reaches farthest, and as far as a palm's fingers do."""
    away = np.hypot(*(tips - silhouette.palm).T) / silhouette.palm_radius
    return bool(away[2] > 0.97 * away.max() and 2.4 < away[2] < 5.0 and away[0] < 0.97 * away[2])


def _laid(tips: Point, silhouette: Silhouette) -> Hand:
    from scipy.optimize import least_squares

    along = tips[2] - silhouette.palm
    length = math.hypot(*along) / TIP_TO_PALM
    turn = math.atan2(along[0], -along[1])
    start = silhouette.palm + along / math.hypot(*along) * PALM_AT[1] * length
    side = _side_of_thumb(tips, silhouette.palm)
    found = least_squares(
        _misfits, (*start, length, turn), x_scale=(length, length, length, 1.0), args=(tips, silhouette, side)
    )
    x, y, length, turn = found.x
    down = np.array([-math.sin(turn), math.cos(turn)])
    across = side * np.array([math.cos(turn), math.sin(turn)])
    bases = np.array([x, y]) + length * (_BASES[:, :1] * across + _BASES[:, 1:] * down)
    rays = bases - tips
    knuckles = tips + rays / np.hypot(*rays.T)[:, None] * (_FINGERS * length)[:, None]
    return Hand(
        silhouette=silhouette,
        tips=tips,
        knuckles=knuckles,
        bases=bases,
        capitate=np.array([x, y]),
        down=down,
        across=across,
        length=float(length),
        misfit=float(found.cost),
    )


def _side_of_thumb(tips: Point, palm: Point) -> int:
    """Return 1 where the thumb is to the right of fingers that point up, -1 to the left."""
    middle, thumb = tips[2] - palm, tips[0] - palm
    return 1 if middle[0] * thumb[1] - middle[1] * thumb[0] > 0 else -1


def _misfits(place: Point, tips: Point, silhouette: Silhouette, side: int) -> Point:
    """Return what does not fit, in hand lengths and radians, weighted; ``place`` is x, y, length and turn."""
    x, y, length, turn = place
    down = np.array([-math.sin(turn), math.cos(turn)])
    across = side * np.array([math.cos(turn), math.sin(turn)])
    origin = np.array([x, y])
    rays = tips - (origin + length * (_BASES[:, :1] * across + _BASES[:, 1:] * down))
    reaches = np.hypot(*rays.T) / length - _REACHES
    bearings = np.arctan2(rays @ across, -(rays @ down)) - BEARINGS
    palm = origin + length * (PALM_AT[0] * across + PALM_AT[1] * down) - silhouette.palm
    radius = silhouette.palm_radius / length - PALM_RADIUS
    return np.concatenate(
        [
            reaches,
            BEARING_WEIGHT * bearings,
            PALM_WEIGHT * palm / length,
            [RADIUS_WEIGHT * radius],
        ]
    )
