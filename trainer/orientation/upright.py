"""Upright: finds how far a radiograph's hand is turned, and turns it back where that is certain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from trainer.errors import CheckpointError
from trainer.orientation.canvas import SIDE_PX, Window, to_window
from trainer.orientation.card import UprightCard
from trainer.orientation.network import TurnNetwork, shares_of_steps
from trainer.orientation.turn import Turn, nearest_quarters, quarter_of, turn_of
from trainer.orientation.upright_file import load_upright
from trainer.prediction import TURN_IT
from trainer.radiograph import Radiograph

SELF_TEST_TOLERANCE_DEGREES: Final = 1.0
READER_TURNED: Final = "The radiograph was read as its reader turned it."
UNCERTAIN: Final = f"It is not certain that the fingers point up. {TURN_IT}, if they do not; it is then read anew."


class Upright:
    """The network and its card, ready to be asked."""

    def __init__(self, network: TurnNetwork, card: UprightCard) -> None:
        """Hold a network that is in evaluation mode."""
        self.card = card
        self._network = network

    @classmethod
    def load(cls, path: Path) -> Upright:
        """Load the file: hash, strict load, self-test. Raises CheckpointError."""
        network, card = load_upright(path)
        upright = cls(network, card)
        if card.self_test_degrees is not None:
            answer = upright.self_test()
            apart = 180.0 - (180.0 - (answer - card.self_test_degrees)) % 360.0
            if not abs(apart) <= SELF_TEST_TOLERANCE_DEGREES:
                raise CheckpointError(
                    f"{path.name} fails its self-test on this computer: it answers {answer:.1f} degrees where "
                    f"{card.self_test_degrees:.1f} is right. It is not used."
                )
        return upright

    def find_turn(self, radiograph: Radiograph) -> Turn:
        """Say how far the hand is turned; some milliseconds on one core."""
        return turn_of(self.shares([to_window(radiograph.pixels)])[0])

    def find_quarter_turns(self, radiograph: Radiograph) -> tuple[int, float]:
        """Return how many quarter turns clockwise the hand is turned, 0 to 3, and how certain that is, 0 to 1.

        ``np.rot90(pixels, turns)`` makes it upright.
        """
        return quarter_of(self.shares([to_window(radiograph.pixels)])[0])

    def righted(self, radiograph: Radiograph) -> Radiograph:
        """Return the radiograph with its fingers up and a caution that says so.

        Where that is not certain it is left as it lies, or as its reader turned it, and that is said. A mirrored hand
        stays mirrored: a right hand is no less upright.
        """
        found = self._turn_as_seen(radiograph)
        certain = found.certainty >= self.card.least_certainty
        degrees = whole_turn(radiograph.quarters, found.undone_degrees if certain else 0.0)
        if degrees:
            said = READER_TURNED if degrees == whole_turn(radiograph.quarters, 0.0) else None
            radiograph = turned_back(radiograph, degrees, caution=said)
        if certain or radiograph.quarters:
            return radiograph
        return replace(radiograph, cautions=(*radiograph.cautions, UNCERTAIN))

    def undone_degrees(self, radiograph: Radiograph) -> float:
        """Return by how many degrees anticlockwise ``righted`` turns it; 0 where it is left as it lies."""
        found = self._turn_as_seen(radiograph)
        undone = found.undone_degrees if found.certainty >= self.card.least_certainty else 0.0
        return whole_turn(radiograph.quarters, undone)

    def _turn_as_seen(self, radiograph: Radiograph) -> Turn:
        """Say how far the hand is turned after its reader's quarter turns."""
        return turn_of(self.shares([to_window(np.rot90(radiograph.pixels, -radiograph.quarters))])[0])

    def shares(self, windows: Sequence[Window]) -> npt.NDArray[np.float32]:
        """Return how likely each step of a clockwise turn is, float32[n, steps]."""
        found = shares_of_steps(self._network, torch.from_numpy(np.stack(windows)))
        return np.asarray(found.numpy(), dtype=np.float32)

    def self_test(self) -> float:
        """Answer for a fixed pattern, in degrees; the card holds what it should be."""
        rows, columns = np.mgrid[:SIDE_PX, :SIDE_PX] / SIDE_PX
        pattern = np.sin(9.0 * columns + 4.0 * rows**2) * rows
        return turn_of(self.shares([to_window(pattern)])[0]).degrees


def whole_turn(quarters: int, undone_degrees: float) -> float:
    """Return degrees anticlockwise, above -180 to 180: quarter turns to the right, then what was undone of the rest."""
    return 180.0 - (180.0 - (undone_degrees - 90.0 * quarters)) % 360.0


def turned_back(radiograph: Radiograph, degrees: float, *, caution: str | None = None) -> Radiograph:
    """Turn a radiograph anticlockwise and say so in its cautions; quarter turns move pixels and change none.

    Of another angle the nearest quarter turns are undone so, and the rest about the middle in the same frame; what
    comes in from outside is black.
    """
    quarters = nearest_quarters(degrees)
    rest = degrees - 90.0 * quarters
    pixels = np.ascontiguousarray(np.rot90(radiograph.pixels, quarters))
    if rest:
        pixels = _turned(pixels, rest)
    spacing = radiograph.spacing_mm
    spacing = spacing[::-1] if spacing is not None and quarters % 2 else spacing
    pixels.setflags(write=False)
    said = caution or f"The radiograph was turned by {abs(degrees):.0f} degrees for reading."
    return replace(radiograph, pixels=pixels, spacing_mm=spacing, cautions=(*radiograph.cautions, said))


def _turned(pixels: npt.NDArray[np.float32], degrees: float) -> npt.NDArray[np.float32]:
    import cv2

    height, width = pixels.shape
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR), dtype=np.float32)
