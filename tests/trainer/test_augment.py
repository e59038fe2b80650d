"""Recipes: draw the numbers, then apply them."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.factories import hand
from trainer.augment import RECIPES, TRANSFORMS, Drawn, Recipe, Step, apply, draw, random_for
from trainer.errors import ConfigError

CANVAS = hand(96, 96)


def _one(**values: float) -> Drawn:
    return Drawn(values=values, noise_seed=1)


def _rng(epoch: int = 1) -> np.random.Generator:
    return random_for(seed=0, case_id="1377", epoch=epoch)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_the_neutral_value_changes_nothing(name: str) -> None:
    neutral = TRANSFORMS[name].neutral
    np.testing.assert_array_equal(apply(CANVAS, _one(**{name: neutral})), CANVAS)


def test_all_neutral_values_together_change_nothing() -> None:
    neutral = {name: facts.neutral for name, facts in TRANSFORMS.items()}
    np.testing.assert_array_equal(apply(CANVAS, _one(**neutral)), CANVAS)


@pytest.mark.parametrize("end", ["lowest", "highest"])
@pytest.mark.parametrize("name", TRANSFORMS)
def test_every_transform_keeps_bytes_shape_and_its_argument(name: str, end: str) -> None:
    lowest, highest = TRANSFORMS[name].lowest, TRANSFORMS[name].highest
    value = lowest if end == "lowest" else highest
    frozen = CANVAS.copy()
    frozen.setflags(write=False)
    changed = apply(frozen, _one(**{name: value}))
    assert changed.dtype == np.uint8
    assert changed.shape == CANVAS.shape
    np.testing.assert_array_equal(frozen, CANVAS)
    if value != TRANSFORMS[name].neutral and name not in ("crop_x", "crop_y", "hue", "saturation"):
        assert (changed != CANVAS).any()  # a crop alone has nothing to choose from; tints of grey may round away


def _centre(canvas: np.ndarray) -> tuple[float, float]:
    rows, columns = np.nonzero(canvas > 127)
    return float(rows.mean()), float(columns.mean())


def _block(row: int, column: int) -> np.ndarray:
    canvas = np.zeros((101, 101), dtype=np.uint8)
    canvas[row - 4 : row + 5, column - 4 : column + 5] = 255
    return canvas


def test_what_moves_moves_as_it_says() -> None:
    middle = _block(50, 50)
    assert _centre(apply(middle, _one(shift_x=10.0))) == pytest.approx((50, 60.1), abs=0.3)
    assert _centre(apply(middle, _one(shift_y=-10.0))) == pytest.approx((39.9, 50), abs=0.3)
    right = _block(50, 80)
    turned = _centre(apply(right, _one(rotation=90.0)))
    assert abs(turned[1] - 50) < 0.5
    assert abs(abs(turned[0] - 50) - 30) < 0.5
    assert _centre(apply(right, _one(scale_x=120.0))) == pytest.approx((50, 86), abs=0.6)
    assert _centre(apply(_block(80, 50), _one(scale_y=50.0))) == pytest.approx((65, 50), abs=0.6)
    assert _centre(apply(_block(80, 80), _one(scale=120.0))) == pytest.approx((86, 86), abs=0.6)
    low = _centre(apply(_block(80, 50), _one(shear_x=20.0)))
    assert abs(abs(low[1] - 50) - 6) < 0.6  # 30 rows from the middle, a fifth of it sideways
    assert low[0] == pytest.approx(80, abs=0.5)
    np.testing.assert_array_equal(apply(CANVAS, _one(flip=1.0)), CANVAS[:, ::-1])


def test_a_crop_chooses_the_window_of_a_scaled_picture() -> None:
    middle = _block(50, 50)
    places = [_centre(apply(middle, _one(scale_x=120.0, crop_x=crop)))[1] for crop in (-1.0, 0.0, 1.0)]
    assert places == pytest.approx([50 - 10.1, 50, 50 + 10.1], abs=0.6)


def test_what_changes_grey_changes_it_as_it_says() -> None:
    even = np.full((32, 32), 100, dtype=np.uint8)
    assert set(np.unique(apply(even, _one(brightness=130.0)))) == {130}
    assert set(np.unique(apply(even, _one(contrast=150.0)))) == {100}  # contrast is about the mean
    halves = np.repeat([[50], [150]], 16, axis=0).astype(np.uint8).repeat(32, axis=1)
    assert set(np.unique(apply(halves, _one(contrast=150.0)))) == {25, 175}
    assert set(np.unique(apply(even, _one(gamma=200.0)))) == {round(255 * (100 / 255) ** 2)}
    noisy = apply(even, _one(salt_pepper=8.0))
    assert np.mean(noisy != 100) == pytest.approx(0.08, abs=0.025)
    assert set(np.unique(noisy)) == {0, 100, 255}
    blurred = apply(_block(50, 50), _one(blur=3.0))
    assert 0 < blurred[45, 50] < 255


def test_half_the_resolution_is_the_means_of_four_pixels_enlarged_between_their_middles() -> None:
    fine = np.random.default_rng(3).integers(0, 256, (32, 32)).astype(np.uint8)
    means = fine.reshape(16, 2, 16, 2).mean(axis=(1, 3))
    places = (np.arange(32) - 0.5) / 2
    across = np.array([np.interp(places, np.arange(16), row) for row in means])
    expected = np.array([np.interp(places, np.arange(16), column) for column in across.T]).T
    assert np.abs(apply(fine, _one(resolution=50.0)) - expected).max() <= 2


def test_compression_is_jpeg_of_that_quality() -> None:
    losses = []
    for quality in (75, 30, 10):
        file = io.BytesIO()
        Image.fromarray(CANVAS).save(file, "JPEG", quality=quality)
        compressed = apply(CANVAS, _one(compression=float(quality)))
        assert np.abs(compressed.astype(int) - np.asarray(Image.open(file))).max() <= 2
        losses.append(np.abs(compressed.astype(int) - CANVAS).mean())
    assert 0 < losses[0] < losses[1] < losses[2]


def test_grain_is_gaussian_and_its_seed_is_kept() -> None:
    even = np.full((200, 200), 128, dtype=np.uint8)
    grainy = apply(even, _one(grain=5.0))
    noise = (grainy.astype(float) - 128) / 255 * 100
    assert noise.mean() == pytest.approx(0, abs=0.1)
    assert noise.std() == pytest.approx(5, abs=0.1)
    assert np.mean(np.abs(noise) < 5) == pytest.approx(0.683, abs=0.02)
    np.testing.assert_array_equal(grainy, apply(even, _one(grain=5.0)))


def test_draws_keep_to_ranges_and_probabilities() -> None:
    recipe = RECIPES["improved"]
    rng = np.random.default_rng(0)
    draws = [draw(recipe, rng).values for _ in range(3000)]
    for step in recipe.steps:
        values = np.array([values[step.transform] for values in draws if step.transform in values])
        assert values.min() >= step.low
        assert values.max() <= step.high
        assert len(values) / 3000 == pytest.approx(step.probability, abs=0.03)
        width = step.high - step.low
        assert values.mean() == pytest.approx((step.low + step.high) / 2, abs=0.03 * width + 1e-9)
        assert values.std() == pytest.approx(width / np.sqrt(12), abs=0.03 * width + 1e-9)


def test_the_improved_recipe_is_the_papers() -> None:
    found = {step.transform: (step.low, step.high, step.probability) for step in RECIPES["improved"].steps}
    assert found == {
        "rotation": (-15, 15, 1),
        "shear_x": (-20, 20, 1),
        "shear_y": (-20, 20, 1),
        "scale_x": (90, 120, 1),
        "scale_y": (90, 120, 1),
        "crop_x": (-1, 1, 1),
        "crop_y": (-1, 1, 1),
        "contrast": (70, 150, 1),
        "brightness": (70, 130, 1),
        "blur": (3, 3, 0.2),
        "salt_pepper": (3, 8, 1),
        "hue": (-5, 5, 1),
        "saturation": (-5, 5, 1),
    }
    assert RECIPES["baseline"].steps == ()


@pytest.mark.parametrize("name", RECIPES)
def test_the_same_seed_gives_the_same_picture(name: str) -> None:
    recipe = RECIPES[name]
    first, again, later = draw(recipe, _rng()), draw(recipe, _rng()), draw(recipe, _rng(epoch=2))
    assert first == again
    np.testing.assert_array_equal(apply(CANVAS, first), apply(CANVAS, again))
    if recipe.steps:
        assert first != later
        assert (apply(CANVAS, first) != apply(CANVAS, later)).any()
    else:
        np.testing.assert_array_equal(apply(CANVAS, first), CANVAS)


def test_cases_epochs_and_seeds_draw_apart() -> None:
    step = Recipe(name="one", steps=(Step(transform="rotation", low=-15, high=15),))
    draws = {
        draw(step, random_for(seed=seed, case_id=case_id, epoch=epoch)).values["rotation"]
        for seed in (0, 1)
        for case_id in ("1", "2", "12")
        for epoch in (1, 2)
    }
    assert len(draws) == 12


def test_an_unlucky_step_leaves_the_numbers_of_the_others_alone() -> None:
    """So that turning the probability of one step does not redraw the rest of a training."""

    def drawn(probability: float) -> Drawn:
        blur = Step(transform="blur", low=3, high=5, probability=probability)
        return draw(Recipe(name="two", steps=(blur, Step(transform="rotation", low=-15, high=15))), _rng())

    never, always = drawn(0.0), drawn(1.0)
    assert "blur" not in never.values
    assert "blur" in always.values
    assert never.values["rotation"] == always.values["rotation"]
    assert never.noise_seed == always.noise_seed


def test_draws_stay_what_they_are() -> None:
    """A training is repeated by its seed for years: these numbers may only change together with the recipes."""
    values = draw(RECIPES["improved"], _rng()).values
    assert {name: round(value, 6) for name, value in list(values.items())[:3]} == STABLE


@pytest.mark.parametrize(
    ("name", "fingerprint"),
    [
        ("baseline", "8cc7f5b31e1af03f"),
        ("improved", "b6bb4ce6af939844"),
        ("steady", "00dd4a9a364e824d"),
        ("gentle", "1df4ce25edaa2044"),
        ("sturdy", "70802bfbcb8f768d"),
    ],
)
def test_every_shipped_recipe_draws_what_it_always_drew(name: str, fingerprint: str) -> None:
    """Trainings that were paused go on with these numbers."""
    draws = [draw(RECIPES[name], _rng(epoch)) for epoch in range(1, 41)]
    said = [[sorted((key, round(value, 9)) for key, value in one.values.items()), one.noise_seed] for one in draws]
    assert hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16] == fingerprint


STABLE = {"rotation": 7.165777, "shear_x": -9.026371, "shear_y": 5.504297}


def test_a_caption_names_what_was_drawn() -> None:
    assert _one().caption == "unchanged"
    assert _one(rotation=-7.25, scale_x=110.0).caption == "rotation -7.25°, scale x 110%"


def test_the_lines_of_a_caption_put_x_and_y_side_by_side() -> None:
    assert _one().lines == ("unchanged",)
    drawn = _one(rotation=-7.25, shear_x=-9.04, shear_y=5.75, blur=3.0, scale_x=110.0, crop_y=0.504)
    assert drawn.lines == ("rotation −7.2°", "shear −9/6 %", "blur 3 px", "scale x 110 %", "crop y 0.50")


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_recipe_survives_json(recipe: Recipe) -> None:
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


ROTATION: dict[str, Any] = {"transform": "rotation", "low": -5, "high": 5}


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"steps": []}, "name"),
        ({"name": 7, "steps": []}, "name"),
        ({"name": "x"}, "steps"),
        ({"name": "x", "steps": "rotation"}, "steps"),
        ([1, 2], "steps"),
        ({"name": "x", "steps": [5]}, "Step 1"),
        ({"name": "x", "steps": [ROTATION, {"transform": "blur", "low": 3}]}, "Step 2.*high"),
        ({"name": "x", "steps": [{**ROTATION, "hihg": 3}]}, "hihg"),
        ({"name": "x", "steps": [{**ROTATION, "transform": "rotate"}]}, "rotate"),
        ({"name": "x", "steps": [{**ROTATION, "transform": []}]}, "transform"),
        ({"name": "x", "steps": [{**ROTATION, "low": -500}]}, "rotation.*-180 to 180"),
        ({"name": "x", "steps": [{**ROTATION, "low": 6}]}, "rotation"),
        ({"name": "x", "steps": [{**ROTATION, "low": "a"}]}, "rotation: low"),
        ({"name": "x", "steps": [{**ROTATION, "high": float("nan")}]}, "rotation: high"),
        ({"name": "x", "steps": [{**ROTATION, "low": True}]}, "rotation: low"),
        ({"name": "x", "steps": [{**ROTATION, "high": 10**400}]}, "rotation: high"),
        ({"name": "x", "steps": [{**ROTATION, "probability": 1.5}]}, "rotation: probability"),
        ({"name": "x", "steps": [{**ROTATION, "probability": None}]}, "rotation: probability"),
        ({"name": "x", "steps": [ROTATION, ROTATION]}, "rotation comes twice"),
    ],
)
def test_a_wrong_recipe_is_refused_by_the_name_of_what_is_wrong(values: Any, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        Recipe.from_json(values)
