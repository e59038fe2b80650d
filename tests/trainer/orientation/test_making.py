"""How the finder is made: windows turned the way their labels say, learning that learns, figures worked by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.trainer.orientation.knowing import Knowing
from tests.trainer.orientation.test_upright import HAND
from trainer.orientation import Turn
from trainer.orientation.making import turning
from trainer.orientation.making.learning import learn
from trainer.orientation.making.measuring import least_certainty, measured
from trainer.orientation.network import STEPS, TurnNetwork, shares_of_steps
from trainer.orientation.turn import turn_of


@pytest.fixture
def only_turned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the angle differs."""
    for name in ("STRETCH", "SMALLER", "LARGER", "SHIFT", "GAMMA", "NOISE", "BLURRED_SHARE"):
        monkeypatch.setattr(turning, name, 0.0)
    monkeypatch.setattr(turning, "GREY", (1.0, 1.0))


def _needle(count: int) -> torch.Tensor:
    """A bright needle from the middle to twelve o'clock, uint8[count, 100, 100]."""
    picture = np.full((100, 100), 20, np.uint8)
    picture[8:50, 46:54] = 250
    return torch.from_numpy(np.stack([picture] * count))


@pytest.mark.usefixtures("only_turned")
def test_the_label_says_which_way_the_picture_was_turned() -> None:
    windows, right = turning.draw_turned(_needle(40), torch.Generator().manual_seed(1))
    rows, columns = np.mgrid[:64, :64] - 31.5
    for window, share in zip(windows.numpy(), right.numpy(), strict=True):
        bright = np.where(window > 1, 1.0, 0.0)
        seen = np.degrees(np.arctan2((bright * columns).sum(), -(bright * rows).sum()))  # clockwise from above
        assert abs(180 - (180 - (turn_of(share).degrees - seen)) % 360) < 4


def test_windows_are_as_those_that_are_read() -> None:
    windows, right = turning.draw_turned(_needle(8), torch.Generator().manual_seed(2))
    assert windows.shape == (8, 64, 64)
    assert right.sum(1).tolist() == pytest.approx([1] * 8)
    from trainer.orientation.canvas import to_window

    picture = np.random.default_rng(3).random((64, 64), dtype=np.float32)
    found = turning.normal(torch.from_numpy(picture)[None])[0].numpy()
    np.testing.assert_allclose(found, to_window(picture), atol=1e-5)


@pytest.mark.usefixtures("only_turned")
def test_learning_learns_and_sets_aside_what_lies_turned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.orientation.making.learning.BATCH", 32)
    monkeypatch.setattr("trainer.orientation.making.learning.LYING_CERTAINTY", 0.4)
    torch.manual_seed(0)
    network, pictures = TurnNetwork(), _needle(192)
    pictures[5] = torch.rot90(pictures[5], 1)
    events = list(learn(network, pictures, epochs=8))
    assert [event.epoch for event in events] == list(range(1, 9))
    assert events[-1].loss < 0.6 * events[0].loss
    assert [event.set_aside for event in events] == [0] * 4 + [1] * 4
    assert not network.training
    windows, right = turning.draw_turned(_needle(64), torch.Generator().manual_seed(9))
    found = [turn_of(row.numpy()).degrees for row in shares_of_steps(network, windows)]
    wanted = [turn_of(row.numpy()).degrees for row in right]
    apart = [abs(180 - (180 - (one - other)) % 360) for one, other in zip(found, wanted, strict=True)]
    assert np.median(apart) < 10


def test_the_least_certainty_lets_under_a_thousandth_be_turned() -> None:
    upright = [Turn(degrees=3, certainty=0.999)] * 1997
    over = [Turn(degrees=170, certainty=0.955), Turn(degrees=-90, certainty=0.965), Turn(degrees=60, certainty=0.975)]
    assert least_certainty([*upright, *over]) == 0.97  # one of 2,000 is under a thousandth, two are not
    assert least_certainty(upright) == 0.95
    assert least_certainty([Turn(degrees=30, certainty=1)] * 10) == 0.95  # slanting, not turned over
    assert least_certainty([*upright[:10], *over * 4]) == 0.98


def test_figures_are_counted_as_their_names_say() -> None:
    upside_down = measured(Knowing(180), [HAND] * 4, where="here")
    assert upside_down["here: upright, but turned over"]["share"] == 1
    assert upside_down["here: right quarter turn, in all four turns and mirrored"]["count"] == 0
    slanting = measured(Knowing(30), [HAND] * 4, where="here")
    assert slanting["here: slanting in its file by 20 to 45 degrees, straightened"]["count"] == 4
    assert slanting["here: upright, but turned over"]["count"] == 0
    seen = measured(Knowing(180), [HAND, replace(HAND, source=Path("other.png"))], where="here", lying=["hand"])
    assert seen["here: upright, but turned over"]["n"] == 1
    assert seen["here: certain"]["n"] == 2
    unsure = measured(Knowing(0, 0.6), [HAND] * 4, where="here")
    assert unsure["here: certain"]["count"] == 0
    assert all(0 <= row["low"] <= row["share"] <= row["high"] <= 1 for row in unsure.values())


def test_a_step_is_fifteen_degrees() -> None:
    assert STEPS == 24
