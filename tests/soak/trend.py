"""Trend: how something that was measured again and again grows, and whether that is flat."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WARM_UP_SHARE: Final = 0.1  # of the samples: caches fill, libraries are imported
WARM_UP_SAMPLES: Final = 6  # at least: by then everything was done once, and each window was made
FEWEST_SAMPLES: Final = 8  # below that a slope says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What is looked at, and by how much it may grow in a thousand opens before that is a leak."""

    name: str
    unit: str
    most_growth: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A measure over a soak: the medians of its first and its last quarter, and its slope per thousand opens."""

    measure: Measure
    first: float
    last: float
    slope: float
    samples: int

    @property
    def is_flat(self) -> bool:
        """Whether it grows no more than it may; what shrinks is flat."""
        return self.says_something and self.slope <= self.measure.most_growth

    @property
    def says_something(self) -> bool:
        """Whether the soak was long enough."""
        return self.samples >= FEWEST_SAMPLES


def trend_of(measure: Measure, opens: Sequence[int], values: Sequence[float]) -> Trend:
    """Sum up the samples of one measure, taken after so many opens.

    The slope is the median of those between all pairs (Theil and Sen): one sample that was taken while something was
    in hand does not tilt it.
    """
    warm = min(len(values) - 1, max(WARM_UP_SAMPLES, round(len(values) * WARM_UP_SHARE)))
    when, what = opens[warm:], values[warm:]
    quarter = max(1, len(what) // 4)
    slopes = [
        (what[later] - what[earlier]) / (when[later] - when[earlier]) * 1000
        for earlier in range(len(what))
        for later in range(earlier + 1, len(what))
    ]
    return Trend(
        measure=measure,
        first=statistics.median(what[:quarter]),
        last=statistics.median(what[-quarter:]),
        slope=statistics.median(slopes) if slopes else 0.0,
        samples=len(what),
    )
