"""Whether a run overfitted, on curves drawn by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from trainer.config import config_for
from trainer.events import EpochRecord
from trainer.history import History, history_of
from trainer.overfitting import overfitting_of


def _history(training: Sequence[float], validation: Sequence[float]) -> History:
    records = [
        EpochRecord(
            epoch=index + 1,
            training_loss=learnt,
            training_mae_months=learnt / 10,
            validation_loss=held,
            validation_mae_months=held / 10,
            learning_rate=0.001,
            images_per_s=1.0,
            elapsed_s=1.0,
            is_best=False,
        )
        for index, (learnt, held) in enumerate(zip(training, validation, strict=True))
    ]
    return history_of(Path("run"), config_for("baseline"), records, held=False)


def test_a_validation_loss_that_rises_while_training_falls_is_overfitting() -> None:
    found = overfitting_of(_history([90, 70, 60, 50, 40, 30, 20, 10], [100, 80, 70, 60, 60, 60, 80, 100]))
    assert found is not None
    # Medians of three: validation 80, 70, 60, 60, 60, 80; training 70, 60, 50, 40, 30, 20.
    assert (found.turn_epoch, found.best_epoch, found.epochs) == (6, 4, 8)
    assert found.rise == pytest.approx(80 / 60 - 1)
    assert found.fall == pytest.approx(1 - 20 / 30)
    assert found.overfitted
    assert found.sentence("the baseline") == (
        "the baseline overfitted after epoch 6: its validation loss rose by 33% while its training loss fell by 33%. "
        "Best epoch 4 of 8; at the end validation is at 10.00 and training at 1.00 months MAE, a gap of 9.00."
    )


@pytest.mark.parametrize(
    ("training", "validation"),
    [
        ([90, 80, 70, 60, 50, 40], [100, 90, 80, 70, 60, 50]),  # both fall
        ([90, 80, 70, 60, 50, 40], [100, 60, 60, 60, 61, 62]),  # noise below 5 %
        ([90, 80, 70, 80, 90, 99], [100, 60, 60, 70, 80, 90]),  # both rise: it comes apart, it learns nothing by heart
        ([90, 80, 70, 60, 50, 40], [60, 60, 60, 60, 60, 60]),
        ([90, 80, 70, 60, 50, 40], [100, 90, 60, 60, 60, 900]),  # one epoch that jumps
    ],
)
def test_what_is_no_overfitting(training: list[float], validation: list[float]) -> None:
    found = overfitting_of(_history(training, validation))
    assert found is not None
    assert not found.overfitted
    assert "did not overfit" in found.sentence("it")


@pytest.mark.parametrize(
    "validation", [[], [1.0] * 5, [1.0, 2.0, float("nan"), 1.0, 1.0, 1.0], [1.0, float("inf"), 1.0, 1.0, 1.0, 1.0]]
)
def test_too_little_to_tell(validation: list[float]) -> None:
    assert overfitting_of(_history(validation, validation)) is None
