"""Follow: a training's events as JSON lines, for the program that started it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from trainer.errors import BoneAgeError
from trainer.events import RunFinished, TrainingEvent, to_json
from trainer.history import read_history


def follow(events: Iterable[TrainingEvent], run_dir: Path) -> None:
    """Print every event as it comes; the last one is always a RunFinished, once there is a run in the folder.

    An error passes through: its sentence belongs on standard error.
    """
    try:
        for event in events:
            _print(event)
    except BoneAgeError as error:
        if (run_dir / "config.json").is_file():
            _print(_failed(run_dir, str(error)))
        raise


def _failed(run_dir: Path, message: str) -> RunFinished:
    best = read_history(run_dir).best
    return RunFinished(
        reason="failed",
        best_epoch=best.epoch if best else 0,
        best_validation_mae_months=best.validation_mae_months if best else None,
        message=message,
    )


def _print(event: TrainingEvent) -> None:
    print(json.dumps(to_json(event)), flush=True)
