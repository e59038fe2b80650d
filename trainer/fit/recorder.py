"""Recorder: writes down what happens in a run, where its readers look; in a group, one process does."""

from __future__ import annotations

from trainer.config import TrainingConfig
from trainer.distributed import Group
from trainer.events import TrainingEvent
from trainer.run import Run
from trainer.tracker import Tracker


class Recorder:
    """The run's ``events.jsonl`` and, where the config asks for them, its TensorBoard files."""

    def __init__(self, run: Run, config: TrainingConfig, group: Group) -> None:
        """Hold the run; nothing is written yet."""
        self._run, self._config, self._group = run, config, group
        self._tracker: Tracker | None = None

    def record(self, event: TrainingEvent) -> None:
        """Write an event down. Raises RunError when it cannot be written."""
        if not self._group.writes:
            return
        self._run.record(event)
        if not self._config.tensorboard:
            return
        if self._tracker is None:  # only now: what a kill had left behind the last checkpoint is forgotten by now
            self._tracker = Tracker(self._run.folder, self._run.events())
        else:
            self._tracker.record(event)

    def close(self) -> None:
        """Write what is left."""
        if self._tracker is not None:
            self._tracker.close()
