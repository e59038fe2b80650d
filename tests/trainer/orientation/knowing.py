"""What the tests of orientation share: a finder that is told what to find, and one with random weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from trainer.orientation import Upright, UprightCard
from trainer.orientation.canvas import Window
from trainer.orientation.network import STEPS, TurnNetwork


def shares(degrees: float, certainty: float = 1.0) -> npt.NDArray[np.float32]:
    """Return how likely each step is: a multiple of 15 degrees, and what is left opposite of it."""
    found = np.zeros(STEPS, dtype=np.float32)
    step = round(degrees / 15) % STEPS
    found[step] = certainty
    found[(step + STEPS // 2) % STEPS] += 1.0 - certainty
    return found


class Knowing(Upright):
    """Finds what it is told, whatever it is shown."""

    def __init__(self, degrees: float, certainty: float = 1.0) -> None:
        super().__init__(network(), UprightCard(least_certainty=0.9))
        self._told = shares(degrees, certainty)

    def shares(self, windows: Sequence[Window]) -> npt.NDArray[np.float32]:
        """Answer as told."""
        return np.stack([self._told] * len(windows))


def network() -> TurnNetwork:
    """Return a network with random weights, the same every time, in evaluation mode."""
    torch.manual_seed(4)
    return TurnNetwork().eval()
