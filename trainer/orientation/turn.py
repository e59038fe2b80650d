"""Turn: how far a hand lies away from upright, how certain that is, and what is done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

# A hand that leans no further is left as it lies: the models were trained on hands that lean as far.
TOLERATED_DEGREES: Final = 20.0
_AROUND: Final = 2  # steps to either side of the likeliest that its angle is averaged over


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """How far the fingers point away from upwards."""

    degrees: float  # clockwise, above -180 to 180
    certainty: float  # how likely it lies within 45 degrees of that, 0 to 1

    @property
    def undone_degrees(self) -> float:
        """By how many degrees anticlockwise the picture is turned for reading; 0: left as it is.

        Close to a quarter turn, by that quarter turn, which moves pixels and changes none.
        """
        quarters = nearest_quarters(self.degrees)
        if abs(self.degrees - 90.0 * quarters) <= TOLERATED_DEGREES:
            return 90.0 * quarters
        return self.degrees


def nearest_quarters(degrees: float) -> int:
    """Return how many quarter turns come nearest to an angle."""
    return round(degrees / 90.0)


def turn_of(shares: npt.NDArray[np.float32]) -> Turn:
    """Sum up how likely each step is, float[steps]: the angle around the likeliest step, and what lies near it."""
    steps = len(shares)
    best, step_degrees = int(np.argmax(shares)), 360.0 / steps
    near = np.arange(-_AROUND, _AROUND + 1)
    weights = shares[(best + near) % steps].astype(np.float64)
    degrees = (best + float(np.sum(weights * near) / weights.sum())) * step_degrees
    return Turn(degrees=180.0 - (180.0 - degrees) % 360.0, certainty=_within_45(shares, best))


def quarter_of(shares: npt.NDArray[np.float32]) -> tuple[int, float]:
    """Return the likeliest number of quarter turns clockwise, 0 to 3, and how likely it is, 0 to 1."""
    likely = [_within_45(shares, quarter * len(shares) // 4) for quarter in range(4)]
    turns = int(np.argmax(likely))
    return turns, likely[turns]


def _within_45(shares: npt.NDArray[np.float32], middle: int) -> float:
    """Return how likely the angle lies within 45 degrees of a step; steps on the border count half."""
    reach = len(shares) // 8
    weights = np.ones(2 * reach + 1)
    weights[[0, -1]] = 0.5
    return float(weights @ shares[(middle + np.arange(-reach, reach + 1)) % len(shares)])
