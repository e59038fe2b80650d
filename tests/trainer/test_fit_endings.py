"""How a run ends, and what it leaves: no number, a full disk, a damaged state, orders."""

from __future__ import annotations

import errno
import json
import os
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

import trainer.fit.epoch
import trainer.fit.learner
from tests.trainer import runs, small
from trainer.card import read_card
from trainer.cases import read_cases
from trainer.checkpoint import read_tensors, write_tensors
from trainer.distributed import Group
from trainer.errors import RunError
from trainer.events import CheckpointSaved, EpochRecord, Note, RunFinished
from trainer.fit.training import APART
from trainer.fit.validation import ages_of
from trainer.metrics import Months
from trainer.networks import loss_of
from trainer.orders import Order, Orders
from trainer.predictor import Predictor
from trainer.run import Progress, Run

pytestmark = pytest.mark.usefixtures("small_backbone")


def test_a_loss_that_is_no_number_stops_the_run(
    tmp_path: Path, data_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, steps = small.config("improved"), iter(range(1000))

    def loss(kind: str, answer: torch.Tensor, target: torch.Tensor, *weights: torch.Tensor) -> torch.Tensor:
        right = loss_of(kind, answer, target, *weights)
        return right * float("nan") if answer.requires_grad and next(steps) == 5 else right

    monkeypatch.setattr(trainer.fit.learner, "loss_of", loss)
    with pytest.raises(RunError, match=r"epoch 2, step 2\).*best model so far is kept.*learning rate\.") as caught:
        list(runs.train(tmp_path, data_set, config))
    *_, last = Run(tmp_path).events()
    assert isinstance(last, RunFinished)
    assert (last.reason, last.best_epoch, last.message) == ("failed", 1, str(caught.value))
    Predictor.load(tmp_path / "best.safetensors")
    tensors, _ = read_tensors(tmp_path / "last.safetensors")
    assert all(bool(torch.isfinite(value.float()).all()) for value in tensors.values())


@pytest.mark.usefixtures("every_step_reports")
def test_a_full_disk_keeps_the_last_checkpoint(tmp_path: Path, data_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small.config("improved", checkpoint_every_s=0.0)
    events = runs.train(tmp_path / "cut", data_set, config)
    next(event for event in events if isinstance(event, CheckpointSaved) and event.epoch == 2)
    kept = (tmp_path / "cut" / "last.safetensors").read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(RunError, match=r"No space left on device.*resume"):
            list(events)
    assert (tmp_path / "cut" / "last.safetensors").read_bytes() == kept
    assert not list((tmp_path / "cut").glob(".*"))
    list(runs.train(tmp_path / "cut", data_set, config))
    runs.assert_same_state(runs.uninterrupted(tmp_path / "whole", data_set, config), tmp_path / "cut")


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"{}"])
def test_a_damaged_state_is_refused_not_trained_on(tmp_path: Path, data_set: Path, content: bytes) -> None:
    config = small.config("improved", epochs=1)
    runs.uninterrupted(tmp_path, data_set, config)
    (tmp_path / "last.safetensors").write_bytes(content)
    with pytest.raises(Exception, match=r"last\.safetensors is damaged"):
        list(runs.train(tmp_path, data_set, config))
    (tmp_path / "last.safetensors").write_bytes((tmp_path / "best.safetensors").read_bytes())
    with pytest.raises(RunError, match="does not hold the state"):
        list(runs.train(tmp_path, data_set, config))


class _WhileReading(Orders):
    """Asks for something while the validation cases of an epoch are read: after the last step, before the record."""

    def __init__(self, order: Order, *, epoch: int) -> None:
        super().__init__()
        self._asked, self._at, self._order = 0, epoch * (runs.STEPS + 1), order

    @property
    def wanted(self) -> Order | None:
        self._asked += 1  # before each of an epoch's steps, then before each part of the validation cases
        return self._order if self._asked >= self._at else None


@pytest.mark.parametrize("order", ["pause", "stop"])
def test_an_order_while_an_epoch_is_validated_leaves_the_former_best(
    tmp_path: Path, data_set: Path, order: Order
) -> None:
    config = small.config("improved-sex", epochs=3)
    whole = runs.uninterrupted(tmp_path / "whole", data_set, config)
    run = Run(tmp_path / "cut")
    asked = _WhileReading(order, epoch=2)
    events = list(runs.train(run.folder, data_set, config, orders=asked))
    assert [event.epoch for event in events if isinstance(event, EpochRecord)] == [1]
    last = events[-1]
    assert isinstance(last, RunFinished)
    assert (last.reason, last.best_epoch) == ("paused" if order == "pause" else "stopped", 1)
    assert "epoch 1 of 3" in read_card(run.best_path).notes[-1]
    _, progress = run.load_last() or (None, None)
    assert progress is not None
    assert (progress.epoch, progress.step) == (2, runs.STEPS)
    if order == "pause":
        list(runs.train(tmp_path / "cut", data_set, config))
        runs.assert_same_state(whole, tmp_path / "cut")


def test_resuming_a_finished_run_does_nothing_more(tmp_path: Path, data_set: Path) -> None:
    config = small.config("improved", epochs=1)
    runs.uninterrupted(tmp_path, data_set, config)
    before = (tmp_path / "best.safetensors").read_bytes()
    events = list(runs.train(tmp_path, data_set, config))
    assert [type(event) for event in events] == [RunFinished]
    assert (tmp_path / "best.safetensors").read_bytes() == before


def test_a_training_that_came_apart_says_so(tmp_path: Path, data_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small.config("improved", epochs=1)
    assert APART not in [getattr(event, "message", "") for event in runs.train(tmp_path / "well", data_set, config)]
    monkeypatch.setattr("trainer.fit.training.APART_MONTHS", 0.0)
    assert [event.message for event in runs.train(tmp_path / "ill", data_set, config) if isinstance(event, Note)] == [
        APART
    ]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "memory of the computer is full"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "memory of the computer is full"),
        (FileNotFoundError(2, "No such file"), "error of the program"),
        (ZeroDivisionError(), "error of the program"),
    ],
)
def test_however_a_training_ends_its_events_say_so(
    tmp_path: Path, data_set: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def step(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(trainer.fit.learner.Learner, "step", step)
    raised = type(error) if "program" in said else RunError  # a bug stays one
    with pytest.raises(raised):
        list(runs.train(tmp_path, data_set, small.config("baseline", epochs=1)))
    *_, last = Run(tmp_path).events()
    assert isinstance(last, RunFinished)
    assert last.reason == "failed"
    assert said in last.message
    assert "resume the run" in last.message.lower()


def _progress_without(run: Run, name: str) -> None:
    """Write the state as the program wrote it before it knew of a field."""
    tensors, metadata = read_tensors(run.last_path)
    progress = json.loads(metadata["progress"])
    del progress[name]
    write_tensors(run.last_path, tensors, {"progress": json.dumps(progress)})


def test_a_run_keeps_the_scale_of_its_ages_when_pictures_are_gone(tmp_path: Path) -> None:
    data = small.write_data_set(tmp_path / "data", count=40)
    config, run = small.config("baseline", epochs=2), Run(tmp_path / "run")
    with closing(runs.train(run.folder, data, config)) as events:
        next(event for event in events if isinstance(event, CheckpointSaved))
    before = read_card(run.best_path)
    for case in sorted(run.split(read_cases(data).cases).training, key=lambda case: case.age_months)[-8:]:
        case.image_path.unlink()
    list(runs.train(run.folder, data, config))
    _, progress = run.read_last() or (None, None)
    assert progress is not None
    scale = (before.label_mean_months, before.label_std_months, before.age_low_months, before.age_high_months)
    assert progress.labels == scale
    assert progress.of_next_member().labels == scale
    _progress_without(run, "labels")
    list(runs.train(run.folder, data, config))  # a run of before says so again, and is not refused


def test_a_run_that_was_trained_to_its_end_before_the_stop_says_so() -> None:
    progress = Progress(epoch=4, best_epoch=3, best_mae_months=9.0)
    progress.end_member()
    assert "member" not in progress.stopped_sentence(1)
    assert "Stopped in member 2; the 1 done" in progress.stopped_sentence(3)


@pytest.mark.parametrize("size", [1, 2])
def test_a_process_with_no_validation_case_of_its_own_goes_along(size: int) -> None:
    class Apart(Group):
        """A group that is in one process."""

        def joined(self, values: Months) -> Months:
            assert values.dtype == np.float64
            return np.concatenate([[50.0], values])

    asked: list[str] = []
    member: Any = SimpleNamespace(
        progress=Progress(),
        group=Apart(rank=size - 1, size=size),
        validation=SimpleNamespace(cases=("one",) * (size - 1)),
        leave_if_ordered=lambda: asked.append("asked"),
    )
    reading = ages_of(member, [], small.card(), obey=True)
    with pytest.raises(StopIteration) as end:
        next(reading)
    assert end.value.value.tolist() == [50.0]
    assert len(asked) == size - 1, "all processes of a group ask together"
