"""Small runs that tests begin, interrupt and compare."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import torch

from tests.trainer import small
from trainer.card import read_card
from trainer.checkpoint import read_tensors
from trainer.config import TrainingConfig
from trainer.events import EpochRecord, RunFinished, TrainingEvent, to_json
from trainer.fit import fit
from trainer.orders import Orders
from trainer.run import Run

STEPS = 4  # of an epoch of the small data set
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


def train(
    folder: Path, data: Path, config: TrainingConfig, *, orders: Orders | None = None
) -> Generator[TrainingEvent]:
    """Begin a run in a folder, or go on with it."""
    run, training, validation = small.begin(folder, data, config)
    return fit(config, training, validation, run, data={"description": "drawn hands"}, orders=orders)


def uninterrupted(folder: Path, data: Path, config: TrainingConfig) -> Path:
    """Train to the end; return the folder."""
    *_, last = train(folder, data, config)
    assert isinstance(last, RunFinished)
    return folder


def again_and_again(folder: Path, data: Path, config: TrainingConfig) -> int:
    """Train to the end with an interruption every few events, at every kind of them; return how many there were."""
    for stops in range(100):
        with closing(train(folder, data, config)) as events:
            for count, event in enumerate(events):
                if isinstance(event, RunFinished):
                    return stops
                if count == 4 + stops % 4:
                    break
    raise AssertionError("the run comes to no end")


def assert_same_state(one: Path, other: Path) -> None:
    """Fail unless two runs have the same weights, moments, random state, best model and losses, to the last bit."""
    (expected, _), (found, _) = read_tensors(one / "last.safetensors"), read_tensors(other / "last.safetensors")
    assert expected.keys() == found.keys()
    assert {name.partition(".")[0] for name in expected} >= {"network", "optimizer", "random"}
    for name, value in expected.items():
        assert torch.equal(value, found[name]), name
    best = [read_card(folder / "best.safetensors") for folder in (one, other)]
    assert best[0] == best[1]
    assert records(one) == records(other)


def records(run: Path) -> list[dict[str, Any]]:
    """Return the epochs in events.jsonl, without what depends on the clock."""
    found = [to_json(event) for event in Run(run).events() if isinstance(event, EpochRecord)]
    return [{k: v for k, v in record.items() if k not in ("images_per_s", "elapsed_s")} for record in found]
