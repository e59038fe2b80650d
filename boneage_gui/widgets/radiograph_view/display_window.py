"""Which part of a radiograph's range is spread over the screen's greys."""

from __future__ import annotations

from dataclasses import dataclass

MIN_WIDTH = 1 / 512
MAX_WIDTH = 2.0
DRAG_RANGE_PX = 512.0  # a drag this long covers the whole range; logical pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Centre and width of the shown range, in the radiograph's 0 to 1."""

    centre: float = 0.5
    width: float = 1.0

    @property
    def low(self) -> float:
        """What is drawn black."""
        return self.centre - self.width / 2

    @property
    def high(self) -> float:
        """What is drawn white."""
        return self.centre + self.width / 2

    @classmethod
    def within_reach(cls, *, centre: float, width: float) -> Window:
        """The nearest window that still shows something."""
        return cls(centre=min(max(centre, 0.0), 1.0), width=min(max(width, MIN_WIDTH), MAX_WIDTH))

    @classmethod
    def between(cls, low: float, high: float) -> Window:
        """The window that draws `low` black and `high` white."""
        return cls.within_reach(centre=(low + high) / 2, width=high - low)

    def dragged(self, *, right_px: float, down_px: float) -> Window:
        """After a drag: right widens (less contrast), down raises the centre (darker), as OHIF does."""
        return Window.within_reach(
            centre=self.centre + down_px / DRAG_RANGE_PX, width=self.width + right_px / DRAG_RANGE_PX
        )
