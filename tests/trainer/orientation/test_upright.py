"""A radiograph is turned back where that is certain, exactly, and it is said; else it is left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests import factories
from tests.trainer.orientation.knowing import Knowing, network
from trainer.orientation import Upright, UprightCard
from trainer.orientation.canvas import CIRCLE, to_window
from trainer.orientation.network import STEPS, shares_of_steps
from trainer.orientation.upright import READER_TURNED, UNCERTAIN, turned_back
from trainer.radiograph import Radiograph

HAND = Radiograph(
    pixels=(factories.hand(120, 90) / np.float32(255)).astype(np.float32),
    source=Path("hand.png"),
    spacing_mm=(0.2, 0.3),
    cautions=("First.",),
)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_quarter_turn_is_undone_without_touching_a_pixel(quarters: int) -> None:
    lying = replace(
        HAND, pixels=np.rot90(HAND.pixels, -quarters), spacing_mm=(0.3, 0.2) if quarters % 2 else (0.2, 0.3)
    )
    found = Knowing(90 * quarters).righted(lying)
    np.testing.assert_array_equal(found.pixels, HAND.pixels)
    assert found.spacing_mm == HAND.spacing_mm
    degrees = {1: 90, 2: 180, 3: 90}[quarters]
    assert found.cautions == ("First.", f"The radiograph was turned by {degrees} degrees for reading.")
    assert not found.pixels.flags.writeable


@pytest.mark.parametrize(("degrees", "certainty"), [(90, 0.89), (180, 0.5), (0, 1.0), (15, 1.0), (-15, 1.0)])
def test_what_is_upright_or_uncertain_is_left_alone_and_uncertainty_is_said(degrees: float, certainty: float) -> None:
    found = Knowing(degrees, certainty).righted(HAND)
    assert found.pixels is HAND.pixels
    assert found.cautions == ("First.",) + ((UNCERTAIN,) if certainty < 0.9 else ())
    assert Knowing(degrees, certainty).undone_degrees(HAND) == 0


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_where_it_is_not_certain_the_readers_turn_counts(quarters: int) -> None:
    lying = replace(HAND, pixels=np.rot90(HAND.pixels, quarters), quarters=quarters)
    found = Knowing(0, 0.4).righted(lying)
    np.testing.assert_array_equal(found.pixels, HAND.pixels)
    assert found.cautions == ("First.", READER_TURNED)
    assert Knowing(0, 0.4).undone_degrees(lying) == {1: -90, 2: 180, 3: 90}[quarters]


def test_a_readers_turn_that_is_certainly_wrong_is_undone() -> None:
    turned = replace(HAND, quarters=1)  # on the screen it lies on its side, as whoever knows says
    found = Knowing(90).righted(turned)
    assert found.pixels is HAND.pixels
    assert found.cautions == ("First.",)
    assert Knowing(90).undone_degrees(turned) == 0


def test_a_slanting_hand_in_a_lying_frame_loses_nothing_to_the_frame() -> None:
    """Quarter turns first: a picture turned by 126 degrees fits its own frame as one turned by 36."""
    lying = replace(HAND, pixels=np.ascontiguousarray(np.rot90(HAND.pixels, -1)))
    for degrees in (36.0, -40.0):
        upright, sideways = turned_back(HAND, degrees), turned_back(lying, degrees + 90)
        np.testing.assert_array_equal(sideways.pixels, upright.pixels)


def test_another_angle_is_undone_in_the_same_frame() -> None:
    dot = np.zeros((101, 101), np.float32)
    dot[15, 50 + 35] = 1.0  # up and right: 45 degrees clockwise
    found = Knowing(45).righted(replace(HAND, pixels=dot))
    assert found.pixels.shape == dot.shape
    row, column = np.unravel_index(found.pixels.argmax(), dot.shape)
    assert abs(row - (50 - 35 * np.sqrt(2))) <= 1
    assert column == 50
    assert found.cautions[-1] == "The radiograph was turned by 45 degrees for reading."
    assert found.spacing_mm == HAND.spacing_mm


def test_turning_back_and_forth_comes_back() -> None:
    there = turned_back(HAND, -90)
    np.testing.assert_array_equal(there.pixels, np.rot90(HAND.pixels, -1))
    np.testing.assert_array_equal(turned_back(there, 90).pixels, HAND.pixels)


def test_quarter_turns_are_found_as_they_are_undone() -> None:
    turns, certainty = Knowing(270, 0.95).find_quarter_turns(HAND)
    assert turns == 3
    assert certainty == pytest.approx(0.95)


def test_the_answer_turns_with_the_picture_and_its_mirror_image_exactly() -> None:
    upright = Upright(network(), UprightCard(least_certainty=0.9))
    plain = upright.shares([to_window(HAND.pixels)])[0]
    assert plain.shape == (STEPS,)
    assert plain.sum() == pytest.approx(1, abs=1e-5)
    clockwise = upright.shares([to_window(np.rot90(HAND.pixels, -1))])[0]
    np.testing.assert_allclose(clockwise, np.roll(plain, STEPS // 4), atol=1e-5)
    mirror = upright.shares([to_window(HAND.pixels[:, ::-1])])[0]
    np.testing.assert_allclose(mirror, plain[-np.arange(STEPS) % STEPS], atol=1e-5)
    assert np.ptp(plain) > 1e-4  # or all of this says nothing


def test_exposure_and_corners_do_not_matter() -> None:
    window = to_window(HAND.pixels)
    np.testing.assert_allclose(to_window(HAND.pixels * 0.5 + 0.2), window, atol=0.25)
    cornered = HAND.pixels.copy()
    cornered[:10, :8] = 1.0
    np.testing.assert_allclose(to_window(cornered), window, atol=1e-5)
    assert np.all(window[~CIRCLE] == 0)
    assert window[CIRCLE].mean() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("shape", [(40, 30), (64, 64), (1, 200), (3000, 2000)])
def test_any_size_has_a_window(shape: tuple[int, int]) -> None:
    window = to_window(np.random.default_rng(1).random(shape, dtype=np.float32))
    assert window.shape == (64, 64)
    assert np.isfinite(window).all()
    assert np.isfinite(to_window(np.zeros(shape, np.float32))).all()


def test_no_gradient_is_kept_and_no_mode_leaks() -> None:
    found = shares_of_steps(network(), torch.zeros(2, 64, 64))
    assert not found.requires_grad
    assert not torch.is_inference_mode_enabled()
