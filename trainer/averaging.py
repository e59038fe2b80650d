"""Averaging: the ways in which several answers to one radiograph may be averaged, and what each of them gains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np

from trainer.card import ModelCard
from trainer.metrics import Months, bootstrap_interval

SHIFTS_PER_SIDE: Final = 2  # tried where the model itself averages over none


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of reading: by which networks, and over how many views of the radiograph."""

    name: str
    networks: tuple[int, ...]  # from 0
    averages_flip: bool = False
    shifts_per_side: int = 1

    @property
    def passes(self) -> int:
        """How many times a network looks at a radiograph that is larger than the canvas: what the answer costs."""
        views = self.shifts_per_side**2 if self.shifts_per_side > 1 else 1 + self.averages_flip
        return len(self.networks) * views

    def card(self, card: ModelCard) -> ModelCard:
        """Return a model's card as it would be if it read in this way."""
        return replace(
            card,
            members=len(self.networks),
            averages_flip=self.averages_flip,
            shifts_per_side=self.shifts_per_side,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What one way of reading is worth, beside the first network's single look."""

    way: Way
    mae_months: float
    difference_months: float  # MAE minus that of the single look: below 0 is better
    difference_low: float  # 95 % interval, paired bootstrap over radiographs
    difference_high: float
    is_the_models: bool  # whether the model reads in this way

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {**asdict(self), "passes": self.way.passes}


def ways_of(card: ModelCard) -> tuple[Way, ...]:
    """Return the ways worth comparing: a single look first, each kind of averaging alone, and all of them together."""
    first, everyone = (0,), tuple(range(card.members))
    shifts = max(card.shifts_per_side, SHIFTS_PER_SIDE)
    ways = [
        Way(name="a single look", networks=first),
        Way(name="and at the mirror image", networks=first, averages_flip=True),
        Way(name=f"{shifts**2} sampling shifts", networks=first, shifts_per_side=shifts),
        Way(name="both, as a chessboard", networks=first, averages_flip=True, shifts_per_side=shifts),
    ]
    if card.members > 1:
        ways += [Way(name=f"network {number + 1} alone", networks=(number,)) for number in everyone[1:]]
        ways += [
            Way(name=f"{card.members} networks", networks=everyone),
            Way(name="all together", networks=everyone, averages_flip=True, shifts_per_side=shifts),
        ]
    return tuple(ways)


def gains(answers: Sequence[tuple[Way, Months]], actual: Months, card: ModelCard, *, seed: int = 0) -> list[Gain]:
    """Compare ways of reading with the first of them, on the same radiographs: float64[n] months of each."""
    _, single = answers[0]
    found = []
    for way, predicted in answers:
        difference = np.abs(predicted - actual) - np.abs(single - actual)
        low, high = bootstrap_interval(difference, seed=seed)
        found.append(
            Gain(
                way=way,
                mae_months=float(np.abs(predicted - actual).mean()),
                difference_months=float(difference.mean()),
                difference_low=low,
                difference_high=high,
                is_the_models=way.card(card) == card,
            )
        )
    return found
