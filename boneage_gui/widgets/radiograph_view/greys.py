"""Greys of the screen for the values of a radiograph, and the tissues that its histogram tells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from boneage_gui.widgets.radiograph_view.display_window import Window

STEPS = 65536  # entries of the lookup table: pixels are kept as 16 bits


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
