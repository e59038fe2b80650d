"""The gate's own small canvas: any picture, whole, at 64 pixels, its darkest and brightest hundredth at 0 and 1."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

GateCanvas = npt.NDArray[np.float32]

SIDE_PX: Final = 64
_SAMPLED_PX: Final = 512  # larger pictures are thinned to this first: an average over 8 x 8 of them is enough
_TINY: Final = 1e-6


def to_gate_canvas(pixels: npt.NDArray[Any]) -> GateCanvas:
    """Return float32[64, 64] of a picture [height, width] in any scale: averaged down, stretched, padded with 0.

    Exposure is not to tell a hand from something else, so it is taken out here; ``checks`` look at it.
    """
    import cv2

    step = max(1, max(pixels.shape) // _SAMPLED_PX)
    sample = np.ascontiguousarray(pixels[step // 2 :: step, step // 2 :: step], dtype=np.float32)
    share = SIDE_PX / max(sample.shape)
    height, width = (max(1, round(side * share)) for side in sample.shape)
    how = cv2.INTER_AREA if share < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(sample, (width, height), interpolation=how), dtype=np.float32)
    low, high = np.percentile(small, (1, 99))
    canvas = np.zeros((SIDE_PX, SIDE_PX), dtype=np.float32)
    top, left = (SIDE_PX - height) // 2, (SIDE_PX - width) // 2
    canvas[top : top + height, left : left + width] = np.clip((small - low) / max(high - low, _TINY), 0.0, 1.0)
    return canvas
