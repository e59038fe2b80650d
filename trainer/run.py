"""Run: the folder of one training. What is in it is enough to go on after a kill, and to draw its curves again.

``config.json`` · ``split.csv`` · ``cleaning.csv`` · ``events.jsonl`` · ``last.safetensors`` (weights,
optimizer, random state, progress) · ``best.safetensors`` (a model file) · of an ensemble: ``member-1.safetensors`` ...
"""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout
from torch import Tensor

from trainer.cases import Case, Dropped
from trainer.checkpoint import read_tensors, write_tensors
from trainer.config import TrainingConfig, config_from_json
from trainer.errors import RunError
from trainer.events import RunFinished, TrainingEvent, from_json, to_json
from trainer.history import BEST, LAST
from trainer.orders import Order
from trainer.split import Split, read_split, write_split
from trainer.whole_file import remove_parts

LOOK_S: Final = 1.0  # who looks whether a run is held has its lock for a moment; a training has it for longer


@dataclass(slots=True, kw_only=True)
class Progress:
    """Where a run stands: the next step to take and what has been summed up in this epoch."""

    epoch: int = 1
    step: int = 0
    seen: int = 0
    loss_sum: float = 0.0
    absolute_sum: float = 0.0
    elapsed_s: float = 0.0  # of the whole run, pauses left out
    training_s: float = 0.0  # of this epoch, validation left out
    best_epoch: int = 0  # of this member
    best_mae_months: float = float("inf")
    events_bytes: int = 0
    stopped: bool = False  # for good: the best is kept, and nothing trains on from here
    at_once: int = 0  # most cases of a batch that the memory holds; 0: all of them
    validation_at_once: int = 64
    former: tuple[tuple[int, float], ...] = ()  # best epoch and its MAE of each member that is done
    labels: tuple[float, ...] = ()  # mean, std, least and greatest of the ages that the weights were scaled by, months

    @staticmethod
    def from_json(text: str) -> Progress:
        """Rebuild what was written; older files lack some. Raises TypeError or ValueError for anything else."""
        values = json.loads(text)
        former = tuple((int(epoch), float(mae_months)) for epoch, mae_months in values.pop("former", ()))
        labels = tuple(float(months) for months in values.pop("labels", ()))
        if not all(isinstance(value, (int, float)) for value in values.values()) or len(labels) not in (0, 4):
            raise ValueError("progress")
        return Progress(**values, former=former, labels=labels)

    def begin_epoch(self, epoch: int) -> None:
        """Stand before the first step of an epoch."""
        self.epoch, self.step, self.seen = epoch, 0, 0
        self.loss_sum = self.absolute_sum = self.training_s = 0.0

    def end_member(self) -> None:
        """Note down the best of the member that is done."""
        self.former = (*self.former, (self.best_epoch, self.best_mae_months))

    def of_next_member(self) -> Progress:
        """Return where the next member begins; what was found out about the memory stays, and the labels' scale."""
        return Progress(
            elapsed_s=self.elapsed_s,
            at_once=self.at_once,
            validation_at_once=self.validation_at_once,
            former=self.former,
            labels=self.labels,
        )

    def ended(self, reason: str, message: str) -> RunFinished:
        """Return the last event of a run; the reason is one of ``events.REASONS``."""
        best = [(self.best_epoch, self.best_mae_months), *self.former]
        epoch, mae_months = min(best, key=lambda one: one[1])
        return RunFinished(
            reason=reason,
            best_epoch=epoch,
            best_validation_mae_months=mae_months if math.isfinite(mae_months) else None,
            message=message,
        )

    def stopped_sentence(self, members: int) -> str:
        """Say what a stop leaves behind of a run of so many networks."""
        if self.former and len(self.former) >= members:
            return "Stopped when everything had been trained; the best model is kept."
        if self.former:
            return f"Stopped in member {len(self.former) + 1}; the {len(self.former)} done before it are kept."
        if not self.best_epoch:
            return "Stopped before the first epoch had ended: there is nothing to keep."
        return (
            f"Stopped in epoch {self.epoch}; the model of epoch {self.best_epoch} is kept, the best so far with "
            f"{self.best_mae_months:.2f} months on the validation cases."
        )


class Run:
    """One run folder."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is read or written yet."""
        self.folder = folder
        self.best_path = folder / BEST
        self.last_path = folder / LAST
        self.split_path = folder / "split.csv"
        self._events_path = folder / "events.jsonl"
        # Whoever closes a generator may be in another thread than the one that started it.
        self._lock = FileLock(folder / "run.lock", thread_local=False)

    def member_path(self, number: int) -> Path:
        """Return the file of one member's best network, of a run with several."""
        return self.folder / f"member-{number}.safetensors"

    @property
    def exists(self) -> bool:
        """Whether a run was begun here."""
        return (self.folder / "config.json").is_file()

    def make_folder(self) -> None:
        """Make the folder, so that one that cannot be made is known before the work. Raises RunError."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other processes out meanwhile, making the folder; may be nested. Without a run, no trace is left.

        Raises RunError when another process is in it, or when the folder cannot be made.
        """
        new = not self.folder.exists()
        self.make_folder()
        try:
            self._lock.acquire(timeout=LOOK_S)
        except Timeout as error:
            raise RunError(
                f"Another process is training in {self.folder}; wait for its end, stop it, or name another folder."
            ) from error
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        try:
            yield
        finally:
            if new and not self.exists:  # before the release: who comes then makes a lock of its own
                with suppress(OSError):  # Windows removes no open file
                    Path(self._lock.lock_file).unlink()
            self._lock.release()
            if new and not self.exists:
                with suppress(OSError):  # not empty: another process has come, or data.json was written
                    self.folder.rmdir()

    def begin(self, config: TrainingConfig, split: Split, dropped: Iterable[Dropped]) -> None:
        """Make the folder and write what the run starts from. Raises RunError when there is a run already."""
        if self.exists:
            raise RunError(f"{self.folder} holds a run already; resume it, or name another folder.")
        self.make_folder()
        try:
            write_split(split, self.split_path)
            with (self.folder / "cleaning.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(("id", "reason"))
                writer.writerows((row.case_id, row.reason) for row in dropped)
            beside = self.folder / "config.json.part"  # last, and whole: it is what makes the folder a run
            beside.write_text(json.dumps(config.to_json(), indent=1) + "\n", encoding="utf-8")
            beside.replace(self.folder / "config.json")
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def config(self) -> TrainingConfig:
        """Return what the run was begun with. Raises RunError, or ConfigError for a damaged one."""
        try:
            text = (self.folder / "config.json").read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise RunError(f"{self.folder} holds no training run.") from error
        return config_from_json(text)

    def split(self, cases: Iterable[Case]) -> Split:
        """Return the run's own split of the cases."""
        return read_split(self.split_path, cases, seed=self.config().split_seed)

    def record(self, event: TrainingEvent) -> None:
        """Append an event. Raises RunError when it cannot be written."""
        try:
            with self._events_path.open("a+b") as file:
                if file.tell():
                    file.seek(-1, os.SEEK_END)
                    if file.read(1) != b"\n":  # a kill cut the last line off: what is appended to it would be lost
                        file.write(b"\n")
                file.write(json.dumps(to_json(event)).encode() + b"\n")
        except OSError as error:
            raise RunError(
                f"The run's events could not be written ({error.strerror}); {self._kept_words('checkpoint')}. Make "
                "room and resume."
            ) from error

    def events(self) -> Iterator[TrainingEvent]:
        """Yield what has happened so far; a line cut off by a kill is skipped."""
        if not self._events_path.is_file():
            return
        for line in self._events_path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                yield from_json(json.loads(line))
            except (ValueError, RecursionError):
                continue

    def save_last(self, tensors: Mapping[str, Tensor], progress: Progress) -> None:
        """Write the state to go on from. The disk may be full: RunError; the former state stays whole."""
        progress.events_bytes = self._events_path.stat().st_size if self._events_path.is_file() else 0
        try:
            write_tensors(self.last_path, tensors, {"progress": json.dumps(asdict(progress))})
        except OSError as error:
            raise RunError(
                f"The run's checkpoint could not be written ({error.strerror}); {self._kept_words('good one')}. Make "
                "room and resume."
            ) from error

    def load_last(self) -> tuple[dict[str, Tensor], Progress] | None:
        """Return the state to go on from, or None; events after it are forgotten, since they will happen again.

        Whoever asks holds the run: what a kill left half written here is nobody else's.
        """
        for path in (self.last_path, self.best_path, *self.folder.glob("member-*.safetensors")):
            remove_parts(path, unused_s=0.0)
        state = self.read_last()
        self._forget_events_after(state[1].events_bytes if state else 0)
        return state

    def read_last(self) -> tuple[dict[str, Tensor], Progress] | None:
        """Return the state to go on from, or None; nothing is changed."""
        if not self.last_path.is_file():
            return None
        tensors, metadata = read_tensors(self.last_path)
        try:
            progress = Progress.from_json(metadata["progress"])
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise RunError(f"{self.last_path.name} does not hold the state of a run.") from error
        return tensors, progress

    def leave(self, order: Order) -> RunFinished:
        """Obey an order that comes before training has begun, or gone on. Raises BoneAgeError.

        Only a stop of a run that has an end before it is written down: it is for good.
        """
        if not self.exists:
            return Progress().ended(
                "stopped" if order == "stop" else "paused",
                "Ended before the training began: nothing is kept; to train, begin again.",
            )
        *_, last = [None, *self.events()]
        if isinstance(last, RunFinished) and last.reason in ("finished", "stopped"):
            return last
        tensors, progress = self.read_last() or ({}, Progress())
        if order == "pause":
            return progress.ended("paused", "Paused before the training went on; the run can be resumed.")
        event = progress.ended("stopped", progress.stopped_sentence(self.config().members))
        progress.stopped = True
        self.save_last(tensors, progress)
        self.record(event)
        return event

    def _kept_words(self, name: str) -> str:
        if self.last_path.is_file():
            return f"the last {name} is kept"
        return "no checkpoint had been written before, so the run will begin anew"

    def _forget_events_after(self, size_bytes: int) -> None:
        if self._events_path.is_file() and self._events_path.stat().st_size > size_bytes:
            with self._events_path.open("r+b") as file:
                file.truncate(size_bytes)


def _unwritable(folder: Path, error: OSError) -> RunError:
    return RunError(f"The run folder {folder} cannot be written: {error.strerror}.")
