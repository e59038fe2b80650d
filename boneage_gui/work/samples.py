"""Samples of a data set as the network will see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from boneage_gui.work.decoder import sketcher
from trainer.data_summary import DataSummary, Sample
from trainer.errors import BoneAgeError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from trainer.figures import Look
    from trainer.preprocess import Preprocessing


def sample_canvases(
    samples: Sequence[Sample], preprocessing: Preprocessing
) -> Iterator[tuple[int, npt.NDArray[np.uint8] | None]]:
    """Yield each sample's place and canvas, uint8[side, side]; None where it cannot be read.

    They are made where files are decoded: the libraries that do it would hold the window up while they load.
    """
    for place, sample in enumerate(samples):
        try:
            yield place, sketcher.canvas(sample.path, preprocessing)
        except BoneAgeError:
            yield place, None


def draw_ages(figure: Figure, look: Look, *, summary: DataSummary) -> None:
    """Draw the histogram of ages by sex."""
    from trainer.figures import draw_age_histogram

    draw_age_histogram(figure.subplots(), summary.ages_by_sex, look=look, title="Ages of the radiographs")
