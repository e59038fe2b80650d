"""Which part of a radiograph's range is spread over the screen's greys: window, its table, its presets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trainer.radiograph import Radiograph

MIN_WIDTH = 1 / 512
MAX_WIDTH = 2.0
STEPS = 65536  # entries of the lookup table: pixels are kept as 16 bits
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


def lookup_table(window: Window, *, inverted: bool) -> npt.NDArray[np.uint8]:
    """Grey (0 to 255) of each 16-bit pixel value, shape [65536]: linear within the window, flat outside."""
    values = np.arange(STEPS, dtype=np.float32)
    values *= np.float32(255 / (STEPS - 1) / window.width)
    values -= np.float32(255 * window.low / window.width)
    np.clip(values, 0, 255, out=values)
    table: npt.NDArray[np.uint8] = np.rint(values).astype(np.uint8)
    return 255 - table if inverted else table


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
    low, high = preset.bounds(landmarks(radiograph.pixels))
    if not high - low >= MIN_WIDTH:
        return Window()
    return Window.between(low, high)


def landmarks(pixels: npt.NDArray[np.float32]) -> Landmarks:
    """Find the tissues by Otsu's method with three classes (Otsu 1979), on about 200,000 of the pixels."""
    stride = max(1, int((pixels.size / 200_000) ** 0.5))
    sample = pixels[::stride, ::stride].ravel()
    first, last = (float(value) for value in np.percentile(sample, (1, 99)))
    bins = 64
    counts, edges = np.histogram(sample, bins=bins, range=(0.0, 1.0))
    middles = (edges[:-1] + edges[1:]) / 2
    weight = np.concatenate(([0.0], np.cumsum(counts)))
    mass = np.concatenate(([0.0], np.cumsum(counts * middles)))

    def mean(start: npt.NDArray[np.intp], stop: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        held = weight[stop] - weight[start]
        means = np.zeros_like(held)
        np.divide(mass[stop] - mass[start], held, out=means, where=held > 0)
        return means

    lower, upper = np.triu_indices(bins - 1, k=1)
    lower, upper = lower + 1, upper + 1
    none, whole = np.zeros_like(lower), np.full_like(lower, bins)
    between_classes = sum(
        (weight[stop] - weight[start]) * mean(start, stop) ** 2
        for start, stop in ((none, lower), (lower, upper), (upper, whole))
    )
    best = int(np.argmax(between_classes))
    cut = (none[best : best + 1], lower[best : best + 1], upper[best : best + 1], whole[best : best + 1])
    return Landmarks(
        percent_1=first,
        percent_99=last,
        background=float(mean(cut[0], cut[1])[0]),
        soft_from=float(edges[cut[1][0]]),
        bone=float(mean(cut[2], cut[3])[0]),
    )
