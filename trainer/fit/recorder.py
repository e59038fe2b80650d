"""Recorder: writes down what happens in a run, where its readers look; in a group, one process does."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from trainer.config import TrainingConfig
from trainer.distributed import Group
from trainer.events import Note, TrainingEvent
from trainer.run import Run
from trainer.tracker import Tracker


class Recorder:
    """The run's ``events.jsonl`` and, where the config asks for them, its TensorBoard files."""

    def __init__(self, run: Run, config: TrainingConfig, group: Group) -> None:
        """Hold the run; nothing is written yet."""
        self._run, self._group = run, group
        self._tracker: Tracker | None = None
        self._tracks = config.tensorboard

    def record(self, event: TrainingEvent) -> None:
        """Write an event down. Raises RunError when it cannot be written."""
        if not self._group.writes:
            return
        self._run.record(event)
        if not self._tracks:
            return
        try:
            if self._tracker is None:  # only now: what a kill had left behind the last checkpoint is forgotten by now
                self._tracker = Tracker(self._run.folder, self._run.events())
            else:
                self._tracker.record(event)
        except OSError as error:  # a full disk, a folder in the way, say: the run, which needs less, may go on
            self._tracks = False
            self._run.record(Note(message=f"The TensorBoard files are written no more: {error.strerror or error}."))

    def record_notes(self, notes: Sequence[str]) -> None:
        """Write down sentences that the run has not recorded before. Raises RunError."""
        known = {event.message for event in self._run.events() if isinstance(event, Note)} if notes else set()
        for note in notes:
            if note not in known:
                self.record(Note(message=note))

    def close(self) -> None:
        """Write what is left."""
        if self._tracker is not None:
            with suppress(OSError):
                self._tracker.close()
