"""Overfitting: whether a run went on learning its training cases by heart while it got worse on the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from trainer.history import History

SMOOTHED_EPOCHS: Final = 3  # one epoch's validation loss jumps about
LEAST_EPOCHS: Final = 2 * SMOOTHED_EPOCHS
LEAST_RISE: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Overfitting:
    """Where validation was best and what came of it; losses as the running median of three epochs."""

    best_epoch: int  # the one kept: with the least validation MAE
    epochs: int
    turn_epoch: int  # where the smoothed validation loss is least
    rise: float  # of the smoothed validation loss from there to the end, as a share
    fall: float  # of the smoothed training loss from there to the end, as a share
    training_mae_months: float  # of the last epoch
    validation_mae_months: float

    @property
    def overfitted(self) -> bool:
        """Whether validation got worse by 5 % or more while training got better."""
        return self.rise >= LEAST_RISE and self.fall > 0

    def sentence(self, name: str) -> str:
        """Say it with its numbers."""
        gap = self.validation_mae_months - self.training_mae_months
        rest = (
            f"Best epoch {self.best_epoch} of {self.epochs}; at the end validation is at "
            f"{self.validation_mae_months:.2f} and training at {self.training_mae_months:.2f} months MAE, a gap of "
            f"{gap:.2f}."
        )
        if not self.overfitted:
            return f"{name} did not overfit: from its least, its validation loss rose by {self.rise:.0%}. {rest}"
        return (
            f"{name} overfitted after epoch {self.turn_epoch}: its validation loss rose by {self.rise:.0%} while its "
            f"training loss fell by {self.fall:.0%}. {rest}"
        )


def overfitting_of(history: History) -> Overfitting | None:
    """Judge a run by its losses; None with fewer than six epochs, or where a loss is no number."""
    records = history.epochs
    validation = np.array([record.validation_loss for record in records])
    training = np.array([record.training_loss for record in records])
    best = history.best
    if best is None or len(records) < LEAST_EPOCHS or not np.isfinite([validation, training]).all():
        return None
    smooth, learnt = (np.median(sliding_window_view(loss, SMOOTHED_EPOCHS), axis=1) for loss in (validation, training))
    turn = len(smooth) - 1 - int(smooth[::-1].argmin())  # the last, where several are least
    return Overfitting(
        best_epoch=best.epoch,
        epochs=records[-1].epoch,
        turn_epoch=records[turn + SMOOTHED_EPOCHS // 2].epoch,
        rise=float(smooth[-1] / smooth[turn] - 1) if smooth[turn] else 0.0,
        fall=float(1 - learnt[-1] / learnt[turn]) if learnt[turn] else 0.0,
        training_mae_months=records[-1].training_mae_months,
        validation_mae_months=records[-1].validation_mae_months,
    )
