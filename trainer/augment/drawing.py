"""Drawing: from a recipe and a random state to the actual numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from trainer.augment.recipes import Recipe
from trainer.augment.transforms import TRANSFORMS

PAIRS: Final[Mapping[str, tuple[str, str]]] = {
    "shear": ("shear_x", "shear_y"),
    "scale": ("scale_x", "scale_y"),
    "crop": ("crop_x", "crop_y"),
    "shift": ("shift_x", "shift_y"),
    "hue, sat.": ("hue", "saturation"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The numbers one draw gave. Transforms that did not happen are absent."""

    values: Mapping[str, float]
    noise_seed: int

    @property
    def caption(self) -> str:
        """The numbers in one line, with their units."""
        words = [f"{name.replace('_', ' ')} {value:.3g}{TRANSFORMS[name].unit}" for name, value in self.values.items()]
        return ", ".join(words) if words else "unchanged"

    @property
    def lines(self) -> tuple[str, ...]:
        """The numbers as short lines for a column beside a picture; what belongs together shares one."""
        lines: list[str] = []
        rest = dict(self.values)
        for name in self.values:
            if name not in rest:
                continue
            both = next(((title, pair) for title, pair in PAIRS.items() if name in pair), None)
            if both is not None and all(axis in rest for axis in both[1]):
                title, (x, y) = both
                first = TRANSFORMS[x].shown(rest.pop(x)).removesuffix(TRANSFORMS[x].unit).strip()
                lines.append(f"{title} {first}/{TRANSFORMS[y].shown(rest.pop(y))}")
            else:
                lines.append(f"{TRANSFORMS[name].label.lower()} {TRANSFORMS[name].shown(rest.pop(name))}")
        return tuple(lines) or ("unchanged",)


def random_for(*, seed: int, case_id: str, epoch: int) -> np.random.Generator:
    """Return the random state of one case in one epoch: the same numbers wherever and whenever it is asked."""
    return np.random.default_rng([seed, epoch, *case_id.encode()])


def draw(recipe: Recipe, rng: np.random.Generator) -> Drawn:
    """Draw the actual numbers of a recipe. Consumes the same count of random numbers whatever happens."""
    values: dict[str, float] = {}
    for step in recipe.steps:
        chance, place = rng.random(2)
        if chance < step.probability:
            values[step.transform] = step.low + (step.high - step.low) * place
    return Drawn(values=values, noise_seed=int(rng.integers(2**32)))
