"""Training of the gate's network: examples drawn as they are needed, one pass, a learning rate that rises and falls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from trainer.gate.making.examples import example
from trainer.gate.making.pictures import Pictures
from trainer.gate.network import GateNetwork

SAID_EVERY: Final = 100  # steps
_EMA_DECAY: Final = 0.998


@dataclass(frozen=True, slots=True, kw_only=True)
class GateTraining:
    """The choices of a training of the gate."""

    seed: int = 0
    steps: int = 6000
    batch_size: int = 64
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    label_smoothing: float = 0.01

    def to_json(self) -> dict[str, Any]:
        """Return plain values for the card."""
        return asdict(self)


def train_gate(
    pictures: Pictures, choices: GateTraining, *, progress: Callable[[int, float], None] | None = None
) -> GateNetwork:
    """Train a network on one part's pictures; return it in evaluation mode, the average of its last few hundred steps.

    The same pictures and choices give the same network. ``progress`` is told steps and the mean loss since the last.
    """
    torch.manual_seed(choices.seed)
    network = GateNetwork().train()
    averaged = {name: value.clone() for name, value in network.state_dict().items()}
    optimizer = torch.optim.AdamW(network.parameters(), lr=choices.learning_rate, weight_decay=choices.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=choices.learning_rate, total_steps=choices.steps, pct_start=0.1
    )
    loss_of = nn.CrossEntropyLoss(label_smoothing=choices.label_smoothing)
    losses: list[float] = []
    for step, (canvases, kinds) in enumerate(_batches(pictures, choices), start=1):
        loss = loss_of(network(canvases), kinds)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        _average(averaged, network)
        losses.append(float(loss.detach()))
        if progress is not None and (step % SAID_EVERY == 0 or step == choices.steps):
            progress(step, float(np.mean(losses)))
            losses.clear()
    network.load_state_dict(averaged)
    return network.eval()


def _average(averaged: dict[str, Tensor], network: GateNetwork) -> None:
    """Move the averages a little towards the network as it is; counters follow at once."""
    for name, value in network.state_dict().items():
        if value.is_floating_point():
            averaged[name].lerp_(value, 1.0 - _EMA_DECAY)
        else:
            averaged[name].copy_(value)


def _batches(pictures: Pictures, choices: GateTraining) -> Iterator[tuple[Tensor, Tensor]]:
    for step in range(choices.steps):
        drawn = [
            example(pictures, seed=(choices.seed, 1895, step * choices.batch_size + place))
            for place in range(choices.batch_size)
        ]
        canvases = torch.from_numpy(np.stack([canvas for canvas, _ in drawn])[:, None])
        yield canvases, torch.tensor([kind for _, kind in drawn])
