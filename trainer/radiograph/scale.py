"""Stored grey levels to 0..1: tables, and how many bits are really used."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_LEAST_BITS = 8
_SPARE_BITS = 4
_STRIP_ROWS = 64  # mapped at once: numpy turns indices into int64, and those of a strip stay in the processor's cache


def unit_table(*, low: float, high: float, size: int = 65536) -> npt.NDArray[np.float32]:
    """Return float32[size] that maps a stored level to 0..1 between low and high, clipped."""
    levels = np.arange(size, dtype=np.float64)
    return np.clip((levels - low) / (high - low), 0.0, 1.0).astype(np.float32)


def mapped(table: npt.NDArray[np.float32], stored: npt.NDArray[np.uint8 | np.uint16]) -> npt.NDArray[np.float32]:
    """Return ``table[stored]`` for stored levels [height, width], in a third of the time.

    The table must have an entry for every level that ``stored`` can hold.
    """
    pixels = np.empty(stored.shape, np.float32)
    for row in range(0, len(stored), _STRIP_ROWS):
        strip = slice(row, row + _STRIP_ROWS)
        np.take(table, stored[strip], out=pixels[strip], mode="clip")  # other modes copy the strip once more
    return pixels


def bits_used(largest: int, bits_stored: int) -> int:
    """Return how many bits the picture really uses.

    Many exports put 10 or 12 bits into 16 without scaling; read by the stored range they are black. Only a
    picture that leaves the upper four bits or more empty is taken for one of those: a dark one may leave two.
    """
    used = max(_LEAST_BITS, int(largest).bit_length())
    return used if largest > 0 and bits_stored - used >= _SPARE_BITS else bits_stored


def unused_bits_caution(bits_stored: int, used: int) -> tuple[str, ...]:
    """Return the sentence for a picture that leaves its upper bits empty, or nothing."""
    if used == bits_stored:
        return ()
    return (f"The file stores {bits_stored} bits but uses {used}; the grey levels were scaled by those.",)
