"""Phantom cases: hands that the program draws to compare with, where a user has no labelled radiographs. Drawn once."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from trainer.explain.shelf import Shelf, Tensors
from trainer.phantom import draw
from trainer.radiograph import Radiograph, Sex

COUNT: Final = 200
HEIGHT_PX: Final = 400
LOW_MONTHS, HIGH_MONTHS = 12.0, 216.0
VERSION: Final = 1  # to be raised when the same seeds would draw other hands
_SEED: Final = 5_000_000
TOLD_EVERY: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnCase:
    """A phantom with its label."""

    age_months: float
    sex: Sex
    pixels: npt.NDArray[np.uint8] = field(repr=False)  # bone bright

    def radiograph(self) -> Radiograph:
        """Return it as a file would be read."""
        return Radiograph(pixels=self.pixels.astype(np.float32) / np.float32(255), source=Path("phantom"))


DrawCase = Callable[[int, float, Sex], npt.NDArray[np.uint8]]


def draw_case(place: int, age_months: float, sex: Sex) -> npt.NDArray[np.uint8]:
    """Draw one of the phantoms, uint8[height, width], bone bright."""
    phantom = draw(age_months=age_months, male=sex is Sex.MALE, seed=_SEED + place, height_px=HEIGHT_PX)
    return np.rint(phantom.levels * 255).astype(np.uint8)


def drawn_phantoms(
    shelf: Shelf, count: int = COUNT, *, draw_with: DrawCase = draw_case
) -> Generator[int, None, list[DrawnCase]]:
    """Find the phantoms on the shelf or draw them; yield how many are drawn. ``draw_with`` may draw elsewhere."""
    name = f"phantoms-{VERSION}-{count}-{HEIGHT_PX}"
    kept = shelf.find(name)
    cases = _labels(count)
    if kept is not None and set(kept) == {str(place) for place in range(count)}:
        return [_case(age, sex, kept[str(place)]) for place, (age, sex) in enumerate(cases)]
    drawn: Tensors = {}
    for place, (age, sex) in enumerate(cases):
        drawn[str(place)] = draw_with(place, age, sex)
        if place % TOLD_EVERY == 0:
            yield place + 1
    shelf.keep(name, drawn)
    return [_case(age, sex, drawn[str(place)]) for place, (age, sex) in enumerate(cases)]


def _labels(count: int) -> list[tuple[float, Sex]]:
    """Spread ages evenly, both sexes at every age."""
    ages = np.linspace(LOW_MONTHS, HIGH_MONTHS, max(count, 2))
    return [(round(float(ages[place])), Sex.MALE if place % 2 else Sex.FEMALE) for place in range(count)]


def _case(age_months: float, sex: Sex, pixels: npt.NDArray[np.generic]) -> DrawnCase:
    return DrawnCase(age_months=age_months, sex=sex, pixels=pixels.astype(np.uint8))
