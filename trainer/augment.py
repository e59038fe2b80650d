"""Recipes of augmentations: draw the numbers, then apply them to a canvas.

Training and preview call the same two functions, so any training picture can be shown again with what was
drawn. The recipe "improved" holds the paper's augmentations and ranges, the others are ours; pixels are moved
and changed by albumentations.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from trainer.errors import ConfigError

Canvas = npt.NDArray[np.uint8]

# name: (unit, value that changes nothing, lowest and highest value allowed)
TRANSFORMS: Final[Mapping[str, tuple[str, float, float, float]]] = {
    "flip": ("", 0.0, 0.0, 1.0),
    "rotation": ("°", 0.0, -180.0, 180.0),
    "shear_x": ("%", 0.0, -50.0, 50.0),
    "shear_y": ("%", 0.0, -50.0, 50.0),
    "scale_x": ("%", 100.0, 50.0, 200.0),
    "scale_y": ("%", 100.0, 50.0, 200.0),
    "scale": ("%", 100.0, 50.0, 200.0),
    "crop_x": ("", 0.0, -1.0, 1.0),
    "crop_y": ("", 0.0, -1.0, 1.0),
    "shift_x": ("%", 0.0, -30.0, 30.0),
    "shift_y": ("%", 0.0, -30.0, 30.0),
    "contrast": ("%", 100.0, 20.0, 300.0),
    "brightness": ("%", 100.0, 20.0, 300.0),
    "gamma": ("%", 100.0, 20.0, 300.0),
    "blur": ("px", 1.0, 1.0, 15.0),
    "salt_pepper": ("%", 0.0, 0.0, 50.0),
    "hue": ("", 0.0, -90.0, 90.0),
    "saturation": ("", 0.0, -128.0, 128.0),
}


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
            raise ConfigError(f"There is no transform named {self.transform!r}; known are {', '.join(TRANSFORMS)}.")
        unit, _, lowest, highest = TRANSFORMS[self.transform]
        for name in ("low", "high", "probability"):
            if not _is_number(getattr(self, name)):
                raise ConfigError(f"{self.transform}: {name} must be a number, not {getattr(self, name)!r}.")
        if not lowest <= self.low <= self.high <= highest:
            raise ConfigError(
                f"{self.transform}: the range {self.low:g} to {self.high:g} must lie within "
                f"{lowest:g} to {highest:g}{' ' + unit if unit else ''}."
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
                raise ConfigError(f"{name} comes twice in the recipe {self.name!r}; a transform may come once.")

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The numbers one draw gave. Transforms that did not happen are absent."""

    values: Mapping[str, float]
    noise_seed: int

    @property
    def caption(self) -> str:
        """The numbers in one line, with their units."""
        words = [f"{name.replace('_', ' ')} {value:.3g}{TRANSFORMS[name][0]}" for name, value in self.values.items()]
        return ", ".join(words) if words else "unchanged"


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _step(number: int, values: Any) -> Step:
    known = {"transform", "low", "high", "probability"}
    if not isinstance(values, Mapping):
        raise ConfigError(f"Step {number} of the recipe is not a set of named values.")
    for name in sorted(known - {"probability"}):
        if name not in values:
            raise ConfigError(f"Step {number} of the recipe has no {name}.")
    for name in values:
        if name not in known:
            raise ConfigError(f"Step {number} of the recipe has an unknown value {str(name)!r}.")
    return Step(**values)


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


RECIPES: Final[Mapping[str, Recipe]] = {
    "baseline": Recipe(name="baseline"),
    "improved": Recipe(name="improved", steps=_paper()),
    "steady": Recipe(name="steady", steps=_steady()),
    "gentle": Recipe(name="gentle", steps=_gentle()),
}


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


def apply(canvas: Canvas, drawn: Drawn) -> Canvas:
    """Paint what was drawn on a canvas; the shape stays, the argument is left alone."""
    values = drawn.values
    if values.get("flip", 0.0) >= 0.5:
        canvas = np.ascontiguousarray(canvas[:, ::-1])
    canvas = _move(canvas, values)
    canvas = _change_grey(canvas, values)
    canvas = _blur(canvas, values)
    canvas = _salt_and_pepper(canvas, values, drawn.noise_seed)
    return _tint(canvas, values)


_MOVES = (
    "rotation",
    "shear_x",
    "shear_y",
    "scale",
    "scale_x",
    "scale_y",
    "crop_x",
    "crop_y",
    "shift_x",
    "shift_y",
)


def _move(canvas: Canvas, values: Mapping[str, float]) -> Canvas:
    """Rotate, shear, scale and crop in one resampling, so that no step blurs what the next one moves."""
    if not any(name in values for name in _MOVES):
        return canvas
    import cv2

    geometric, _, _ = _albumentations()
    height, width = canvas.shape
    both = values.get("scale", 100.0) / 100.0
    scale_x, scale_y = (
        both * values.get("scale_x", 100.0) / 100.0,
        both * values.get("scale_y", 100.0) / 100.0,
    )
    # The crop is a window of the canvas's own size, somewhere in the scaled picture (or around a smaller one).
    translate = {
        "x": width * (values.get("crop_x", 0.0) * abs(scale_x - 1.0) / 2 + values.get("shift_x", 0.0) / 100.0),
        "y": height * (values.get("crop_y", 0.0) * abs(scale_y - 1.0) / 2 + values.get("shift_y", 0.0) / 100.0),
    }
    shear = {
        "x": math.degrees(math.atan(values.get("shear_x", 0.0) / 100.0)),
        "y": math.degrees(math.atan(values.get("shear_y", 0.0) / 100.0)),
    }
    matrix = geometric.create_affine_transformation_matrix(
        translate,
        shear,
        {"x": scale_x, "y": scale_y},
        values.get("rotation", 0.0),
        ((width - 1) / 2, (height - 1) / 2),
    )
    moved = geometric.warp_affine(canvas, matrix, cv2.INTER_LINEAR, 0, cv2.BORDER_CONSTANT, canvas.shape)
    return np.asarray(moved, dtype=np.uint8)


def _change_grey(canvas: Canvas, values: Mapping[str, float]) -> Canvas:
    if not any(name in values for name in ("contrast", "brightness", "gamma")):
        return canvas
    # One lookup table for all three: contrast about the canvas's own mean, then brightness, then gamma.
    levels = np.arange(256, dtype=np.float32)
    mean = float(canvas.mean())
    levels = (levels - mean) * (values.get("contrast", 100.0) / 100.0) + mean
    levels = np.clip(levels * (values.get("brightness", 100.0) / 100.0), 0, 255)
    levels = 255.0 * (levels / 255.0) ** (values.get("gamma", 100.0) / 100.0)
    table: Canvas = np.rint(levels).astype(np.uint8)
    return np.asarray(table[canvas], dtype=np.uint8)


def _blur(canvas: Canvas, values: Mapping[str, float]) -> Canvas:
    kernel_px = round(values.get("blur", 1.0)) | 1
    if kernel_px < 3:
        return canvas
    _, _, blur = _albumentations()
    return np.asarray(blur.box_blur(canvas, kernel_px), dtype=np.uint8)


def _salt_and_pepper(canvas: Canvas, values: Mapping[str, float], noise_seed: int) -> Canvas:
    share = values.get("salt_pepper", 0.0) / 100.0
    if share <= 0:
        return canvas
    _, pixel, _ = _albumentations()
    noise = np.random.default_rng(noise_seed).random(canvas.shape, dtype=np.float32)
    return np.asarray(pixel.apply_salt_and_pepper(canvas, noise < share / 2, noise > 1 - share / 2), dtype=np.uint8)


def _tint(canvas: Canvas, values: Mapping[str, float]) -> Canvas:
    """Shift hue and saturation of the grey picture as if it were RGB, and return its luminance."""
    hue, saturation = values.get("hue", 0.0), values.get("saturation", 0.0)
    if hue == 0 and saturation == 0:
        return canvas
    import cv2

    _, pixel, _ = _albumentations()
    coloured = pixel.shift_hsv(cv2.cvtColor(canvas, cv2.COLOR_GRAY2RGB), hue, saturation, 0.0)
    return np.asarray(cv2.cvtColor(coloured, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _albumentations() -> tuple[Any, Any, Any]:
    # Imported late: it takes seconds, and without the variable it asks the network for its newest version.
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
    from albumentations.augmentations.blur import functional as blur
    from albumentations.augmentations.geometric import functional as geometric
    from albumentations.augmentations.pixel import functional as pixel

    return geometric, pixel, blur
