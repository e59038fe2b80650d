"""Time left of a training, from what it has told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from trainer.history import History

EPOCHS_LOOKED_AT: Final = 3  # the last ones: pictures may grow during a run, and the computer may be used otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLeft:
    """Seconds until the epoch and until the run will have ended; validation included once one was seen."""

    epoch_s: float
    run_s: float


def time_left(history: History) -> TimeLeft | None:
    """Estimate from the last epochs and the last report; None while nothing was reported yet, or it has ended."""
    started, step = history.started, history.last_step
    if started is None or history.state != "running":
        return None
    headway = history.headway
    lasts_s = _epoch_s(history)
    if lasts_s is None:
        if step is None or headway.inside == 0.0 or step.images_per_s <= 0:
            return None
        lasts_s = started.training_cases / step.images_per_s
    left = headway.epochs_of_run - headway.done_of_run
    epoch_s = lasts_s * (1.0 - headway.inside) if left > 0 else 0.0
    return TimeLeft(epoch_s=epoch_s, run_s=epoch_s + max(0, left - 1) * lasts_s)


def _epoch_s(history: History) -> float | None:
    """Seconds of an epoch with its validation, as the mean of the last ones."""
    epochs = history.every_epoch[-EPOCHS_LOOKED_AT - 1 :]  # the clock runs on from one member to the next
    if not epochs:
        return None
    first, last = epochs[0], epochs[-1]
    if len(epochs) == 1 or (first.member == 1 and first.epoch == 1):  # nothing came before it
        return last.elapsed_s / len(epochs)
    return (last.elapsed_s - first.elapsed_s) / (len(epochs) - 1)
