"""The 33 transformations: each does what its name says, and what reading undoes is undone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import factories
from tests.trainer.stress.tried import change
from trainer.radiograph import Radiograph
from trainer.stress import TRANSFORMATIONS, Transformation, transformed

LEVELS = factories.hand(120, 90)
HAND = Radiograph(pixels=(LEVELS / np.float32(255)).astype(np.float32), source=Path("hand.png"), spacing_mm=(0.2, 0.3))


def _pixels(name: str) -> np.ndarray:
    return transformed(HAND, change(name)).pixels


def test_there_are_33_by_name_of_the_kinds_of_the_public_test() -> None:
    assert len(TRANSFORMATIONS) == len({one.name for one in TRANSFORMATIONS}) == 33
    kinds = Counter(one.kind for one in TRANSFORMATIONS)
    assert {"rotation", "mirror", "upside down", "brightness", "contrast", "inversion", "resolution"} <= set(kinds)
    assert {"noise", "crop", "marker", "compression"} <= set(kinds)
    assert max(one.amount for one in TRANSFORMATIONS if one.kind == "rotation") >= 180


@pytest.mark.parametrize("one", TRANSFORMATIONS, ids=lambda one: one.name)
def test_each_changes_the_picture_and_keeps_it_one(one: Transformation) -> None:
    before = HAND.pixels.copy()
    found = transformed(HAND, one, seed=3)
    np.testing.assert_array_equal(HAND.pixels, before)  # the argument is left alone
    assert found.pixels.dtype == np.float32
    assert found.pixels.min() >= 0
    assert found.pixels.max() <= 1
    assert not found.pixels.flags.writeable
    same = found.pixels.shape == HAND.pixels.shape and np.abs(found.pixels - HAND.pixels).max() < 1e-3
    assert same == (found.was_inverted)  # inversion alone is undone on reading


def test_inversion_is_undone_as_reading_does_and_said() -> None:
    found = transformed(HAND, change("inversion"))
    np.testing.assert_allclose(found.pixels, HAND.pixels, atol=1e-6)
    assert found.was_inverted
    assert any("inverted" in caution for caution in found.cautions)


def test_quarter_turns_move_pixels_clockwise_without_touching_them() -> None:
    np.testing.assert_array_equal(_pixels("rotation 90°"), np.rot90(HAND.pixels, -1))
    np.testing.assert_array_equal(_pixels("rotation 180°"), HAND.pixels[::-1, ::-1])
    np.testing.assert_array_equal(_pixels("rotation 270°"), np.rot90(HAND.pixels))
    assert transformed(HAND, change("rotation 90°")).spacing_mm == (0.3, 0.2)
    assert transformed(HAND, change("rotation 180°")).spacing_mm == (0.2, 0.3)


def test_other_angles_turn_clockwise_in_the_same_frame() -> None:
    dot = np.zeros((101, 101), np.float32)
    dot[10, 50] = 1.0  # twelve o'clock
    for name, row, column in (("rotation 30°", 50 - 40 * np.cos(np.pi / 6), 50 + 40 * np.sin(np.pi / 6)),):
        found = transformed(replace(HAND, pixels=dot), change(name)).pixels
        place = np.unravel_index(found.argmax(), found.shape)
        np.testing.assert_allclose(place, (row, column), atol=1)
        assert found.shape == dot.shape


def test_flips_are_exact() -> None:
    np.testing.assert_array_equal(_pixels("mirror"), HAND.pixels[:, ::-1])
    np.testing.assert_array_equal(_pixels("upside down"), HAND.pixels[::-1])


def test_grey_levels_follow_their_per_cent() -> None:
    np.testing.assert_allclose(_pixels("brightness 50 %"), HAND.pixels / 2, atol=1e-6)
    np.testing.assert_allclose(_pixels("brightness 150 %"), np.minimum(1, HAND.pixels * 1.5), atol=1e-6)
    mean = HAND.pixels.mean()
    np.testing.assert_allclose(_pixels("contrast 50 %"), (HAND.pixels + mean) / 2, atol=1e-5)


def test_resolution_keeps_the_size_and_loses_detail() -> None:
    detail = [np.abs(np.diff(_pixels(f"resolution {percent} %"))).mean() for percent in (75, 50, 25)]
    assert np.abs(np.diff(HAND.pixels)).mean() > detail[0] > detail[1] > detail[2] > 0
    assert _pixels("resolution 25 %").shape == HAND.pixels.shape


def test_noise_has_its_spread_and_its_seed() -> None:
    grey = replace(HAND, pixels=np.full((300, 300), 0.5, np.float32))
    noise = transformed(grey, change("noise 5 %"), seed=1).pixels
    assert noise.std() == pytest.approx(0.05, rel=0.02)
    np.testing.assert_array_equal(transformed(grey, change("noise 5 %"), seed=1).pixels, noise)
    assert np.any(transformed(grey, change("noise 5 %"), seed=2).pixels != noise)


def test_crops_come_off_every_side() -> None:
    np.testing.assert_array_equal(_pixels("crop 10 %"), HAND.pixels[12:-12, 9:-9])


def test_a_marker_is_white_in_its_corner_and_nowhere_else() -> None:
    dark = replace(HAND, pixels=np.zeros((400, 300), np.float32))
    drawn = transformed(dark, change("marker 10 %")).pixels
    rows, columns = np.nonzero(drawn > 0.5)
    assert (rows.min(), rows.max(), columns.min()) == (12, 51, 12)  # a margin of 3 %, then 40 pixels
    assert columns.max() == 12 + 24 - 1
    assert set(np.unique(drawn)) == {0, 1}


def test_compression_leaves_blocks_the_more_the_less_its_quality() -> None:
    loss = [np.abs(_pixels(f"compression JPEG {quality}") - HAND.pixels).mean() for quality in (50, 10)]
    assert 0 < loss[0] < loss[1] < 0.1
