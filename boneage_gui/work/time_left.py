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
    done = history.epochs[-1].epoch if history.epochs else 0
    lasts_s = _epoch_s(history)
    inside = step is not None and step.epoch > done
    if lasts_s is None:
        if step is None or not inside or step.images_per_s <= 0:
            return None
        lasts_s = started.training_cases / step.images_per_s
    share = step.step / step.steps_per_epoch if step is not None and inside and step.steps_per_epoch else 0.0
    epoch_s = lasts_s * max(0.0, 1.0 - share)
    after = max(0, started.epochs - done - 1)
    return TimeLeft(epoch_s=epoch_s if done < started.epochs else 0.0, run_s=epoch_s + after * lasts_s)


def _epoch_s(history: History) -> float | None:
    """Seconds of an epoch with its validation, as the mean of the last ones."""
    epochs = history.epochs[-EPOCHS_LOOKED_AT - 1 :]
    if not epochs:
        return None
    if epochs[0].epoch == 1:  # nothing came before it
        return epochs[-1].elapsed_s / epochs[-1].epoch
    if len(epochs) == 1:
        return epochs[0].elapsed_s / epochs[0].epoch
    return (epochs[-1].elapsed_s - epochs[0].elapsed_s) / (epochs[-1].epoch - epochs[0].epoch)
