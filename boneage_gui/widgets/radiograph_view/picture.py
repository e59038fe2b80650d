"""A radiograph made ready for drawing: windowed where it is seen, at the size at which it is seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from boneage_gui.images import grey_image
from boneage_gui.work.levels import Levels

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
    """One radiograph as its levels, and pieces of them."""

    def __init__(self, levels: Levels) -> None:
        self._levels = levels

    def patch(self, seen: QRectF, *, magnification: float, table: npt.NDArray[np.uint8]) -> Patch:
        """Window what is seen of the picture.

        `seen` in picture pixels; `magnification` in device pixels per picture pixel: below 1 a smaller level
        serves, above it pixels are enlarged as squares before the last, smooth step, so that they stay crisp
        and equally wide.
        """
        number = 0 if magnification >= 1 else math.floor(math.log2(1 / magnification) + 1e-9)
        number = min(number, math.floor(math.log2(max(1, min(self._levels.height, self._levels.width)))))
        pixels, size = self._levels.level(number), 2.0**number
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
