"""Drawn hands: what looks like a radiograph and is none, for a model to be told apart from its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from trainer.phantom import draw
from trainer.radiograph import Radiograph

COUNT: Final = 400
HEIGHT_PX: Final = 1000
LOW_MONTHS, HIGH_MONTHS = 12.0, 216.0
_SEED: Final = 6_000_000  # other hands than any data set of phantoms


def drawn_hands(count: int = COUNT) -> Iterator[Radiograph]:
    """Draw hands of both sexes, their ages evenly spread; the same ones every time."""
    for place, age_months in enumerate(np.linspace(LOW_MONTHS, HIGH_MONTHS, max(count, 2))[:count]):
        phantom = draw(age_months=float(age_months), male=place % 2 == 1, seed=_SEED + place, height_px=HEIGHT_PX)
        levels = np.rint(phantom.levels * 255).astype(np.float32)  # as a file of 8 bits holds them
        yield Radiograph(pixels=levels / np.float32(255), source=Path("drawn"))
