"""Transforms: what a recipe may do to a canvas, each with its unit, its bounds and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """One thing that can be done to a canvas by one number."""

    label: str
    unit: str
    neutral: float  # the value that changes nothing
    lowest: float  # the bounds of what a recipe may ask for
    highest: float
    decimals: int  # that are worth showing
    meaning: str

    @property
    def bounds(self) -> str:
        """The lowest and the highest value in words."""
        return f"{self.lowest:g} to {self.highest:g}{' ' + self.unit if self.unit else ''}"

    def shown(self, value: float) -> str:
        """A value with its unit, as short as it is still true."""
        text = f"{value:.{self.decimals}f}".replace("-", "−")
        gap = "" if self.unit in ("", "°") else " "
        return f"{text}{gap}{self.unit}"


def _of(label: str, unit: str, bounds: tuple[float, float, float], decimals: int, meaning: str) -> Transform:
    """Make one of the table's rows; ``bounds`` are the lowest value, the neutral and the highest."""
    lowest, neutral, highest = bounds
    return Transform(
        label=label,
        unit=unit,
        neutral=neutral,
        lowest=lowest,
        highest=highest,
        decimals=decimals,
        meaning=meaning,
    )


_SHEAR, _SCALE, _CROP = (-50.0, 0.0, 50.0), (50.0, 100.0, 200.0), (-1.0, 0.0, 1.0)
_SHIFT, _GREY = (-30.0, 0.0, 30.0), (20.0, 100.0, 300.0)

TRANSFORMS: Final[Mapping[str, Transform]] = {
    "flip": _of("Mirror", "", (0.0, 0.0, 1.0), 1, "Swaps left and right; 0.5 and above is swapped"),
    "rotation": _of("Rotation", "°", (-180.0, 0.0, 180.0), 1, "Turns about the middle; above 0 is anticlockwise"),
    "shear_x": _of("Shear x", "%", _SHEAR, 0, "Slants sideways: above 0 the lower rows move right"),
    "shear_y": _of("Shear y", "%", _SHEAR, 0, "Slants upright: above 0 the right columns move down"),
    "scale_x": _of("Scale x", "%", _SCALE, 0, "Width; 100 % is as it is"),
    "scale_y": _of("Scale y", "%", _SCALE, 0, "Height; 100 % is as it is"),
    "scale": _of("Scale", "%", _SCALE, 0, "Width and height alike; 100 % is as it is"),
    "crop_x": _of("Crop x", "", _CROP, 2, "Which part of a scaled picture is kept, across; alone it does nothing"),
    "crop_y": _of("Crop y", "", _CROP, 2, "Which part of a scaled picture is kept, down; alone it does nothing"),
    "shift_x": _of("Shift x", "%", _SHIFT, 1, "Moves sideways by a share of the width; above 0 is right"),
    "shift_y": _of("Shift y", "%", _SHIFT, 1, "Moves upright by a share of the height; above 0 is down"),
    "contrast": _of("Contrast", "%", _GREY, 0, "Spreads grey levels about the picture’s own mean"),
    "brightness": _of("Brightness", "%", _GREY, 0, "Multiplies grey levels; white stays white"),
    "gamma": _of("Gamma", "%", _GREY, 0, "Bends grey levels: above 100 % darkens the middle"),
    "blur": _of("Blur", "px", (1.0, 1.0, 15.0), 0, "Averages a square of so many pixels, odd numbers alone"),
    "salt_pepper": _of("Noise", "%", (0.0, 0.0, 50.0), 1, "Salt and pepper: the share of pixels turned white or black"),
    "grain": _of("Grain", "%", (0.0, 0.0, 30.0), 1, "Gaussian noise: its standard deviation in per cent of white"),
    "resolution": _of("Resolution", "%", (10.0, 100.0, 100.0), 0, "Made smaller and enlarged again; 100 % is as it is"),
    "compression": _of("JPEG", "", (1.0, 100.0, 100.0), 0, "Compression of this quality; 100 is as good as untouched"),
    "hue": _of("Hue", "", (-90.0, 0.0, 90.0), 0, "The paper’s; a grey picture has none, so nothing changes"),
    "saturation": _of("Saturation", "", (-128.0, 0.0, 128.0), 0, "The paper’s; a grey picture has none: no change"),
}
