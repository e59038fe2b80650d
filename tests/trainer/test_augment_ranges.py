"""Every transform alone, over many draws: its numbers and what they do to a picture stay inside the declared range."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from tests.factories import hand
from trainer.augment import RECIPES, TRANSFORMS, Canvas, Drawn, Recipe, Step, apply, draw

DRAWS = 2000
SHOWN = 250  # of them are painted and measured
SIDE = 101
MIDDLE = (SIDE - 1) / 2
ARM = 30  # pixels from the middle to the block that is watched


def _block(row: float, column: float, reach: int = 3) -> Canvas:
    canvas = np.zeros((SIDE, SIDE), dtype=np.uint8)
    r, c = round(row), round(column)
    canvas[r - reach : r + reach + 1, c - reach : c + reach + 1] = 255
    return canvas


RIGHT, LOW, CENTRE = _block(MIDDLE, MIDDLE + ARM), _block(MIDDLE + ARM, MIDDLE), _block(MIDDLE, MIDDLE)
EVEN = np.full((64, 64), 100, dtype=np.uint8)
HALVES = np.repeat([[80], [120]], 32, axis=0).astype(np.uint8).repeat(64, axis=1)
POINT = _block(MIDDLE, MIDDLE, reach=0)


def _centre(canvas: Canvas) -> tuple[float, float]:
    weights = canvas.astype(np.float64)
    rows, columns = np.mgrid[: canvas.shape[0], : canvas.shape[1]]
    total = weights.sum()
    return float((rows * weights).sum() / total) - MIDDLE, float((columns * weights).sum() / total) - MIDDLE


def _angle(canvas: Canvas) -> float:
    row, column = _centre(canvas)
    return math.degrees(math.atan2(-row, column))


# What is measured on the picture, in the transform's own unit; the pattern; the tolerance of pixels and grey levels.
MEASURES: dict[str, tuple[Canvas, Callable[[Canvas], float], float]] = {
    "rotation": (RIGHT, _angle, 0.6),
    "shear_x": (LOW, lambda canvas: _centre(canvas)[1] / ARM * 100, 1.0),
    "shear_y": (RIGHT, lambda canvas: _centre(canvas)[0] / ARM * 100, 1.0),
    "scale_x": (RIGHT, lambda canvas: _centre(canvas)[1] / ARM * 100, 1.0),
    "scale_y": (LOW, lambda canvas: _centre(canvas)[0] / ARM * 100, 1.0),
    "scale": (RIGHT, lambda canvas: _centre(canvas)[1] / ARM * 100, 1.0),
    "shift_x": (CENTRE, lambda canvas: _centre(canvas)[1] / SIDE * 100, 0.2),
    "shift_y": (CENTRE, lambda canvas: _centre(canvas)[0] / SIDE * 100, 0.2),
    "contrast": (HALVES, lambda canvas: (int(canvas[-1, 0]) - int(canvas[0, 0])) / 40 * 100, 3.0),
    "brightness": (EVEN, lambda canvas: float(canvas[0, 0]), 0.6),
    "gamma": (EVEN, lambda canvas: math.log(canvas[0, 0] / 255) / math.log(100 / 255) * 100, 1.0),
    "blur": (POINT, lambda canvas: float(np.count_nonzero(canvas.max(axis=0))), 0.0),
    "salt_pepper": (EVEN, lambda canvas: float(np.mean(canvas != 100) * 100), 2.0),
    "grain": (EVEN, lambda canvas: float(canvas.std()) / 255 * 100, 0.5),
    "flip": (RIGHT, lambda canvas: float(_centre(canvas)[1] < 0), 0.0),
    "hue": (RIGHT, lambda canvas: 0.0 if np.array_equal(canvas, RIGHT) else math.inf, 0.0),
    "saturation": (RIGHT, lambda canvas: 0.0 if np.array_equal(canvas, RIGHT) else math.inf, 0.0),
}
RANGES: dict[str, tuple[float, float]] = {
    "rotation": (-15, 15), "shear_x": (-20, 20), "shear_y": (-12, 20), "scale_x": (90, 120), "scale_y": (85, 120),
    "scale": (90, 110), "shift_x": (-6, 6), "shift_y": (-3, 9), "contrast": (70, 150), "brightness": (70, 130),
    "gamma": (80, 125), "blur": (3, 7), "salt_pepper": (3, 8), "flip": (0, 1), "hue": (-5, 5), "saturation": (-5, 5),
    "crop_x": (-1, 1), "crop_y": (-1, 1), "grain": (0.5, 10), "resolution": (25, 100), "compression": (8, 60),
}  # fmt: skip


def _alone(name: str, probability: float = 1.0) -> Recipe:
    low, high = RANGES[name]
    return Recipe(name=name, steps=(Step(transform=name, low=low, high=high, probability=probability),))


def test_every_transform_is_looked_at() -> None:
    assert set(RANGES) == set(TRANSFORMS)
    assert set(MEASURES) | {"crop_x", "crop_y", "resolution", "compression"} == set(TRANSFORMS)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_numbers_are_uniform_in_the_range_over_2000_draws(name: str) -> None:
    rng = np.random.default_rng(11)
    low, high = RANGES[name]
    values = np.array([draw(_alone(name), rng).values[name] for _ in range(DRAWS)])
    assert low <= values.min() <= low + 0.01 * (high - low)
    assert high - 0.01 * (high - low) <= values.max() <= high
    places = np.sort((values - low) / (high - low))
    # Kolmogorov-Smirnov against the uniform: 1.95 / sqrt(n) is passed by chance once in a thousand.
    assert np.abs(places - (np.arange(DRAWS) + 0.5) / DRAWS).max() < 1.95 / math.sqrt(DRAWS)


@pytest.mark.parametrize("probability", [0.0, 0.2, 0.5, 1.0])
def test_a_transform_happens_as_often_as_it_says_over_2000_draws(probability: float) -> None:
    rng = np.random.default_rng(5)
    happened = sum("blur" in draw(_alone("blur", probability), rng).values for _ in range(DRAWS))
    assert abs(happened / DRAWS - probability) <= 4 * math.sqrt(probability * (1 - probability) / DRAWS)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_every_step_of_a_shipped_recipe_keeps_to_its_range_over_2000_draws(recipe: Recipe) -> None:
    rng = np.random.default_rng(2)
    draws = [draw(recipe, rng).values for _ in range(DRAWS)]
    for step in recipe.steps:
        values = [values[step.transform] for values in draws if step.transform in values]
        assert step.low <= min(values)
        assert max(values) <= step.high
        spread = math.sqrt(step.probability * (1 - step.probability) / DRAWS)
        assert abs(len(values) / DRAWS - step.probability) <= 4 * spread


@pytest.mark.parametrize("name", MEASURES)
def test_alone_a_transform_keeps_the_picture_inside_its_range(name: str) -> None:
    """Measured on the picture, in the transform's own unit: as it was drawn, so never outside the range."""
    pattern, measure, tolerance = MEASURES[name]
    low, high = RANGES[name]
    rng = np.random.default_rng(8)
    found = []
    for _ in range(SHOWN):
        drawn = draw(_alone(name), rng)
        changed = apply(pattern, drawn)
        assert changed.shape == pattern.shape
        assert changed.dtype == np.uint8
        found.append(measure(changed))
    assert low - tolerance <= min(found)
    assert max(found) <= high + tolerance
    if name not in ("hue", "saturation"):  # a grey picture has neither, and stays as it is
        assert max(found) - min(found) > 0.8 * (high - low), "the range is used"


@pytest.mark.parametrize("axis", ["x", "y"])
def test_a_crop_stays_inside_the_scaled_picture(axis: str) -> None:
    rng = np.random.default_rng(4)
    for _ in range(SHOWN):
        crop = draw(_alone(f"crop_{axis}"), rng).values[f"crop_{axis}"]
        scaled = Drawn(values={f"scale_{axis}": 120.0, f"crop_{axis}": crop}, noise_seed=0)
        full = np.full((SIDE, SIDE), 200, dtype=np.uint8)
        inner = apply(full, scaled)[1:-1, 1:-1]
        assert inner.min() == 200, "the window left the picture"
        alone = apply(hand(64, 64), Drawn(values={f"crop_{axis}": crop}, noise_seed=0))
        np.testing.assert_array_equal(alone, hand(64, 64))


@pytest.mark.parametrize("name", TRANSFORMS)
def test_identity_settings_change_nothing(name: str) -> None:
    neutral = TRANSFORMS[name].neutral
    picture = hand(80, 80)
    rng = np.random.default_rng(1)
    still = Recipe(name="still", steps=(Step(transform=name, low=neutral, high=neutral),))
    never = _alone(name, probability=0.0)
    for recipe in (still, never):
        for _ in range(20):
            np.testing.assert_array_equal(apply(picture, draw(recipe, rng)), picture)


def test_all_identity_settings_together_change_nothing() -> None:
    steps = tuple(Step(transform=name, low=known.neutral, high=known.neutral) for name, known in TRANSFORMS.items())
    drawn = draw(Recipe(name="still", steps=steps), np.random.default_rng(0))
    np.testing.assert_array_equal(apply(hand(80, 80), drawn), hand(80, 80))
