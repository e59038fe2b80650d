"""Lengths and angles on a radiograph, in millimetres only where the file says how large a pixel is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF

from trainer.radiograph import Radiograph, SpacingFrom


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruler:
    """How long a pixel is, and who says so. Millimetres never go without the second."""

    spacing_mm: tuple[float, float] | None = None  # row (vertical), column (horizontal)
    source: str = ""  # "at detector" or "calibrated"

    @classmethod
    def of(cls, radiograph: Radiograph) -> Ruler:
        """The radiograph's ruler; pixels where the spacing is unknown, of unknown origin, or nonsense."""
        spacing = radiograph.spacing_mm
        if spacing is None or radiograph.spacing_from is SpacingFrom.NONE:
            return cls()
        if not all(math.isfinite(side) and side > 0 for side in spacing):
            return cls()
        return cls(spacing_mm=spacing, source=str(radiograph.spacing_from.value))

    @property
    def aspect(self) -> float:
        """Height of a pixel over its width."""
        return self.spacing_mm[0] / self.spacing_mm[1] if self.spacing_mm else 1.0

    def vector(self, start: QPointF, end: QPointF) -> tuple[float, float]:
        """From start to end, right and down, in millimetres, or in pixels without a spacing."""
        down, right = self.spacing_mm or (1.0, 1.0)
        return (end.x() - start.x()) * right, (end.y() - start.y()) * down


@dataclass(frozen=True, slots=True)
class Measurement:
    """Two points: a length. Three: the angle at the middle one. In picture coordinates, so it stays put."""

    points: tuple[QPointF, ...]

    def value(self, ruler: Ruler) -> float:
        """Millimetres, pixels without a spacing, or degrees from 0 to 180."""
        if len(self.points) == 2:
            return math.hypot(*ruler.vector(*self.points))
        first, corner, last = self.points
        one, other = ruler.vector(corner, first), ruler.vector(corner, last)
        cross = one[0] * other[1] - one[1] * other[0]
        return abs(math.degrees(math.atan2(cross, one[0] * other[0] + one[1] * other[1])))

    def label(self, ruler: Ruler) -> str:
        """The value with its unit and, for millimetres, the calibration they rest on."""
        value = self.value(ruler)
        if len(self.points) == 3:
            return f"{value:.1f}°"
        if ruler.spacing_mm is None:
            return f"{value:.0f} px"
        return f"{value:.1f} mm ({ruler.source})"
