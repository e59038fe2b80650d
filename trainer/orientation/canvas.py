"""The round window through which orientation is looked for: a circle has no upright frame that could give it away."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

Window = npt.NDArray[np.float32]  # [64, 64], 0 outside the circle

SIDE_PX: Final = 64
_LEAST_SPREAD: Final = 0.02  # added to the spread, so that an empty picture is not blown up to noise
_ROW, _COLUMN = np.mgrid[:SIDE_PX, :SIDE_PX] - (SIDE_PX - 1) / 2
CIRCLE: Final[npt.NDArray[np.bool_]] = _ROW**2 + _COLUMN**2 <= (SIDE_PX / 2) ** 2


def to_window(pixels: npt.NDArray[Any]) -> Window:
    """Return the window of a picture [height, width]: squashed and averaged down, mean 0 and spread 1 in the circle.

    Squashing turns with the picture: a quarter turn of the picture is exactly one of its window.
    """
    import cv2

    grey = np.ascontiguousarray(pixels, dtype=np.float32)
    how = cv2.INTER_AREA if min(grey.shape) >= SIDE_PX else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(grey, (SIDE_PX, SIDE_PX), interpolation=how), dtype=np.float32)
    inside = small[CIRCLE]
    normal = (small - inside.mean()) / (inside.std() + _LEAST_SPREAD)
    return np.where(CIRCLE, normal, np.float32(0.0)).astype(np.float32)
