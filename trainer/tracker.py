"""Tracker: a run's events as TensorBoard files in its folder, for those who follow their experiments there."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from trainer.events import EpochRecord, Note, RunStarted, StepReport, TrainingEvent

FOLDER: Final = "tensorboard"  # in the run folder
FLUSH_S: Final = 10.0


class Tracker:
    """Writes events as TensorBoard scalars, counted in steps of the optimizer."""

    def __init__(self, run_folder: Path, so_far: Iterable[TrainingEvent] = ()) -> None:
        """Begin anew with what ``events.jsonl`` holds so far: a run that goes on repeats steps which a kill lost.

        OSError passes through where the files cannot be made.
        """
        # Not its SummaryWriter, whose thread ends where a disk is full, while whoever hands it more waits for ever.
        from tensorboardX.event_file_writer import EventsWriter

        folder = run_folder / FOLDER
        folder.mkdir(exist_ok=True)
        for old in folder.glob("events.out.tfevents.*"):
            old.unlink()
        self._writer = EventsWriter(str(folder / "events"))
        self._steps_per_epoch, self._members, self._flushed = 1, 1, time.monotonic()
        for event in so_far:
            self.record(event)

    def record(self, event: TrainingEvent) -> None:
        """Write what TensorBoard can draw of an event; the rest is passed over. OSError passes through."""
        match event:
            case RunStarted():
                self._steps_per_epoch = event.steps_per_epoch
                self._members = int(event.config.get("members", 1))
                self._text("config", f"```json\n{json.dumps(event.config, indent=1)}\n```")
            case StepReport():
                step = (event.epoch - 1) * self._steps_per_epoch + event.step
                values = {"step/loss": event.loss, "step/images_per_s": event.images_per_s}
                if event.gpu_memory_mb is not None:
                    values["step/gpu_memory_mb"] = event.gpu_memory_mb
                self._scalars(event.member, step, values)
            case EpochRecord():
                self._epoch(event)
            case Note():
                self._text("notes", event.message)
            case _:
                pass

    def close(self) -> None:
        """Write what is left. OSError passes through."""
        self._writer.close()

    def _epoch(self, record: EpochRecord) -> None:
        self._scalars(
            record.member,
            record.epoch * self._steps_per_epoch,
            {
                "loss/training": record.training_loss,
                "loss/validation": record.validation_loss,
                "mae_months/training": record.training_mae_months,
                "mae_months/validation": record.validation_mae_months,
                "epoch/number": record.epoch,
                "epoch/learning_rate": record.learning_rate,
                "epoch/images_per_s": record.images_per_s,
            },
        )
        self._flush()

    def _scalars(self, member: int, step: int, values: dict[str, float]) -> None:
        # The members of an ensemble count their steps from 1 each: under one name, their curves would be one zigzag.
        of_member = f"/member-{member}" if self._members > 1 else ""
        from tensorboardX.summary import scalar

        for name, value in values.items():
            self._write(step, scalar(name + of_member, value))
        if time.monotonic() - self._flushed > FLUSH_S:
            self._flush()

    def _text(self, name: str, words: str) -> None:
        from tensorboardX.summary import text

        self._write(0, text(name, words))

    def _write(self, step: int, summary: Any) -> None:
        from tensorboardX.proto.event_pb2 import Event

        self._writer.write_event(Event(wall_time=time.time(), step=step, summary=summary))

    def _flush(self) -> None:
        self._writer.flush()
        self._flushed = time.monotonic()
