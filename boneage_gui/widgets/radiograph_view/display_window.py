"""Which part of a radiograph's range is spread over the screen's greys: window, its presets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trainer.radiograph import Radiograph

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmarks:
    """What the histogram of a hand radiograph tells: air, soft tissue, bone and the ends."""

    percent_1: float
    percent_99: float
    background: float  # mean of air and collimation
    soft_from: float  # where air ends and soft tissue begins
    bone: float  # mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A named window, computed from the radiograph."""

    name: str
    tip: str
    bounds: Callable[[Landmarks], tuple[float, float]]


PRESETS: tuple[Preset, ...] = (
    Preset(name="Full range", tip="Everything the file holds", bounds=lambda _: (0.0, 1.0)),
    Preset(
        name="Auto",
        tip="1 % to 99 % of this radiograph's grey values",
        bounds=lambda marks: (marks.percent_1, marks.percent_99),
    ),
    Preset(
        name="Bone",
        tip="Cortex, trabeculae and growth plates; the skin line fades",
        bounds=lambda marks: ((marks.background + marks.soft_from) / 2, marks.percent_99),
    ),
    Preset(
        name="Soft tissue",
        tip="Skin line and muscle; dense bone runs to white",
        bounds=lambda marks: (marks.percent_1, marks.bone),
    ),
    Preset(
        name="High contrast",
        tip="The step from soft tissue to bone: small ossification centres",
        bounds=lambda marks: (marks.soft_from, (marks.bone + marks.percent_99) / 2),
    ),
)


def preset_window(preset: Preset, radiograph: Radiograph) -> Window:
    """The preset's window for this radiograph; the full range where its histogram says nothing."""
    from boneage_gui.widgets.radiograph_view.greys import landmarks  # numpy, which a first paint does without

    low, high = preset.bounds(landmarks(radiograph.pixels))
    if not high - low >= MIN_WIDTH:
        return Window()
    return Window.between(low, high)
