"""How a run ends, and what it leaves: no number, a full disk, a damaged state, orders."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
import torch

import trainer.fit.epoch
import trainer.fit.learner
from tests.trainer import runs, small
from trainer.card import read_card
from trainer.checkpoint import read_tensors
from trainer.errors import RunError
from trainer.events import CheckpointSaved, EpochRecord, RunFinished, RunStarted
from trainer.networks import loss_of
from trainer.orders import Order, Orders
from trainer.predictor import Predictor
from trainer.run import Run

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
    assert [type(event) for event in events] == [RunStarted, RunFinished]
    assert (tmp_path / "best.safetensors").read_bytes() == before
