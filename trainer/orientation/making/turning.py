"""Turning: training windows, drawn at random from upright radiographs, with the step that is right for each."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from trainer.orientation.canvas import CIRCLE, SIDE_PX
from trainer.orientation.network import STEPS

# Ranges of logarithms: of width by height, and of the hand's size in the picture.
STRETCH: Final = 0.3
SMALLER: Final = 0.7
LARGER: Final = 0.2
SHIFT: Final = 0.15  # of half a side
GAMMA: Final = 0.5
GREY: Final = (0.5, 1.6)  # factors of contrast and of brightness
NOISE: Final = 0.08
BLURRED_SHARE: Final = 0.4
_LEAST_SPREAD: Final = 0.02


def draw_turned(radiographs: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return windows float[n, 64, 64] of radiographs uint8[n, height, width], and each step's share, float[n, 24].

    Every radiograph is mirrored or not, turned by any angle, stretched, moved, exposed and blurred otherwise. Outside
    of it lies an even grey, or its own reflection.
    """
    count = len(radiographs)
    degrees = 360.0 * torch.rand(count, generator=generator)
    pictures = _moved(radiographs[:, None].float() / 255.0, degrees, generator)
    return normal(_exposed(pictures, generator)), _right_steps(degrees)


def normal(pictures: Tensor) -> Tensor:
    """Return windows of pictures float[n, 64, 64], as ``canvas.to_window`` makes them."""
    circle = torch.from_numpy(CIRCLE)
    inside = pictures[:, circle]
    mean, spread = inside.mean(1), inside.std(1, correction=0) + _LEAST_SPREAD
    return (pictures - mean[:, None, None]) / spread[:, None, None] * circle


def _moved(pictures: Tensor, degrees: Tensor, generator: torch.Generator) -> Tensor:
    count = len(pictures)
    angle = torch.deg2rad(degrees)
    size = torch.exp(_uniform(count, -LARGER, SMALLER, generator))  # above 1, the hand is smaller
    stretch = torch.exp(_uniform(count, -STRETCH, STRETCH, generator)).sqrt()
    side = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    across, down = side * size * stretch, size / stretch
    # Where each place of the window is found in the picture: turned back, then stretched.
    places = torch.zeros(count, 2, 3)
    places[:, 0, 0], places[:, 0, 1] = across * angle.cos(), across * angle.sin()
    places[:, 1, 0], places[:, 1, 1] = -down * angle.sin(), down * angle.cos()
    places[:, :, 2] = _uniform(2 * count, -SHIFT, SHIFT, generator).reshape(count, 2)
    grid = functional.affine_grid(places, [count, 1, SIDE_PX, SIDE_PX], align_corners=False)
    outside = "zeros" if float(torch.rand(1, generator=generator)) < 0.7 else "reflection"
    dark = torch.rand(count, generator=generator) < 0.6
    grey = torch.where(dark, 0.0, _uniform(count, 0.0, 0.7, generator))[:, None, None, None]
    moved = functional.grid_sample(pictures - grey, grid, padding_mode=outside, align_corners=False) + grey
    return moved[:, 0]


def _exposed(pictures: Tensor, generator: torch.Generator) -> Tensor:
    count = len(pictures)

    def factor(low: float, high: float) -> Tensor:
        return _uniform(count, low, high, generator)[:, None, None]

    exposed = pictures.clamp(0.0, 1.0) ** torch.exp(factor(-GAMMA, GAMMA))
    mean = exposed.mean((1, 2), keepdim=True)
    exposed = (((exposed - mean) * factor(*GREY) + mean) * factor(*GREY)).clamp(0.0, 1.0)
    exposed = exposed + torch.randn(exposed.shape, generator=generator) * factor(0.0, NOISE)
    if float(torch.rand(1, generator=generator)) < BLURRED_SHARE:
        exposed = functional.avg_pool2d(exposed[:, None], 3, 1, 1)[:, 0]
    return exposed


def _right_steps(degrees: Tensor) -> Tensor:
    """Share an angle between the two steps that it lies between."""
    place = degrees / (360.0 / STEPS)
    first = place.floor().long()
    rest = place - first
    right = torch.zeros(len(degrees), STEPS)
    right.scatter_(1, (first % STEPS)[:, None], (1.0 - rest)[:, None])
    right.scatter_add_(1, ((first + 1) % STEPS)[:, None], rest[:, None])
    return right


def _uniform(count: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(count, generator=generator)
