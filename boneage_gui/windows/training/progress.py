"""How far a training is, in words and as a share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boneage_gui.training import DeskState, TrainingDesk
from boneage_gui.widgets.run_facts import about
from boneage_gui.work.time_left import time_left

if TYPE_CHECKING:
    from trainer.history import History

STATES = {
    DeskState.PAUSING: "Saving the run…",
    DeskState.STOPPING: "Stopping after this step…",
    DeskState.DISCARDING: "Discarding the run…",
}
STATE_WORDS = {
    "finished": "finished",
    "stopped": "stopped, best kept",
    "paused": "paused",
    "failed": "failed",
    "interrupted": "interrupted",
    "running": "training",
}


def words(desk: TrainingDesk) -> str:
    """Say what the desk does, short enough for a status bar; empty where there is no run."""
    if desk.state in STATES:
        return STATES[desk.state]
    if desk.state is DeskState.PREPARING:
        said = desk.last_preparing
        counted = f": {said.done:,} of {said.total:,}" if said is not None and said.total > 1 else ""
        return f"{said.what.capitalize() if said else 'Getting ready'}{counted}"
    if desk.history is None:
        return ""
    return training_words(desk.history) if desk.busy else ended_words(desk.history)


def training_words(history: History) -> str:
    """Epoch and time left."""
    headway, left = history.headway, time_left(history)
    epoch = min(headway.epochs_done + 1, headway.epochs)
    rest = f", {about(left.run_s)} left" if left is not None else ""
    return f"Training, epoch {epoch} of {headway.epochs}{headway.of_member}{rest}"


def ended_words(history: History) -> str:
    """How it stands."""
    return f"“{history.name}” {STATE_WORDS[history.state]}, {epochs_words(history)}"


def epochs_words(history: History) -> str:
    """How many epochs are done; of an ensemble, of which model."""
    headway = history.headway
    return f"{headway.epochs_done} of {headway.epochs} epochs{headway.of_member}"


def share(desk: TrainingDesk) -> float | None:
    """How much is done, 0 to 1; None where that cannot be said."""
    if desk.state in STATES:
        return None
    if desk.state is DeskState.PREPARING:
        said = desk.last_preparing
        return said.done / said.total if said is not None and said.total > 1 else None
    return None if desk.history is None else desk.history.headway.share
