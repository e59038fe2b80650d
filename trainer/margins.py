"""Margins: even borders around a radiograph, which no X-ray made; a reader's program pads, a shutter blackens.

They make a hand small in its frame, and the frame is what a network sees: with a fifth added to each side of the 20
full-size originals, the default's answers moved by 12 months.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from trainer.radiograph import Radiograph

EVEN: Final = 0.02  # of the scale: a line whose levels lie so near together is even; JPEG ripples
LEAST_SHARE: Final = 0.1  # of a side, both borders together: less is left, as the networks were trained on it
LEAST_SIDE_PX: Final = 128  # of what is left: a smaller picture has no pixels to spare, or is nearly empty


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture, pixels."""

    top: int
    left: int
    height: int
    width: int


def picture_in(pixels: npt.NDArray[np.float32]) -> Box:
    """Return the part of a picture [height, width] within its even margins; all of it where they are narrow."""
    height, width = pixels.shape
    rows = _even(pixels), _even(pixels[::-1])
    within = pixels[rows[0] : height - rows[1]]
    columns = (_even(within.T), _even(within.T[::-1])) if len(within) else (0, 0)
    (top, bottom), (left, right) = _wide(rows, height), _wide(columns, width)
    box = Box(top, left, height - top - bottom, width - left - right)
    return box if min(box.height, box.width) >= LEAST_SIDE_PX else Box(0, 0, height, width)


def without_margins(radiograph: Radiograph) -> Radiograph:
    """Return a radiograph without its even margins; itself where there are none to speak of."""
    box = picture_in(radiograph.pixels)
    if radiograph.pixels.shape == (box.height, box.width):
        return radiograph
    pixels = radiograph.pixels[box.top : box.top + box.height, box.left : box.left + box.width]
    pixels = np.ascontiguousarray(pixels)
    pixels.setflags(write=False)
    return replace(radiograph, pixels=pixels)


def _wide(borders: tuple[int, int], side: int) -> tuple[int, int]:
    return borders if sum(borders) > LEAST_SHARE * side else (0, 0)


def _even(lines: Iterable[npt.NDArray[np.float32]]) -> int:
    """Return how many lines are even before the first that is not."""
    count = 0
    for line in lines:
        if float(line.max() - line.min()) > EVEN:
            break
        count += 1
    return count
