"""What a turn says and what is done about it, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.trainer.orientation.knowing import shares
from trainer.orientation import Turn
from trainer.orientation.turn import quarter_of, turn_of


@pytest.mark.parametrize(
    ("found", "undone"),
    [
        (0, 0),
        (20, 0),  # the models were trained on hands that lean as far
        (-20, 0),
        (20.5, 20.5),
        (-45, -45),
        (69, 69),
        (70, 90),  # close to a quarter turn: by that
        (90, 90),
        (110, 90),
        (-95, -90),
        (179, 180),
        (-165, -180),
        (135, 135),
    ],
)
def test_what_is_undone(found: float, undone: float) -> None:
    assert Turn(degrees=found, certainty=1).undone_degrees == undone


def test_an_angle_lies_between_its_steps() -> None:
    between = (shares(345) * 1 + shares(0) * 3) / 4  # -15 and 0
    turn = turn_of(between.astype(np.float32))
    assert turn.degrees == pytest.approx(-3.75)
    assert turn.certainty == pytest.approx(1)
    assert turn_of(shares(180)).degrees == 180
    assert turn_of(shares(270)).degrees == -90


def test_certainty_is_what_lies_within_45_degrees() -> None:
    spread = shares(0) * 0.4 + shares(30) * 0.2 + shares(45) * 0.2 + shares(60) * 0.2
    assert turn_of(spread.astype(np.float32)).certainty == pytest.approx(0.4 + 0.2 + 0.1)


@pytest.mark.parametrize(("degrees", "quarters"), [(0, 0), (30, 0), (-30, 0), (60, 1), (90, 1), (180, 2), (285, 3)])
def test_quarters_are_the_nearest(degrees: float, quarters: int) -> None:
    turns, certainty = quarter_of(shares(degrees, 0.8))
    assert turns == quarters
    assert certainty == pytest.approx(0.8)
