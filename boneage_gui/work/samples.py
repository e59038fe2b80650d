"""Samples of a data set as the network will see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from boneage_gui.work.painter import painter
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

    They are made where figures are drawn: the libraries that read pictures would hold the window up while they load.
    """
    for place, sample in enumerate(samples):
        try:
            yield place, painter.ask(_canvas, sample.path, preprocessing)
        except BoneAgeError:
            yield place, None


def _canvas(path: Path, preprocessing: Preprocessing) -> npt.NDArray[np.uint8]:
    from trainer.preprocess import to_canvas
    from trainer.radiograph import read

    return to_canvas(read(path), preprocessing)


def draw_ages(figure: Figure, look: Look, *, summary: DataSummary) -> None:
    """Draw the histogram of ages by sex."""
    from trainer.figures import draw_age_histogram

    draw_age_histogram(figure.subplots(), summary.ages_by_sex, look=look, title="Ages of the radiographs")
