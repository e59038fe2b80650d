"""The film a phantom is projected on: millimetres of the hand to pixels, and one window of it per bone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A local frame in the hand: ``s`` runs along the bearing, ``u`` to its right.

    Millimetres, x right and y down, origin at the capitate; the bearing is in radians clockwise from up.
    """

    x_mm: float
    y_mm: float
    bearing: float

    def along(self, s_mm: float, u_mm: float = 0.0) -> tuple[float, float]:
        """The point (s, u) of this frame in the hand's own millimetres."""
        sine, cosine = math.sin(self.bearing), math.cos(self.bearing)
        return self.x_mm + s_mm * sine + u_mm * cosine, self.y_mm - s_mm * cosine + u_mm * sine


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A rectangle of the film in a bone's own coordinates."""

    rows: slice
    columns: slice
    s_mm: Floats
    u_mm: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """Where the hand lies on the film."""

    height_px: int
    width_px: int
    pixel_mm: float
    turn: float  # radians clockwise
    x_px: float  # where the hand's origin falls
    y_px: float

    def to_pixels(self, x_mm: float, y_mm: float) -> tuple[float, float]:
        """Pixel (x, y) of a point of the hand."""
        sine, cosine = math.sin(self.turn), math.cos(self.turn)
        x, y = x_mm / self.pixel_mm, y_mm / self.pixel_mm
        return self.x_px + x * cosine - y * sine, self.y_px + x * sine + y * cosine

    def window(self, place: Place, *, s_mm: tuple[float, float], u_mm: float) -> Window | None:
        """The part of the film that holds s_mm[0]..s_mm[1] by -u_mm..u_mm of a frame; None: it lies outside."""
        corners = [self.to_pixels(*place.along(s, u)) for s in s_mm for u in (-u_mm, u_mm)]
        left, right = (int(f(x for x, _ in corners)) + pad for f, pad in ((min, -2), (max, 3)))
        top, bottom = (int(f(y for _, y in corners)) + pad for f, pad in ((min, -2), (max, 3)))
        left, right = max(left, 0), min(right, self.width_px)
        top, bottom = max(top, 0), min(bottom, self.height_px)
        if left >= right or top >= bottom:
            return None
        x0, y0 = self.to_pixels(place.x_mm, place.y_mm)
        bearing = place.bearing + self.turn
        sine, cosine = np.float32(math.sin(bearing)), np.float32(math.cos(bearing))
        x = ((np.arange(left, right) - x0) * self.pixel_mm).astype(np.float32)[None, :]
        y = ((np.arange(top, bottom) - y0) * self.pixel_mm).astype(np.float32)[:, None]
        return Window(
            rows=slice(top, bottom),
            columns=slice(left, right),
            s_mm=x * sine - y * cosine,
            u_mm=x * cosine + y * sine,
        )


def blurred(picture: Floats, sigma_px: float) -> Floats:
    """A Gaussian blur, float32."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma_px), dtype=np.float32)


def blurred_widely(picture: Floats, sigma_px: float) -> Floats:
    """A wide blur, worked out on a smaller copy."""
    shrink = max(1, int(sigma_px / 3))
    height, width = picture.shape
    small = resized(picture, max(width // shrink, 1), max(height // shrink, 1), how=cv2.INTER_AREA)
    return resized(blurred(small, sigma_px / shrink), width, height, how=cv2.INTER_LINEAR)


def resized(picture: Floats, width_px: int, height_px: int, *, how: int = cv2.INTER_CUBIC) -> Floats:
    """Another size of a picture, float32."""
    return np.asarray(cv2.resize(picture, (width_px, height_px), interpolation=how), dtype=np.float32)


def rounded(depth: Floats, rim: float) -> Floats:
    """From 0 at a surface to 1 at ``rim`` beneath it, as a quarter circle."""
    x = np.clip(depth / rim, 0.0, 1.0)
    return np.asarray(np.sqrt(x * (2.0 - x)))
