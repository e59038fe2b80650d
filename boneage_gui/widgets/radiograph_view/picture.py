"""A radiograph made ready for drawing: 16-bit copies of falling size, windowed where they are seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from boneage_gui.images import grey_image

STRIP_ROWS = 64  # rows handled at once, so that the work stays in the processor's cache
CRISP_FROM = 4.0  # above this magnification single pixels are large enough to be drawn as plain squares


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A windowed piece of the picture: where it lies and how large its pixels are, in picture pixels."""

    image: QImage
    left: float
    top: float
    step: float  # picture pixels per pixel of `image`
    smooth: bool  # draw with interpolation


class Picture:
    """Levels of one radiograph: the first has every pixel, each further one the means of two by two.

    The first is made at once (about 2 ms for 5 megapixels), the others when they are first seen.
    """

    def __init__(self, pixels: npt.NDArray[np.float32]) -> None:
        self.height, self.width = pixels.shape
        self._levels = [_as_16_bits(pixels)]

    def patch(self, seen: QRectF, *, magnification: float, table: npt.NDArray[np.uint8]) -> Patch:
        """Window what is seen of the picture.

        `seen` in picture pixels; `magnification` in device pixels per picture pixel: below 1 a smaller level
        serves, above it pixels are enlarged as squares before the last, smooth step, so that they stay crisp
        and equally wide.
        """
        number = 0 if magnification >= 1 else math.floor(math.log2(1 / magnification) + 1e-9)
        number = min(number, math.floor(math.log2(max(1, min(self.height, self.width)))))
        pixels, size = self._level(number), 2.0**number
        margin = 2  # interpolation looks one pixel beyond
        left = max(0, math.floor(seen.left() / size) - margin)
        top = max(0, math.floor(seen.top() / size) - margin)
        right = min(pixels.shape[1], math.ceil(seen.right() / size) + margin)
        bottom = min(pixels.shape[0], math.ceil(seen.bottom() / size) + margin)
        if right <= left or bottom <= top:
            return Patch(image=QImage(), left=0, top=0, step=1, smooth=False)
        # mode="clip" only spares numpy the check: a 16-bit index always lies inside the table
        grey = table.take(pixels[top:bottom, left:right], mode="clip")
        whole_steps = abs(magnification - round(magnification)) < 1e-6
        if 1 < magnification < CRISP_FROM and not whole_steps:
            squares = math.ceil(magnification)
            grey = np.repeat(np.repeat(grey, squares, axis=0), squares, axis=1)
            return Patch(image=grey_image(grey), left=left * size, top=top * size, step=1 / squares, smooth=True)
        return Patch(image=grey_image(grey), left=left * size, top=top * size, step=size, smooth=magnification < 1)

    def _level(self, number: int) -> npt.NDArray[np.uint16]:
        while len(self._levels) <= number:
            self._levels.append(_halved(self._levels[-1]))
        return self._levels[number]


def _as_16_bits(pixels: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    """0 to 1 as 0 to 65535, strip by strip; values outside are cut off, not wrapped round."""
    whole = np.empty(pixels.shape, np.uint16)
    for row in range(0, pixels.shape[0], STRIP_ROWS):
        strip = pixels[row : row + STRIP_ROWS] * np.float32(65535)
        strip += np.float32(0.5)
        whole[row : row + STRIP_ROWS] = np.clip(strip, 0, 65535, out=strip)
    return whole


def _halved(pixels: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint16]:
    """Means of two by two pixels; an odd last row or column counts twice."""
    height, width = pixels.shape
    half = np.empty(((height + 1) // 2, (width + 1) // 2), np.uint16)
    for row in range(0, height, STRIP_ROWS):
        strip = pixels[row : row + STRIP_ROWS].astype(np.uint32)
        if strip.shape[0] % 2 or width % 2:
            strip = np.pad(strip, ((0, strip.shape[0] % 2), (0, width % 2)), mode="edge")
        pairs = strip[0::2] + strip[1::2]
        means = pairs[:, 0::2] + pairs[:, 1::2]
        means += 2
        means >>= 2
        half[row // 2 : row // 2 + means.shape[0]] = means
    return half
