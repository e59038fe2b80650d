"""fit: events in order, exact resumption, and ends that say why."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import trainer.fit.epoch
import trainer.fit.learner
import trainer.fit.validation
from tests.trainer import runs, small
from trainer.card import read_card
from trainer.checkpoint import load_checkpoint
from trainer.device import flushes_tiny
from trainer.errors import RunError
from trainer.events import CheckpointSaved, EpochRecord, RunFinished, RunStarted, StepReport, to_json
from trainer.metrics import residual_quantiles
from trainer.networks import AgeNetwork
from trainer.predictor import Predictor, months_of_canvases
from trainer.run import Run

pytestmark = pytest.mark.usefixtures("small_backbone")
ROOT = Path(__file__).parents[2]


@pytest.mark.usefixtures("every_step_reports")
def test_events_come_in_order_and_are_all_in_the_file(tmp_path: Path, data_set: Path) -> None:
    config = small.config("baseline", epochs=2)
    events = list(runs.train(tmp_path / "run", data_set, config))
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
    config = small.config(**runs.EVERYTHING)
    whole = runs.uninterrupted(tmp_path / "whole", data_set, config)
    assert runs.again_and_again(tmp_path / "cut", data_set, config) > 4
    runs.assert_same_state(whole, tmp_path / "cut")


@pytest.mark.parametrize("kind", [EpochRecord, CheckpointSaved, RunStarted])
def test_closing_at_any_event_keeps_what_was_done(
    tmp_path: Path, data_set: Path, kind: type, every_step_reports: None
) -> None:
    config = small.config("improved", epochs=2)
    with closing(runs.train(tmp_path, data_set, config)) as events:
        next(event for event in events if isinstance(event, kind))
    *_, last = Run(tmp_path).events()
    assert isinstance(last, RunFinished)
    assert last.reason == "paused"
    started = next(iter(runs.train(tmp_path, data_set, config)))
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
    config, cut = small.config(**runs.EVERYTHING), tmp_path / "cut"
    code = CHILD.format(root=str(ROOT), choices=runs.EVERYTHING, folder=str(cut), data=str(data_set))
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
    whole = runs.uninterrupted(tmp_path / "whole", data_set, config)
    list(runs.train(cut, data_set, config))
    runs.assert_same_state(whole, cut)
    assert not list(cut.glob(".*"))


@pytest.mark.parametrize(
    ("field", "value"), [("epochs", 9), ("learning_rate", 0.01), ("recipe", "steady"), ("model", "improved-sex")]
)
def test_resuming_with_another_choice_is_refused(tmp_path: Path, data_set: Path, field: str, value: object) -> None:
    next(iter(runs.train(tmp_path, data_set, small.config("improved", epochs=1))))
    choices: dict[str, Any] = {"model": "improved", "epochs": 1, "recipe": "improved", field: value}
    other = small.config(**choices)
    with pytest.raises(RunError, match=f"another {field}"):
        list(runs.train(tmp_path, data_set, other))


def test_a_run_may_go_on_on_another_machine(tmp_path: Path, data_set: Path) -> None:
    next(iter(runs.train(tmp_path, data_set, small.config("improved", epochs=1))))
    events = list(
        runs.train(tmp_path, data_set, small.config("improved", epochs=1, device="cpu", checkpoint_every_s=7.0))
    )
    assert isinstance(events[-1], RunFinished)


def test_it_learns(tmp_path: Path, data_set: Path) -> None:
    config = small.config("baseline", epochs=30, learning_rate=5e-3, checkpoint_every_s=1000.0)
    records = [event for event in runs.train(tmp_path, data_set, config) if isinstance(event, EpochRecord)]
    assert records[-1].training_loss < 0.1 * records[0].training_loss
    assert records[-1].training_mae_months < 20
    assert min(record.validation_mae_months for record in records) < 25  # guessing the mean gives 51
    best = min(records, key=lambda record: record.validation_mae_months)
    assert [record.epoch for record in records if record.is_best][-1] == best.epoch


@pytest.mark.parametrize("model", ["improved", "improved-sex"])
def test_the_best_model_carries_a_card_of_what_was_measured(tmp_path: Path, large_data_set: Path, model: str) -> None:
    config = small.config(model, epochs=2, ema_decay=0.5)
    events = list(runs.train(tmp_path, large_data_set, config))
    card = read_card(tmp_path / "best.safetensors")
    best = [event for event in events if isinstance(event, EpochRecord) and event.is_best][-1]
    assert card.metrics["validation"]["mae_months"] == pytest.approx(best.validation_mae_months, abs=1e-3)
    assert card.config == config.to_json()
    assert card.uses_sex is (model == "improved-sex")
    assert set(card.residual_quantiles) == ({"all", "sex not given"} if card.uses_sex else {"all"})
    assert card.preprocessing == config.preprocessing
    assert card.self_test_months is not None
    assert "random weights (no ImageNet weights)" in card.notes[0]
    run, training, validation = small.begin(tmp_path, large_data_set, config)
    ages = [case.age_months for case in training.cases]
    assert (card.age_low_months, card.age_high_months) == (min(ages), max(ages))
    assert (card.label_mean_months, card.label_std_months) == pytest.approx((np.mean(ages), np.std(ages)))
    predictor = Predictor.load(tmp_path / "best.safetensors")
    predicted = predictor.ages_of_canvases(list(validation.canvases), [case.sex for case in validation.cases])
    actual = np.array([case.age_months for case in validation.cases])
    expected = residual_quantiles(predicted, actual)
    assert dict(card.residual_quantiles["all"]) == pytest.approx(dict(expected), abs=1e-3)
    assert load_checkpoint(run.best_path)[1] == card


def test_intervals_are_by_sex_and_age_where_there_are_enough_cases(
    tmp_path: Path, large_data_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.intervals.LEAST_CASES", 19)
    # So young a network answers the mean age to nearly all: they are one band.
    list(runs.train(tmp_path, large_data_set, small.config("improved-sex", epochs=1, learning_rate=1e-7)))
    groups = set(read_card(tmp_path / "best.safetensors").residual_quantiles)
    assert {"all", "sex not given"} < groups
    assert any(group.endswith(" y") and not group.startswith("sex not given") for group in groups)
    assert any(group.endswith(" y") and group.startswith("sex not given") for group in groups)


def test_a_model_of_few_validation_cases_has_no_interval(tmp_path: Path, data_set: Path) -> None:
    list(runs.train(tmp_path, data_set, small.config("improved", epochs=1)))
    card = read_card(tmp_path / "best.safetensors")
    assert card.residual_quantiles == {}
    assert card.metrics["validation"]["n"] == 4


def test_losses_are_in_months(tmp_path: Path, data_set: Path) -> None:
    for loss in ("mse", "l1", "huber"):
        config = small.config("baseline", epochs=1, loss=loss, learning_rate=1e-7)
        (record,) = [event for event in runs.train(tmp_path / loss, data_set, config) if isinstance(event, EpochRecord)]
        if loss == "l1":
            assert record.training_loss == pytest.approx(record.training_mae_months, rel=1e-4)
            assert record.validation_loss == pytest.approx(record.validation_mae_months, rel=1e-4)
        if loss == "mse":
            assert record.training_loss > record.training_mae_months**2 * 0.99


@pytest.mark.usefixtures("every_step_reports")
def test_speed_is_that_of_training_alone(tmp_path: Path, data_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow_s = 0.3

    def slowly(*arguments: Any, **more: Any) -> Any:
        time.sleep(slow_s)
        return months_of_canvases(*arguments, **more)

    monkeypatch.setattr(trainer.fit.validation, "months_of_canvases", slowly)
    events = list(runs.train(tmp_path, data_set, small.config("baseline", epochs=2, checkpoint_every_s=1000.0)))
    steps = [event for event in events if isinstance(event, StepReport)]
    records = [event for event in events if isinstance(event, EpochRecord)]
    times = [event.elapsed_s for event in events if isinstance(event, (StepReport, EpochRecord))]
    assert times == sorted(times)
    assert times[0] > 0
    for number, record in enumerate(records):
        of_epoch = [step.elapsed_s for step in steps if step.epoch == record.epoch]
        before = records[number - 1].elapsed_s if number else 0.0
        assert record.images_per_s == pytest.approx(32 / (of_epoch[-1] - before), rel=0.01)
        assert record.elapsed_s - of_epoch[-1] >= slow_s
    assert all(step.gpu_memory_mb is None for step in steps)


def test_numbers_too_small_for_a_fast_cpu_count_as_zero(
    tmp_path: Path, data_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights that only decay end among them. They are 0 in training and validation, and for nobody else."""
    seen: list[tuple[bool, bool]] = []
    truly = AgeNetwork.forward

    def forward(network: AgeNetwork, *inputs: torch.Tensor) -> torch.Tensor:
        seen.append((network.training, flushes_tiny()))
        return truly(network, *inputs)

    monkeypatch.setattr(AgeNetwork, "forward", forward)
    for _ in runs.train(tmp_path / "run", data_set, small.config("improved", epochs=1)):
        assert not flushes_tiny()
    assert {flushed for training, flushed in seen if training} == {True}
    assert (False, True) in seen  # validation; the self-test of what is saved is one look more


def test_the_learning_rate_rises_and_falls_as_told(tmp_path: Path, data_set: Path) -> None:
    config = small.config("baseline", epochs=4, schedule="cosine", warmup_epochs=1.0, learning_rate=1e-3)
    rates = [event.learning_rate for event in runs.train(tmp_path, data_set, config) if isinstance(event, EpochRecord)]
    assert rates[0] == pytest.approx(1e-3)
    assert rates == sorted(rates, reverse=True)
    assert 1e-5 < rates[-1] < 2e-5, "the rate of an epoch's last step, not of the step that never comes"
