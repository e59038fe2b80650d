"""Silhouette: what stands out of the background at some brightness, with its palm and the tips of what juts out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

SIDE_PX: Final = 256  # longer side of the small picture that is looked at
LEAST_AREA: Final = 0.015  # of the picture; a hand is larger
LEAST_PALM_PX: Final = 6.0
THIN: Final = 0.42  # half breadth of what a finger may be, in palm radii; a forearm is twice as broad
FAR: Final = 1.3  # least distance of a tip from the palm's centre, in palm radii
JUTS: Final = 0.35  # least height of a tip over the valleys beside it, in palm radii
MOST_TIPS: Final = 9  # more is no hand but noise

Mask = npt.NDArray[np.uint8]
Grey = npt.NDArray[np.float32]
Point = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silhouette:
    """A bright shape on the small picture; coordinates are its pixels, x right, y down."""

    mask: Mask = field(repr=False)  # uint8[height, width], holes filled
    palm: Point  # centre of the largest circle inside
    palm_radius: float
    tips: Point  # float64[n, 2], clockwise as seen, beginning behind the widest gap


def shrunk(pixels: Grey) -> tuple[Grey, float]:
    """Return the small picture and its pixels per radiograph pixel."""
    import cv2

    height, width = pixels.shape
    scale = SIDE_PX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, size, interpolation=how), dtype=np.float32), scale


def silhouettes(small: Grey) -> Iterator[Silhouette]:
    """Yield every bright shape with five tips or more, at all brightnesses that could part a hand from its ground."""
    import cv2

    small = np.asarray(cv2.GaussianBlur(small, (0, 0), 1.0), dtype=np.float32)
    for bright in _parted(small):
        opened = cv2.morphologyEx(bright, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3)))
        count, labels, facts, _ = cv2.connectedComponentsWithStats(opened)
        for label in range(1, count):
            if facts[label, cv2.CC_STAT_AREA] >= LEAST_AREA * small.size:
                found = _silhouette((labels == label).astype(np.uint8))
                if found is not None:
                    yield found


def _parted(small: Grey) -> Iterator[Mask]:
    """Yield masks of what is bright: everywhere, and against its own surroundings, where the ground is uneven."""
    import cv2

    low, high = np.percentile(small, (2, 99))
    spread = float(high - low)
    levels = np.concatenate(
        [low + spread * np.linspace(0.04, 0.7, 16), np.quantile(small, np.linspace(0.3, 0.9, 10))],
    )
    for level in np.sort(levels):
        yield (small > level).astype(np.uint8)
    for sigma in (0.12, 0.25):
        ground = cv2.GaussianBlur(small, (0, 0), sigma * SIDE_PX)
        for share in (0.0, 0.03, 0.06, 0.1):
            yield (small > ground + share * spread).astype(np.uint8)


def _silhouette(mask: Mask) -> Silhouette | None:
    import cv2

    edges, _ = cv2.findContours(np.pad(mask, 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    edge = max(edges, key=len)
    filled = np.zeros((mask.shape[0] + 2, mask.shape[1] + 2), dtype=np.uint8)
    cv2.drawContours(filled, [edge], -1, 1, -1)
    depth = np.asarray(cv2.distanceTransform(filled, cv2.DIST_L2, 5), dtype=np.float32)
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    radius = float(depth[row, column])
    if radius < LEAST_PALM_PX:
        return None
    palm = np.array([column, row], dtype=np.float64)
    tips = [tip for tip in _peaks(edge[:, 0].astype(np.float64), palm, radius) if _is_thin(depth, tip, radius)]
    if not 5 <= len(tips) <= MOST_TIPS:
        return None
    return Silhouette(
        mask=filled[1:-1, 1:-1], palm=palm - 1.0, palm_radius=radius, tips=_in_turn(np.array(tips), palm) - 1.0
    )


def _peaks(edge: Point, palm: Point, radius: float) -> list[Point]:
    """Return the points of an edge that are farther from the palm than what is beside them."""
    from scipy.signal import find_peaks

    away = np.hypot(*(edge - palm).T)
    wide = max(3, int(radius / 4))
    smooth = np.convolve(np.concatenate([away[-wide:], away, away[:wide]]), np.ones(wide) / wide, "same")[wide:-wide]
    first = int(np.argmin(smooth))  # the edge is a ring: cut where no tip is
    found, _ = find_peaks(np.roll(smooth, -first), prominence=JUTS * radius, distance=max(3, int(radius / 4)))
    points = edge[(found + first) % len(edge)]
    return [point for point in points if math.dist(point, palm) >= FAR * radius]


def _is_thin(depth: npt.NDArray[np.float32], tip: Point, radius: float) -> bool:
    reach = 0.5 * radius
    left, top = (max(0, int(value - reach)) for value in tip)
    part = depth[top : int(tip[1] + reach) + 2, left : int(tip[0] + reach) + 2]
    rows, columns = np.ogrid[top : top + part.shape[0], left : left + part.shape[1]]
    near = (columns - tip[0]) ** 2 + (rows - tip[1]) ** 2 < reach * reach
    return float(part[near].max(initial=0.0)) < THIN * radius


def _in_turn(tips: Point, palm: Point) -> Point:
    """Order tips by their bearing from the palm, beginning behind the widest gap, where the forearm is."""
    bearings = np.arctan2(*(tips - palm).T[::-1])
    order = np.argsort(bearings)
    turned = bearings[order]
    gaps = np.diff(np.append(turned, turned[0] + 2 * math.pi))
    return np.asarray(np.roll(tips[order], -(int(np.argmax(gaps)) + 1), axis=0))
