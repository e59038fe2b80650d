"""Colours of a shift in months and of a difference in grey: blue below, orange above.

Blue and orange stay apart in every common colour blindness, and lightness alone says how far. The scale is fixed, so
that one picture may be compared with the next.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

FULL_MONTHS = 12.0  # a shift as large as this, or larger, has the full colour
# Lightness falls evenly from the middle to both ends. Anchors after Crameri's "vik" and ColorBrewer's PuOr.
_ANCHORS = ((-1.0, (8, 64, 129)), (-0.5, (92, 152, 203)), (0.0, (240, 240, 238)), (0.5, (232, 158, 90)),
            (1.0, (150, 60, 0)))  # fmt: skip


def _mixed(share: float) -> tuple[int, int, int]:
    places = [place for place, _ in _ANCHORS]
    red, green, blue = (
        round(float(np.interp(share, places, [colour[channel] for _, colour in _ANCHORS]))) for channel in range(3)
    )
    return red, green, blue


def shift_colour(months: float) -> QColor:
    """The colour of a shift."""
    return QColor(*_mixed(months / FULL_MONTHS))


def ink_on(colour: QColor) -> QColor:
    """Black or white, whichever is read better on a colour."""
    light = 0.2126 * colour.redF() + 0.7152 * colour.greenF() + 0.0722 * colour.blueF()
    return QColor("#10141a" if light > 0.45 else "#ffffff")


@lru_cache(maxsize=1)
def difference_table() -> npt.NDArray[np.uint8]:
    """Colours of differences from -255 to 255, uint8[511, 3]; the full colour at a difference of 128 and beyond."""
    return np.array([_mixed(level / 128.0) for level in range(-255, 256)], dtype=np.uint8)
