"""Array to QImage that owns its bytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

_COLOURS = {3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBA8888}  # by the number of channels


def grey_image(pixels: npt.NDArray[np.uint8]) -> QImage:
    """An 8-bit grey picture of an array, shape [height, width], 0 black.

    The bytes are copied: a QImage made straight on an array keeps a bare pointer, and draws garbage or
    crashes once the array is gone.
    """
    if pixels.ndim != 2:
        raise ValueError(f"A grey picture has two axes, not {pixels.ndim}.")
    height, width = pixels.shape
    if not pixels.size:
        return QImage()
    packed = np.ascontiguousarray(pixels)
    return QImage(packed.data, width, height, width, QImage.Format.Format_Grayscale8).copy()


def colour_image(pixels: npt.NDArray[np.uint8]) -> QImage:
    """A picture of an array, shape [height, width, 3] for RGB or 4 for RGBA; owns its bytes."""
    if pixels.ndim != 3 or pixels.shape[2] not in _COLOURS:
        raise ValueError(f"A colour picture is [height, width, 3 or 4], not {pixels.shape}.")
    height, width, channels = pixels.shape
    if not pixels.size:
        return QImage()
    packed = np.ascontiguousarray(pixels)
    return QImage(packed.data, width, height, width * channels, _COLOURS[channels]).copy()


def pixels_of(image: QImage) -> npt.NDArray[np.uint8]:
    """Return a picture as uint8[height, width, 3], RGB; a copy."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    height, width = plain.height(), plain.width()
    rows = np.frombuffer(plain.constBits(), dtype=np.uint8, count=plain.sizeInBytes()).reshape(height, -1)
    return rows[:, : width * 3].reshape(height, width, 3).copy()
