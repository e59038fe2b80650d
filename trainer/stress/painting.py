"""Painting: a radiograph as it would have been read, had its file been changed by a transformation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from trainer.radiograph import Radiograph, bone_bright
from trainer.stress.transformations import Kind, Transformation

Pixels = npt.NDArray[np.float32]
MARKER_MARGIN: Final = 0.03  # of the picture's height


def transformed(radiograph: Radiograph, change: Transformation, *, seed: int = 0) -> Radiograph:
    """Change a radiograph's pixels, then treat them as reading a file does: bone that is dark is noticed and turned.

    The argument is left alone. ``seed`` decides the noise.
    """
    painted = PAINTERS[change.kind](radiograph.pixels, change.amount, np.random.default_rng(seed))
    pixels = np.ascontiguousarray(np.clip(painted, 0.0, 1.0), dtype=np.float32)
    spacing = radiograph.spacing_mm
    if spacing is not None and change.kind == "rotation" and change.amount % 180 == 90:
        spacing = spacing[::-1]
    return bone_bright(replace(radiograph, pixels=pixels, spacing_mm=spacing))


def _rotation(pixels: Pixels, degrees: float, rng: np.random.Generator) -> Pixels:
    if degrees % 90 == 0:
        return np.rot90(pixels, -int(degrees // 90))
    import cv2

    height, width = pixels.shape
    # OpenCV counts anticlockwise.
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    return np.asarray(cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR), dtype=np.float32)


def _mirror(pixels: Pixels, amount: float, rng: np.random.Generator) -> Pixels:
    return pixels[:, ::-1]


def _upside_down(pixels: Pixels, amount: float, rng: np.random.Generator) -> Pixels:
    return pixels[::-1]


def _brightness(pixels: Pixels, percent: float, rng: np.random.Generator) -> Pixels:
    return pixels * np.float32(percent / 100.0)


def _contrast(pixels: Pixels, percent: float, rng: np.random.Generator) -> Pixels:
    mean = pixels.mean(dtype=np.float64).astype(np.float32)
    return np.asarray((pixels - mean) * np.float32(percent / 100.0) + mean, dtype=np.float32)


def _inversion(pixels: Pixels, amount: float, rng: np.random.Generator) -> Pixels:
    return np.float32(1.0) - pixels


def _resolution(pixels: Pixels, percent: float, rng: np.random.Generator) -> Pixels:
    import cv2

    height, width = pixels.shape
    smaller = (max(1, round(width * percent / 100.0)), max(1, round(height * percent / 100.0)))
    small = cv2.resize(pixels, smaller, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _noise(pixels: Pixels, percent: float, rng: np.random.Generator) -> Pixels:
    return pixels + rng.standard_normal(pixels.shape, dtype=np.float32) * np.float32(percent / 100.0)


def _crop(pixels: Pixels, percent: float, rng: np.random.Generator) -> Pixels:
    rows, columns = (round(side * percent / 100.0) for side in pixels.shape)
    return pixels[rows : pixels.shape[0] - rows, columns : pixels.shape[1] - columns]


def _marker(pixels: Pixels, percent: float, rng: np.random.Generator) -> Pixels:
    height, first = pixels.shape[0], round(MARKER_MARGIN * pixels.shape[0])
    letter_px = max(2, round(height * percent / 100.0))
    bar_px = max(1, round(0.18 * letter_px))
    last = first + letter_px
    marked = pixels.copy()
    marked[first:last, first : first + bar_px] = 1.0
    marked[last - bar_px : last, first : first + round(0.6 * letter_px)] = 1.0
    return marked


def _compression(pixels: Pixels, quality: float, rng: np.random.Generator) -> Pixels:
    import cv2

    levels = cv2.convertScaleAbs(pixels, alpha=255.0)
    _, encoded = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE), dtype=np.float32) / np.float32(255)


PAINTERS: Final[dict[Kind, Callable[[Pixels, float, np.random.Generator], Pixels]]] = {
    "rotation": _rotation,
    "mirror": _mirror,
    "upside down": _upside_down,
    "brightness": _brightness,
    "contrast": _contrast,
    "inversion": _inversion,
    "resolution": _resolution,
    "noise": _noise,
    "crop": _crop,
    "marker": _marker,
    "compression": _compression,
}
