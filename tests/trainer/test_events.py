"""Events come back from JSON as they went, and nothing else passes for one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from trainer.events import EpochRecord, Note, RunFinished, RunStarted, TrainingEvent, from_json, to_json

EPOCH = EpochRecord(
    epoch=1,
    training_loss=20.0,
    training_mae_months=20.0,
    validation_loss=18.0,
    validation_mae_months=18.0,
    learning_rate=0.001,
    images_per_s=10.0,
    elapsed_s=4.0,
    is_best=True,
)
STARTED = RunStarted(
    run_name="run",
    first_epoch=1,
    epochs=3,
    training_cases=24,
    validation_cases=3,
    steps_per_epoch=2,
    device="cpu",
    config={"a": 1},
)
FINISHED = RunFinished(reason="stopped", best_epoch=0, best_validation_mae_months=None, message="Stopped.")


@pytest.mark.parametrize(
    "event",
    [
        EPOCH,
        STARTED,
        FINISHED,
        Note(message="ä"),
        replace(EPOCH, training_loss=float("inf")),
        replace(EPOCH, elapsed_s=4),
    ],
)
def test_an_event_survives_json(event: TrainingEvent) -> None:
    assert from_json(json.loads(json.dumps(to_json(event)))) == event


@pytest.mark.parametrize(
    ("event", "changes"),
    [
        (EPOCH, {"epoch": {}}),
        (EPOCH, {"epoch": 1.5}),
        (EPOCH, {"epoch": True}),
        (EPOCH, {"epoch": 10**400}),
        (EPOCH, {"validation_mae_months": "18"}),
        (EPOCH, {"validation_mae_months": None}),
        (EPOCH, {"validation_mae_months": 10**400}),
        (EPOCH, {"is_best": 1}),
        (STARTED, {"config": [1]}),
        (STARTED, {"run_name": 5}),
        (FINISHED, {"message": ["two", "lines"]}),
    ],
)
def test_a_value_of_the_wrong_kind_is_no_event(event: TrainingEvent, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a training event"):
        from_json({**to_json(event), **changes})
