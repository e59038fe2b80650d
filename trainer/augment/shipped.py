"""The recipes that ship: the paper's own, and ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from trainer.augment.recipes import Recipe, Step

PAPERS: Final = "improved"  # name of the recipe with the paper's augmentations and ranges


def _paper() -> tuple[Step, ...]:
    def step(transform: str, low: float, high: float, probability: float = 1.0) -> Step:
        return Step(transform=transform, low=low, high=high, probability=probability)

    return (
        step("rotation", -15, 15),
        step("shear_x", -20, 20),
        step("shear_y", -20, 20),
        step("scale_x", 90, 120),
        step("scale_y", 90, 120),
        step("crop_x", -1, 1),
        step("crop_y", -1, 1),
        step("contrast", 70, 150),
        step("brightness", 70, 130),
        step("blur", 3, 3, 0.2),  # the paper says "medium" and gives no width
        step("salt_pepper", 3, 8),
        step("hue", -5, 5),
        step("saturation", -5, 5),
    )


def _steady() -> tuple[Step, ...]:
    # Gentler than the paper's: nothing that hides small bones (noise, blur), less shear, and mirror images.
    return (
        Step(transform="flip", low=1, high=1, probability=0.5),
        Step(transform="rotation", low=-15, high=15),
        Step(transform="shear_x", low=-5, high=5),
        Step(transform="scale_x", low=88, high=114),
        Step(transform="scale_y", low=88, high=114),
        Step(transform="shift_x", low=-6, high=6),
        Step(transform="shift_y", low=-6, high=6),
        Step(transform="contrast", low=75, high=135),
        Step(transform="brightness", low=80, high=120),
        Step(transform="gamma", low=80, high=125),
    )


def _gentle() -> tuple[Step, ...]:
    # For the last epochs: near to what radiographs are like, once "steady" has taught what may differ.
    return (
        Step(transform="flip", low=1, high=1, probability=0.5),
        Step(transform="rotation", low=-8, high=8),
        Step(transform="scale_x", low=93, high=108),
        Step(transform="scale_y", low=93, high=108),
        Step(transform="shift_x", low=-4, high=4),
        Step(transform="shift_y", low=-4, high=4),
        Step(transform="gamma", low=85, high=118),
    )


def _sturdy() -> tuple[Step, ...]:
    # For a model that knows its trade: what a stress test asks (grain, coarse pixels, compression, crops, slant), now
    # and then, so that the common picture stays common.
    return (
        Step(transform="flip", low=1, high=1, probability=0.5),
        Step(transform="rotation", low=-22, high=22),
        Step(transform="shear_x", low=-5, high=5),
        Step(transform="scale_x", low=86, high=122),
        Step(transform="scale_y", low=86, high=122),
        Step(transform="shift_x", low=-6, high=6),
        Step(transform="shift_y", low=-6, high=6),
        Step(transform="contrast", low=75, high=135),
        Step(transform="brightness", low=80, high=125),
        Step(transform="gamma", low=80, high=125),
        Step(transform="resolution", low=25, high=100, probability=0.2),
        Step(transform="grain", low=0, high=10, probability=0.25),
        Step(transform="compression", low=8, high=60, probability=0.15),
    )


RECIPES: Final[Mapping[str, Recipe]] = {
    "baseline": Recipe(name="baseline"),
    "improved": Recipe(name="improved", steps=_paper()),
    "steady": Recipe(name="steady", steps=_steady()),
    "gentle": Recipe(name="gentle", steps=_gentle()),
    "sturdy": Recipe(name="sturdy", steps=_sturdy()),
}
