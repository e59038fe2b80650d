"""fit: events in order, exact resumption, and ends that say why."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import trainer.fit.epoch
import trainer.fit.learner
from tests.trainer import small
from trainer.card import read_card
from trainer.checkpoint import load_checkpoint, read_tensors
from trainer.config import TrainingConfig
from trainer.errors import RunError
from trainer.events import CheckpointSaved, EpochRecord, RunFinished, RunStarted, StepReport, TrainingEvent, to_json
from trainer.metrics import residual_quantiles
from trainer.networks import loss_of
from trainer.predictor import Predictor
from trainer.run import Run

pytestmark = pytest.mark.usefixtures("small_backbone")
ROOT = Path(__file__).parents[2]
# Everything that has a state of its own: average, momentum, dropout, schedule, augmentation, hidden sexes.
EVERYTHING: dict[str, Any] = {
    "model": "improved-sex",
    "ema_decay": 0.9,
    "schedule": "cosine",
    "warmup_epochs": 0.5,
    "recipe": "improved",
    "sex_hidden_share": 0.3,
    "checkpoint_every_s": 0.0,
}


@pytest.fixture
def every_step_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer.fit.epoch, "REPORT_EVERY_S", 0.0)


def _fit(folder: Path, data: Path, config: TrainingConfig) -> Generator[TrainingEvent]:
    run, training, validation = small.begin(folder, data, config)
    return trainer.fit.fit(config, training, validation, run, data={"description": "drawn hands"})


def _records(run: Path) -> list[dict[str, Any]]:
    """The epochs in events.jsonl, without what depends on the clock."""
    records = [to_json(event) for event in Run(run).events() if isinstance(event, EpochRecord)]
    return [{k: v for k, v in record.items() if k not in ("images_per_s", "elapsed_s")} for record in records]


def _assert_same_state(one: Path, other: Path) -> None:
    (expected, _), (found, _) = read_tensors(one / "last.safetensors"), read_tensors(other / "last.safetensors")
    assert expected.keys() == found.keys()
    assert {name.partition(".")[0] for name in expected} >= {"network", "optimizer", "random"}
    for name, value in expected.items():
        assert torch.equal(value, found[name]), name
    best = [read_card(folder / "best.safetensors") for folder in (one, other)]
    assert best[0] == best[1]
    assert _records(one) == _records(other)


def _uninterrupted(folder: Path, data: Path, config: TrainingConfig) -> Path:
    *_, last = _fit(folder, data, config)
    assert isinstance(last, RunFinished)
    return folder


@pytest.mark.usefixtures("every_step_reports")
def test_events_come_in_order_and_are_all_in_the_file(tmp_path: Path, data_set: Path) -> None:
    config = small.config("baseline", epochs=2)
    events = list(_fit(tmp_path / "run", data_set, config))
    assert isinstance(events[0], RunStarted)
    assert (events[0].first_epoch, events[0].epochs) == (1, 2)
    assert (events[0].training_cases, events[0].validation_cases, events[0].steps_per_epoch) == (32, 4, 4)
    assert events[0].config == config.to_json()
    kinds = "".join(type(event).__name__[0] for event in events)  # Run, Step, Epoch, Checkpoint
    assert kinds == "R" + 2 * "SSSSEC" + "R"
    steps = [(event.epoch, event.step) for event in events if isinstance(event, StepReport)]
    assert steps == [(epoch, step) for epoch in (1, 2) for step in (1, 2, 3, 4)]
    assert [event.epoch for event in events if isinstance(event, EpochRecord)] == [1, 2]
    assert isinstance(events[-1], RunFinished)
    assert list(Run(tmp_path / "run").events()) == events
    for event in events:
        json.dumps(to_json(event), allow_nan=False)


def test_closing_mid_epoch_and_resuming_changes_nothing(
    tmp_path: Path, data_set: Path, every_step_reports: None
) -> None:
    config = small.config(**EVERYTHING)
    whole = _uninterrupted(tmp_path / "whole", data_set, config)
    for stops in range(1, 30):  # closed again and again, each time a little further, at every kind of event
        with closing(_fit(tmp_path / "cut", data_set, config)) as events:
            for count, event in enumerate(events):
                if isinstance(event, RunFinished) or count == 3 + stops % 4:
                    break
        if isinstance(event, RunFinished):
            break
    assert stops > 4
    _assert_same_state(whole, tmp_path / "cut")


@pytest.mark.parametrize("kind", [EpochRecord, CheckpointSaved, RunStarted])
def test_closing_at_any_event_keeps_what_was_done(
    tmp_path: Path, data_set: Path, kind: type, every_step_reports: None
) -> None:
    config = small.config("improved", epochs=2)
    with closing(_fit(tmp_path, data_set, config)) as events:
        next(event for event in events if isinstance(event, kind))
    *_, last = Run(tmp_path).events()
    assert isinstance(last, RunFinished)
    assert last.reason == "paused"
    started = next(iter(_fit(tmp_path, data_set, config)))
    assert isinstance(started, RunStarted)
    assert started.first_epoch == (1 if kind is RunStarted else 2)


CHILD = """
import sys, torch, torchvision
sys.path.insert(0, {root!r})
torch.set_num_threads(1)
from tests.trainer import small
torchvision.models.resnet18 = small.backbone
import trainer.fit.epoch
from pathlib import Path
trainer.fit.epoch.REPORT_EVERY_S = 0.0
config = small.config(**{choices!r})
run, training, validation = small.begin(Path({folder!r}), Path({data!r}), config)
for event in trainer.fit.fit(config, training, validation, run, data={{"description": "drawn hands"}}):
    print(type(event).__name__, getattr(event, "epoch", 0), getattr(event, "step", 0), flush=True)
    if type(event).__name__ == "StepReport" and (event.epoch, event.step) == (2, 3):
        sys.stdin.readline()  # wait here for the end
"""


def test_a_killed_process_resumes_to_exactly_the_same_weights(tmp_path: Path, data_set: Path) -> None:
    config, cut = small.config(**EVERYTHING), tmp_path / "cut"
    code = CHILD.format(root=str(ROOT), choices=EVERYTHING, folder=str(cut), data=str(data_set))
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.split() == ["StepReport", "2", "3"]:
                child.send_signal(signal.SIGKILL)
        assert child.wait(60) == -signal.SIGKILL
    (cut / ".last.safetensors.99999.part").write_bytes(b"as a kill may leave it")
    _, progress = Run(cut).load_last() or (None, None)
    assert progress is not None
    assert (progress.epoch, progress.step) == (2, 2)  # the third step was lost with the process
    whole = _uninterrupted(tmp_path / "whole", data_set, config)
    list(_fit(cut, data_set, config))
    _assert_same_state(whole, cut)
    assert not list(cut.glob(".*"))


def test_resuming_a_finished_run_does_nothing_more(tmp_path: Path, data_set: Path) -> None:
    config = small.config("improved", epochs=1)
    _uninterrupted(tmp_path, data_set, config)
    before = (tmp_path / "best.safetensors").read_bytes()
    events = list(_fit(tmp_path, data_set, config))
    assert [type(event) for event in events] == [RunStarted, RunFinished]
    assert (tmp_path / "best.safetensors").read_bytes() == before


@pytest.mark.parametrize(
    ("field", "value"), [("epochs", 9), ("learning_rate", 0.01), ("recipe", "steady"), ("model", "improved-sex")]
)
def test_resuming_with_another_choice_is_refused(tmp_path: Path, data_set: Path, field: str, value: object) -> None:
    next(iter(_fit(tmp_path, data_set, small.config("improved", epochs=1))))
    choices: dict[str, Any] = {"model": "improved", "epochs": 1, "recipe": "improved", field: value}
    other = small.config(**choices)
    with pytest.raises(RunError, match=f"another {field}"):
        list(_fit(tmp_path, data_set, other))


def test_a_run_may_go_on_on_another_machine(tmp_path: Path, data_set: Path) -> None:
    next(iter(_fit(tmp_path, data_set, small.config("improved", epochs=1))))
    events = list(_fit(tmp_path, data_set, small.config("improved", epochs=1, device="cpu", checkpoint_every_s=7.0)))
    assert isinstance(events[-1], RunFinished)


def test_a_loss_that_is_no_number_stops_the_run(
    tmp_path: Path, data_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, steps = small.config("improved"), iter(range(1000))

    def loss(kind: str, answer: torch.Tensor, target: torch.Tensor, *weights: torch.Tensor) -> torch.Tensor:
        right = loss_of(kind, answer, target, *weights)
        return right * float("nan") if answer.requires_grad and next(steps) == 5 else right

    monkeypatch.setattr(trainer.fit.learner, "loss_of", loss)
    with pytest.raises(RunError, match=r"epoch 2, step 2\).*best model so far is kept.*learning rate\.") as caught:
        list(_fit(tmp_path, data_set, config))
    *_, last = Run(tmp_path).events()
    assert isinstance(last, RunFinished)
    assert (last.reason, last.best_epoch, last.message) == ("failed", 1, str(caught.value))
    Predictor.load(tmp_path / "best.safetensors")
    tensors, _ = read_tensors(tmp_path / "last.safetensors")
    assert all(bool(torch.isfinite(value.float()).all()) for value in tensors.values())


@pytest.mark.usefixtures("every_step_reports")
def test_a_full_disk_keeps_the_last_checkpoint(tmp_path: Path, data_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small.config("improved", checkpoint_every_s=0.0)
    events = _fit(tmp_path / "cut", data_set, config)
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
    list(_fit(tmp_path / "cut", data_set, config))
    _assert_same_state(_uninterrupted(tmp_path / "whole", data_set, config), tmp_path / "cut")


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"{}"])
def test_a_damaged_state_is_refused_not_trained_on(tmp_path: Path, data_set: Path, content: bytes) -> None:
    config = small.config("improved", epochs=1)
    _uninterrupted(tmp_path, data_set, config)
    (tmp_path / "last.safetensors").write_bytes(content)
    with pytest.raises(Exception, match=r"last\.safetensors is damaged"):
        list(_fit(tmp_path, data_set, config))
    (tmp_path / "last.safetensors").write_bytes((tmp_path / "best.safetensors").read_bytes())
    with pytest.raises(RunError, match="does not hold the state"):
        list(_fit(tmp_path, data_set, config))


def test_it_learns(tmp_path: Path, data_set: Path) -> None:
    config = small.config("baseline", epochs=30, learning_rate=5e-3, checkpoint_every_s=1000.0)
    records = [event for event in _fit(tmp_path, data_set, config) if isinstance(event, EpochRecord)]
    assert records[-1].training_loss < 0.1 * records[0].training_loss
    assert records[-1].training_mae_months < 20
    assert min(record.validation_mae_months for record in records) < 25  # guessing the mean gives 51
    best = min(records, key=lambda record: record.validation_mae_months)
    assert [record.epoch for record in records if record.is_best][-1] == best.epoch


@pytest.mark.parametrize("model", ["improved", "improved-sex"])
def test_the_best_model_carries_a_card_of_what_was_measured(tmp_path: Path, data_set: Path, model: str) -> None:
    config = small.config(model, epochs=2, ema_decay=0.5)
    events = list(_fit(tmp_path, data_set, config))
    card = read_card(tmp_path / "best.safetensors")
    best = [event for event in events if isinstance(event, EpochRecord) and event.is_best][-1]
    assert card.metrics["validation"]["mae_months"] == pytest.approx(best.validation_mae_months, abs=1e-3)
    assert card.config == config.to_json()
    assert card.uses_sex is (model == "improved-sex")
    assert set(card.residual_quantiles) == ({"all", "sex not given"} if card.uses_sex else {"all"})
    assert card.preprocessing == config.preprocessing
    assert card.self_test_months is not None
    assert "random weights (no ImageNet weights)" in card.notes[0]
    run, training, validation = small.begin(tmp_path, data_set, config)
    ages = [case.age_months for case in training.cases]
    assert (card.age_low_months, card.age_high_months) == (min(ages), max(ages))
    assert (card.label_mean_months, card.label_std_months) == pytest.approx((np.mean(ages), np.std(ages)))
    predictor = Predictor.load(tmp_path / "best.safetensors")
    predicted = predictor.ages_of_canvases(list(validation.canvases), [case.sex for case in validation.cases])
    actual = np.array([case.age_months for case in validation.cases])
    expected = residual_quantiles(predicted, actual)
    assert dict(card.residual_quantiles["all"]) == pytest.approx(dict(expected), abs=1e-3)
    assert load_checkpoint(run.best_path)[1] == card


def test_losses_are_in_months(tmp_path: Path, data_set: Path) -> None:
    for loss in ("mse", "l1", "huber"):
        config = small.config("baseline", epochs=1, loss=loss, learning_rate=1e-7)
        (record,) = [event for event in _fit(tmp_path / loss, data_set, config) if isinstance(event, EpochRecord)]
        if loss == "l1":
            assert record.training_loss == pytest.approx(record.training_mae_months, rel=1e-4)
            assert record.validation_loss == pytest.approx(record.validation_mae_months, rel=1e-4)
        if loss == "mse":
            assert record.training_loss > record.training_mae_months**2 * 0.99


def test_the_learning_rate_rises_and_falls_as_told(tmp_path: Path, data_set: Path) -> None:
    config = small.config("baseline", epochs=4, schedule="cosine", warmup_epochs=1.0, learning_rate=1e-3)
    rates = [event.learning_rate for event in _fit(tmp_path, data_set, config) if isinstance(event, EpochRecord)]
    assert rates[0] == pytest.approx(1e-3)
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 1e-9
