"""Even margins around a radiograph are left out for reading, whoever put them there; nothing else is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import factories
from tests.trainer import small
from trainer.explain.look import look_at
from trainer.margins import Box, picture_in, without_margins
from trainer.predictor import Predictor
from trainer.radiograph import Radiograph, Sex

RNG = np.random.default_rng(8)
PIXELS = np.clip(factories.hand(240, 180) / 255 + RNG.normal(0, 0.05, (240, 180)), 0, 1).astype(np.float32)
HAND = Radiograph(pixels=PIXELS, source=Path("hand.png"), spacing_mm=(0.2, 0.2))


def padded(
    radiograph: Radiograph, *, level: float = 0.0, rows: tuple[int, int], columns: tuple[int, int]
) -> Radiograph:
    """Add even borders."""
    return replace(radiograph, pixels=np.pad(radiograph.pixels, (rows, columns), constant_values=np.float32(level)))


@pytest.mark.parametrize("level", [0.0, 0.4, 1.0])
@pytest.mark.parametrize(
    ("rows", "columns"), [((40, 40), (30, 30)), ((0, 60), (0, 0)), ((0, 0), (80, 0)), ((120, 120), (90, 90))]
)
def test_what_was_added_around_a_picture_is_found_to_the_pixel(
    level: float, rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    around = padded(HAND, level=level, rows=rows, columns=columns)
    assert picture_in(around.pixels) == Box(rows[0], columns[0], 240, 180)
    np.testing.assert_array_equal(without_margins(around).pixels, PIXELS)
    assert without_margins(around).spacing_mm == HAND.spacing_mm


def test_narrow_borders_and_whole_pictures_stay() -> None:
    assert without_margins(HAND) is HAND
    narrow = padded(HAND, rows=(10, 10), columns=(8, 8))
    assert without_margins(narrow) is narrow


def test_a_compressed_border_is_even_and_a_noisy_one_is_not() -> None:
    around = padded(HAND, rows=(60, 60), columns=(0, 0))
    rippled = around.pixels + RNG.uniform(0, 0.015, around.pixels.shape).astype(np.float32)
    assert picture_in(rippled).height == 240
    noisy = around.pixels + RNG.uniform(0, 0.1, around.pixels.shape).astype(np.float32)
    assert picture_in(noisy).height == 360


@pytest.mark.parametrize("pixels", [np.zeros((50, 40), np.float32), np.pad(PIXELS[:100, :100], 60)])
def test_an_empty_picture_and_one_without_pixels_to_spare_are_left_whole(pixels: np.ndarray) -> None:
    assert picture_in(pixels) == Box(0, 0, *pixels.shape)


@pytest.mark.usefixtures("small_backbone")
def test_a_padded_radiograph_is_read_as_the_one_without_and_explained_where_it_lies() -> None:
    predictor = Predictor(small.networks(), small.card())
    around = padded(HAND, rows=(48, 80), columns=(60, 36))
    plain, answer = (predictor.predict(radiograph, sex=Sex.MALE) for radiograph in (HAND, around))
    assert answer.age_months == plain.age_months
    assert answer.cautions == plain.cautions
    (views, place), (others, there) = look_at(predictor, HAND), look_at(predictor, around)
    for one, other in zip(views, others, strict=True):
        np.testing.assert_array_equal(one.seen, other.seen)
    points = np.array([[0.0, 0.0], [7.0, 3.0]])
    np.testing.assert_allclose(there.to_radiograph(points), place.to_radiograph(points) + np.array([60, 48]))
