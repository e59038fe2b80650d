"""Recipe: a named list of steps, each a transform with its range and its probability."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from reprlib import repr as shortened
from typing import Any

from trainer.augment.transforms import TRANSFORMS
from trainer.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One transform of a recipe: its value is uniform in ``low..high``, and it happens with ``probability``."""

    transform: str
    low: float
    high: float
    probability: float = 1.0

    def __post_init__(self) -> None:
        """Refuse an unknown transform or a range outside the transform's own, naming it."""
        if not isinstance(self.transform, str) or self.transform not in TRANSFORMS:
            raise ConfigError(
                f"There is no transform named {shortened(self.transform)}; known are {', '.join(TRANSFORMS)}."
            )
        for name in ("low", "high", "probability"):
            if not _is_number(getattr(self, name)):
                raise ConfigError(f"{self.transform}: {name} must be a number, not {shortened(getattr(self, name))}.")
        known = TRANSFORMS[self.transform]
        if not known.lowest <= self.low <= self.high <= known.highest:
            raise ConfigError(
                f"{self.transform}: the range {self.low:g} to {self.high:g} must lie within {known.bounds}."
            )
        if not 0.0 <= self.probability <= 1.0:
            raise ConfigError(f"{self.transform}: probability must lie in 0 to 1, not {self.probability:g}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A named list of steps. Data: saved with the run, editable."""

    name: str
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a transform that comes twice: a draw has one number for each."""
        names = [step.transform for step in self.steps]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(
                    f"{name} comes twice in the recipe {shortened(self.name)}; a transform may come once."
                )

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"name": self.name, "steps": [asdict(step) for step in self.steps]}

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> Recipe:
        """Rebuild a recipe. Raises ConfigError naming what is wrong."""
        if not isinstance(values, Mapping) or not isinstance(values.get("steps"), (list, tuple)):
            raise ConfigError("This is not a recipe: it needs a name and a list of steps.")
        if not isinstance(values.get("name"), str):
            raise ConfigError("This is not a recipe: its name must be text.")
        return Recipe(
            name=values["name"], steps=tuple(_step(number, step) for number, step in enumerate(values["steps"], 1))
        )


def _is_number(value: object) -> bool:
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # a whole number of hundreds of digits
        return False


def _step(number: int, values: Any) -> Step:
    known = {"transform", "low", "high", "probability"}
    if not isinstance(values, Mapping):
        raise ConfigError(f"Step {number} of the recipe is not a set of named values.")
    for name in sorted(known - {"probability"}):
        if name not in values:
            raise ConfigError(f"Step {number} of the recipe has no {name}.")
    for name in values:
        if name not in known:
            raise ConfigError(f"Step {number} of the recipe has an unknown value {shortened(str(name))}.")
    return Step(**values)
