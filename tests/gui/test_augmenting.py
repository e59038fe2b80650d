"""The lab's work without a screen: the same pictures as in a training, ages in batches, their arithmetic."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from boneage_gui import work
from boneage_gui.work import augmenting
from tests.factories import hand, write_png
from tests.gui.fakes import FakePredictor, card
from tests.trainer import small
from trainer.augment import PAPERS, RECIPES, Recipe, Step, apply
from trainer.batches import TrainingBatches
from trainer.cases import read_cases
from trainer.config import config_for
from trainer.prediction import Prediction
from trainer.radiograph import Sex

ROTATION = Step(transform="rotation", low=-15, high=15)


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_lab_shows_what_a_training_with_its_seed_sees(recipe: str, tmp_path: Path) -> None:
    """Picture n of the lab is the case's canvas in epoch n, to the last pixel."""
    small.write_data_set(tmp_path / "data", count=4)
    config = config_for("improved", recipe=recipe, seed=17, side_px=48, network_px=48, aspect="squash")
    cache = small.canvases(read_cases(tmp_path / "data").cases, config)
    batches = TrainingBatches(cache, config)
    for index, case in enumerate(cache.cases):
        canvas = augmenting.canvas_of(work.read(case.image_path), config.preprocessing)
        draws = augmenting.draws_of(config.recipe, seed=17, case_id=case.case_id, count=6)
        pictures = dict(augmenting.paint(canvas, draws))
        np.testing.assert_array_equal(pictures[0], canvas)
        for epoch in range(1, 6):
            np.testing.assert_array_equal(pictures[epoch], batches.canvas(index, epoch))


def test_without_a_model_the_canvas_is_the_one_of_a_training_with_the_papers_values(tmp_path: Path) -> None:
    radiograph = work.read(write_png(tmp_path / "hand.png", hand(150, 90)))
    canvas = augmenting.canvas_of(radiograph, augmenting.default_preprocessing())
    assert canvas.shape == (224, 224)
    assert not canvas[:, :40].any(), "padded, not squashed"


def test_the_unchanged_come_first_so_that_nothing_waits_for_a_library() -> None:
    canvas = hand(40, 40)
    draws = augmenting.draws_of(RECIPES["steady"], seed=1, case_id="a", count=5)
    places = [place for place, _ in augmenting.paint(canvas, [draws[1], augmenting.ORIGINAL, draws[2]])]
    assert places == [1, 0, 2]
    assert [place for place, _ in augmenting.paint(canvas, augmenting.draws_of(Recipe(name="x"), seed=1, case_id="a",
            count=3))] == [0, 1, 2]  # fmt: skip


def test_a_strip_goes_from_one_end_of_the_range_to_the_other() -> None:
    draws = augmenting.strip_draws(RECIPES[PAPERS], ROTATION)
    assert [round(drawn.values["rotation"], 6) for drawn in draws] == [-15, -10, -5, 0, 5, 10, 15]
    assert all(set(drawn.values) == {"rotation"} for drawn in draws)
    even = augmenting.strip_draws(RECIPES[PAPERS], Step(transform="blur", low=3, high=3, probability=0.2))
    assert [dict(drawn.values) for drawn in even] == [{"blur": 3.0}]


def test_a_strip_of_a_crop_has_a_scaled_picture_to_crop() -> None:
    crop = Step(transform="crop_x", low=-1, high=1)
    beside = augmenting.strip_draws(RECIPES[PAPERS], crop)
    assert {drawn.values["scale_x"] for drawn in beside} == {120}
    canvas = hand(60, 60)
    left, right = apply(canvas, beside[0]), apply(canvas, beside[-1])
    assert (left != right).any()
    assert augmenting.crop_scale(RECIPES["baseline"], "crop_x") == {}


def test_ages_come_in_batches_after_the_radiographs_own(tmp_path: Path) -> None:
    radiograph = work.read(write_png(tmp_path / "hand.png", hand()))
    predictor = FakePredictor(card())
    draws = augmenting.draws_of(RECIPES["gentle"], seed=0, case_id="a", count=30)
    first, *rest = augmenting.ages_of(predictor, radiograph, Sex.MALE, draws)
    assert isinstance(first, Prediction)
    assert predictor.batches == [4, 16, 10]
    months: dict[int, float] = {}
    for part in rest:
        assert isinstance(part, augmenting.Ages)
        months.update(part.months)
    canvas = augmenting.canvas_of(radiograph, predictor.card.preprocessing)
    expected = [100 + 100 * apply(canvas, drawn).mean() / 255 - 6 for drawn in draws]
    assert list(months) == list(range(30))
    assert list(months.values()) == pytest.approx(expected)


def test_together_and_one_by_one_a_real_model_says_the_same(tmp_path: Path, untrained_model: Path) -> None:
    radiograph = work.read(write_png(tmp_path / "hand.png", hand()))
    predictor = work.load_predictor(untrained_model)
    draws = augmenting.draws_of(RECIPES["steady"], seed=0, case_id="a", count=7)
    prediction, *parts = augmenting.ages_of(predictor, radiograph, Sex.FEMALE, draws)
    assert isinstance(prediction, Prediction)
    canvas = augmenting.canvas_of(radiograph, predictor.card.preprocessing)
    for part in parts:
        assert isinstance(part, augmenting.Ages)
        for place, age in part.months.items():
            alone = predictor.ages_of_canvases([apply(canvas, draws[place])], [Sex.FEMALE])[0]
            assert age == pytest.approx(alone, abs=0.01)


def test_steadiness_is_of_the_drawn_pictures_alone() -> None:
    summed = augmenting.steadiness({0: 100.0, 1: 102.0, 2: 97.0, 3: 104.0})
    assert summed is not None
    assert (summed.count, summed.mean_months, summed.worst, summed.worst_shift_months) == (3, 101.0, 3, 4.0)
    assert summed.spread_months == pytest.approx(math.sqrt((1 + 16 + 9) / 2))
    assert augmenting.steadiness({1: 102.0}) is None
    assert augmenting.steadiness({0: 100.0}) is None
    assert augmenting.steadiness({0: math.nan, 1: 3.0}) is None
    one = augmenting.steadiness({0: 100.0, 1: 99.0, 2: math.nan})
    assert one is not None
    assert one.count == 1
    assert math.isnan(one.spread_months)


def test_difference_and_histogram() -> None:
    before, after = np.array([[0, 255], [4, 9]], dtype=np.uint8), np.array([[255, 0], [4, 8]], dtype=np.uint8)
    np.testing.assert_array_equal(augmenting.difference(before, after), [[255, -255], [0, -1]])
    shares = augmenting.histogram(before)
    assert shares.shape == (64,)
    assert shares.sum() == pytest.approx(1)
    assert [shares[0], shares[1], shares[2], shares[63]] == [0.25, 0.25, 0.25, 0.25]


@pytest.mark.parametrize("name", ["rotation", "flip", "scale", "salt_pepper"])
def test_a_transform_that_is_switched_on_begins_gently(name: str) -> None:
    step = augmenting.first_step(name)
    assert step.probability > 0
    assert (step.low, step.high) == {
        "rotation": (-36, 36), "flip": (1, 1), "scale": (90, 120), "salt_pepper": (0, 10)
    }[name]  # fmt: skip
