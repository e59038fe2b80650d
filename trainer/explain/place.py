"""Place: where the model's canvas lies on the radiograph that it was made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from trainer.orientation.turn import nearest_quarters
from trainer.preprocess import Preprocessing

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Lays canvas coordinates on the radiograph's; both have x right, y down and pixel 0 from 0 to 1."""

    matrix: Points  # float64[2, 2], canvas to radiograph
    corner: Points  # float64[2], radiograph point of the canvas's corner; outside where the canvas is padded

    @classmethod
    def of(cls, shape: tuple[int, ...], preprocessing: Preprocessing, *, undone_degrees: float = 0.0) -> Place:
        """Return the place of a canvas that ``to_canvas`` makes of a radiograph of this shape (height, width).

        ``undone_degrees`` is by how much the radiograph was turned anticlockwise before: the nearest quarter turns
        turn the frame with it, the rest turns about the middle of the same frame.
        """
        height, width = shape
        middle = np.array([width / 2, height / 2])
        if nearest_quarters(undone_degrees) % 2:
            height, width = width, height
        longer = max(height, width)
        if preprocessing.aspect == "squash":
            extent, corner = np.array([width, height], dtype=np.float64), np.zeros(2)
        else:
            extent = np.array([longer, longer], dtype=np.float64)
            corner = -np.array([(longer - width) // 2, (longer - height) // 2], dtype=np.float64)
        sine, cosine = math.sin(math.radians(undone_degrees)), math.cos(math.radians(undone_degrees))
        back = np.array([[cosine, -sine], [sine, cosine]])
        return cls(
            matrix=back @ np.diag(extent / preprocessing.side_px),
            corner=middle + back @ (corner - np.array([width / 2, height / 2])),
        )

    def to_radiograph(self, points: npt.NDArray[Any]) -> Points:
        """Return canvas points, float[n, 2] as x, y, in radiograph pixels."""
        return np.asarray(points, dtype=np.float64) @ self.matrix.T + self.corner

    def to_canvas(self, points: npt.NDArray[Any]) -> Points:
        """Return radiograph points, float[n, 2] as x, y, in canvas pixels."""
        return (np.asarray(points, dtype=np.float64) - self.corner) @ np.linalg.inv(self.matrix).T
