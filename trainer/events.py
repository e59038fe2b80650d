"""What a training run says while it goes: plain values, one JSON object a line in ``events.jsonl``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """A run begins, or goes on from ``first_epoch`` (counted from 1)."""

    run_name: str
    first_epoch: int
    epochs: int
    training_cases: int
    validation_cases: int
    steps_per_epoch: int
    device: str
    config: Mapping[str, Any]
    member: int = 1  # of config's members, counted from 1: the one that is trained first or goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparing:
    """Progress before a run begins, such as radiographs read; told, never stored with the run."""

    what: str
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """Progress inside an epoch, every second or so."""

    epoch: int
    step: int
    steps_per_epoch: int
    loss: float  # mean since the last report, in the units of the loss on scaled ages
    images_per_s: float
    elapsed_s: float = 0.0  # of the whole run, pauses left out
    gpu_memory_mb: float | None = None  # the most the run has held; None on a CPU
    member: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A sentence for the run's log: something was done differently than asked, and why."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRecord:
    """One finished epoch. Losses of both sets in months (L1, Huber) or months squared (MSE)."""

    epoch: int
    training_loss: float
    training_mae_months: float
    validation_loss: float
    validation_mae_months: float
    learning_rate: float
    images_per_s: float  # of this epoch's training, validation left out
    elapsed_s: float
    is_best: bool  # of this member so far
    member: int = 1  # of an ensemble: each member's epochs count from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointSaved:
    """A checkpoint is whole on the disk."""

    epoch: int
    path: str
    is_best: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """No more comes: ``reason`` is one of REASONS; ``message`` is a sentence."""

    reason: str
    best_epoch: int
    best_validation_mae_months: float | None  # None before the first epoch has ended
    message: str


# Why no more comes. A paused or failed run can be resumed; a finished or stopped one keeps its best model.
REASONS: Final = ("finished", "stopped", "paused", "failed")
LARGEST_NUMBER: Final = 1 << 53  # beyond it a float is no longer exact
TrainingEvent = Preparing | RunStarted | StepReport | EpochRecord | CheckpointSaved | Note | RunFinished
_KINDS: dict[str, type] = {
    kind.__name__: kind for kind in (Preparing, RunStarted, StepReport, EpochRecord, CheckpointSaved, Note, RunFinished)
}


def to_json(event: TrainingEvent) -> dict[str, Any]:
    """Return the event as plain values with its kind under ``event``."""
    return {"event": type(event).__name__, **asdict(event)}


def from_json(values: Mapping[str, Any]) -> TrainingEvent:
    """Rebuild an event written by ``to_json``. Raises ValueError for anything else."""
    if not isinstance(values, Mapping):
        raise ValueError("not a training event")
    rest = dict(values)
    kind = _KINDS.get(str(rest.pop("event", "")))
    if kind is None:
        raise ValueError("not a training event")
    try:
        event: TrainingEvent = kind(**rest)
    except TypeError as error:
        raise ValueError("not a training event") from error
    if not all(_fits(getattr(event, entry.name), str(entry.type)) for entry in fields(event)):
        raise ValueError("not a training event")
    return event


def _fits(value: object, kind: str) -> bool:
    """Say whether a value is of the kind that a field names, and a number no larger than any that is counted here."""
    if kind.startswith("Mapping"):
        return isinstance(value, Mapping)
    if value is None or isinstance(value, (str, bool)):
        return kind in {"str": ("str",), "bool": ("bool",), "NoneType": ("float | None",)}[type(value).__name__]
    whole = isinstance(value, int) and abs(value) <= LARGEST_NUMBER
    return whole if kind == "int" else kind.startswith("float") and (whole or isinstance(value, float))
