"""History: what a run folder tells of its training, read without torch; draws the curves and the list of runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from filelock import FileLock, Timeout

from trainer.card import read_card
from trainer.config import TrainingConfig, config_from_json
from trainer.errors import BoneAgeError, RunError
from trainer.events import EpochRecord, Note, RunFinished, RunStarted, StepReport, TrainingEvent, from_json

State = Literal["running", "finished", "stopped", "paused", "failed", "interrupted"]
BEST: Final = "best.safetensors"  # in a run's folder: the model, once an epoch was validated
LAST: Final = "last.safetensors"  # and the state to go on from, once there is one
RESUMABLE: Final[frozenset[State]] = frozenset({"paused", "failed", "interrupted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Headway:
    """How far a run is. The members of an ensemble are trained one after another, each for all epochs."""

    member: int  # the one in training, from 1
    members: int
    epochs_done: int  # of this member
    epochs: int
    inside: float  # share of the epoch in training that is done, 0 to 1

    @property
    def of_member(self) -> str:
        """Which model of an ensemble is in training, to stand behind its epochs; empty for a model alone."""
        return f", model {self.member} of {self.members}" if self.members > 1 else ""

    @property
    def epochs_of_run(self) -> int:
        """Epochs of all members."""
        return self.members * self.epochs

    @property
    def done_of_run(self) -> int:
        """Whole epochs done, those of earlier members with them."""
        return (self.member - 1) * self.epochs + self.epochs_done

    @property
    def share(self) -> float:
        """Share of the run that is done, 0 to 1."""
        return min(1.0, (self.done_of_run + self.inside) / self.epochs_of_run)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One run so far. ``interrupted`` means that nothing trains there and no last word was written: a kill."""

    folder: Path
    config: TrainingConfig
    state: State
    started: RunStarted | None
    epochs: tuple[EpochRecord, ...]  # one for each finished epoch, in order; of an ensemble, those of one member
    every_epoch: tuple[EpochRecord, ...]  # those of all its members, one after another
    last_step: StepReport | None
    notes: tuple[str, ...]
    finished: RunFinished | None
    ensemble_mae_months: float | None = None  # of its model on the validation cases, once it is one of an ensemble

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def best(self) -> EpochRecord | None:
        """The epoch with the least validation MAE."""
        return min(self.epochs, key=lambda record: record.validation_mae_months, default=None)

    @property
    def model_mae_months(self) -> float | None:
        """Validation MAE of the model that is kept: of an ensemble its own, not that of its best member."""
        if self.ensemble_mae_months is not None:
            return self.ensemble_mae_months
        return self.best.validation_mae_months if self.best is not None else None

    @property
    def headway(self) -> Headway:
        """How far training is, by what was told last."""
        last, step = self.every_epoch[-1] if self.every_epoch else None, self.last_step
        member = max((event.member for event in (self.started, step, last) if event is not None), default=1)
        done = last.epoch if last is not None and last.member == member else 0
        told = step is not None and step.member == member and step.epoch > done and step.steps_per_epoch > 0
        return Headway(
            member=member,
            members=self.config.members,
            epochs_done=done,
            epochs=self.config.epochs,
            inside=min(1.0, step.step / step.steps_per_epoch) if told and step is not None else 0.0,
        )

    @property
    def has_checkpoint(self) -> bool:
        """Whether the folder holds a state to go on from."""
        return (self.folder / LAST).is_file()

    @property
    def can_resume(self) -> bool:
        """Whether it is worth going on here: a run that failed before its first checkpoint would only fail again."""
        return self.state in RESUMABLE and (self.state != "failed" or self.has_checkpoint)


def read_history(folder: Path) -> History:
    """Read a run folder. Raises RunError when it holds no run, ConfigError when its config is damaged."""
    try:
        config = config_from_json((folder / "config.json").read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise RunError(f"{folder} holds no training run.") from error
    history = history_of(folder, config, read_events(folder), held=is_held(folder))
    return replace(history, ensemble_mae_months=_ensemble_mae(folder)) if config.members > 1 else history


def history_of(folder: Path, config: TrainingConfig, events: Iterable[TrainingEvent], *, held: bool) -> History:
    """Sum up events, in their order; an epoch that was trained again after a kill counts once, as it was last."""
    started: RunStarted | None = None
    finished: RunFinished | None = None
    step: StepReport | None = None
    epochs: dict[tuple[int, int], EpochRecord] = {}
    notes: list[str] = []
    for event in events:
        match event:
            case RunStarted():
                started, finished = event, None
            case EpochRecord():
                epochs[event.member, event.epoch] = event
            case StepReport():
                step = event
            case Note():
                notes.append(event.message)
            case RunFinished():
                finished = event
    return History(
        folder=folder,
        config=config,
        state="running" if held else _state(finished),
        started=started,
        epochs=_drawn(epochs, running=held),
        every_epoch=tuple(epochs[key] for key in sorted(epochs)),
        last_step=step,
        notes=tuple(notes),
        finished=finished,
    )


def read_events(folder: Path) -> list[TrainingEvent]:
    """Read what a run has recorded so far; a line cut off by a kill is left out."""
    try:
        lines = (folder / "events.jsonl").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    events: list[TrainingEvent] = []
    for line in lines:
        try:
            events.append(from_json(json.loads(line)))
        except (ValueError, RecursionError):
            continue
    return events


def read_histories(folder: Path) -> list[History]:
    """Read every run in a folder of runs, the newest first; what is no run, or damaged, is left out."""
    try:
        found = [path for path in folder.iterdir() if (path / "config.json").is_file()]
    except OSError:
        return []
    found.sort(key=lambda path: (path / "config.json").stat().st_mtime, reverse=True)
    histories: list[History] = []
    for path in found:
        try:
            histories.append(read_history(path))
        except BoneAgeError:
            continue
    return histories


def _drawn(epochs: Mapping[tuple[int, int], EpochRecord], *, running: bool) -> tuple[EpochRecord, ...]:
    """Choose the member whose curves are shown: while the run goes the one in training, afterwards the best."""
    if not epochs:
        return ()
    best = min(epochs.values(), key=lambda record: record.validation_mae_months)
    member = max(member for member, _ in epochs) if running else best.member
    return tuple(epochs[key] for key in sorted(epochs) if key[0] == member)


def _ensemble_mae(folder: Path) -> float | None:
    """Return what the card of a run's model says of it on the validation cases."""
    try:
        score = read_card(folder / BEST).metrics.get("validation")
    except BoneAgeError:
        return None
    return float(score["mae_months"]) if score else None


def _state(finished: RunFinished | None) -> State:
    reasons: dict[str, State] = {
        "finished": "finished",
        "stopped": "stopped",
        "paused": "paused",
        "failed": "failed",
    }
    return "interrupted" if finished is None else reasons.get(finished.reason, "interrupted")


def is_held(folder: Path) -> bool:
    """Say whether a process trains in a run folder."""
    path = folder / "run.lock"
    if not path.is_file():
        return False
    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # in a folder that cannot be written, nobody trains
        return False
