"""Transformations: the 33 changes of a radiograph that a model is tried with, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal[
    "rotation",
    "mirror",
    "upside down",
    "brightness",
    "contrast",
    "inversion",
    "resolution",
    "noise",
    "crop",
    "marker",
    "compression",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformation:
    """One change of a radiograph; the kind says what ``amount`` counts."""

    name: str
    kind: Kind
    amount: float

    @property
    def short(self) -> str:
        """The amount alone, as it stands under an axis."""
        return _written(self.kind, self.amount)


# The kinds down to resolution, and the marker, are those of the public stress test (Santomartino et al., Radiology: AI
# 2024, e230240), which counts 33 as well; its abstract does not say how much of each, and noise, crops and compression
# are ours. So this is a test in its spirit, and counts of the two cannot be compared.
AMOUNTS: Final[dict[Kind, tuple[float, ...]]] = {
    "rotation": (5, 10, 15, 20, 30, 45, 60, 90, 180, 270),  # degrees clockwise about the middle, in the same frame
    "mirror": (100,),  # left and right change places
    "upside down": (100,),  # top and bottom change places
    "brightness": (50, 75, 125, 150),  # per cent; what exceeds white is white
    "contrast": (50, 75, 125, 150),  # per cent, about the picture's own mean
    "inversion": (100,),  # bone dark
    "resolution": (75, 50, 25),  # per cent of its pixels a side; enlarged again to its size
    "noise": (2, 5, 10),  # standard deviation, per cent of white; Gaussian
    "crop": (5, 10),  # per cent off every side
    "marker": (5, 10),  # height of a white L in the upper left corner, per cent of the picture's; lead ones are as tall
    "compression": (50, 10),  # JPEG quality
}
# Where a kind changes nothing, for the beginning of its curve.
NEUTRAL: Final[dict[Kind, float]] = {"rotation": 0, "brightness": 100, "contrast": 100, "resolution": 100, "noise": 0}


def _written(kind: Kind, amount: float) -> str:
    if kind == "rotation":
        return f"{amount:g}°"
    if kind == "compression":
        return f"JPEG {amount:g}"
    return f"{amount:g} %"


def _name(kind: Kind, amount: float) -> str:
    return kind if len(AMOUNTS[kind]) == 1 else f"{kind} {_written(kind, amount)}"


TRANSFORMATIONS: Final[tuple[Transformation, ...]] = tuple(
    Transformation(name=_name(kind, amount), kind=kind, amount=amount)
    for kind, amounts in AMOUNTS.items()
    for amount in amounts
)
