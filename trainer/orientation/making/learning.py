"""Learning: train the network that finds orientation, on one thread in some ten minutes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from trainer.cases import Case
from trainer.orientation.canvas import to_window
from trainer.orientation.making.turning import draw_turned
from trainer.orientation.network import TurnNetwork, shares_of_steps
from trainer.orientation.turn import turn_of
from trainer.radiograph import read

SIDE_PX: Final = 100  # what the radiographs are kept at
BATCH: Final = 128
LEARNING_RATE: Final = 4e-3
WEIGHT_DECAY: Final = 1e-3
LYING_DEGREES: Final = 45.0
LYING_CERTAINTY: Final = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedEpoch:
    """How an epoch went."""

    epoch: int  # from 1
    epochs: int
    loss: float  # cross-entropy
    set_aside: int  # training radiographs whose hand lies turned in their file


def small_pictures(cases: Sequence[Case]) -> Tensor:
    """Read radiographs, squashed to uint8[n, 100, 100]. Raises RadiographError."""
    import cv2

    def small(case: Case) -> npt.NDArray[np.uint8]:
        pixels = read(case.image_path).pixels
        how = cv2.INTER_AREA if min(pixels.shape) >= SIDE_PX else cv2.INTER_LINEAR
        return np.asarray(cv2.convertScaleAbs(cv2.resize(pixels, (SIDE_PX, SIDE_PX), interpolation=how), alpha=255.0))

    return torch.from_numpy(np.stack([small(case) for case in cases]))


def learn(network: TurnNetwork, pictures: Tensor, *, epochs: int, seed: int = 0) -> Iterator[LearnedEpoch]:
    """Train the network (in place) on upright radiographs uint8[n, 100, 100]; it is left in evaluation mode.

    Some hands lie turned in their files. Half-way through, those that the network finds turned are set aside.
    """
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = epochs * max(1, len(pictures) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    kept = pictures
    for epoch in range(1, epochs + 1):
        if epoch == epochs // 2 + 1:
            kept = pictures[~_lying(network.eval(), pictures)]
        network.train()
        order, losses = torch.randperm(len(kept), generator=generator), []
        for part in torch.split(order, BATCH)[: max(1, len(kept) // BATCH)]:
            windows, right = draw_turned(kept[part], generator)
            loss = -(network(windows).log_softmax(1) * right).sum(1).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if schedule.last_epoch < steps:
                schedule.step()
            losses.append(float(loss.detach()))
        network.eval()
        yield LearnedEpoch(epoch=epoch, epochs=epochs, loss=float(np.mean(losses)), set_aside=len(pictures) - len(kept))


def _lying(network: TurnNetwork, pictures: Tensor) -> Tensor:
    """Say which hands, bool[n], the network is certain to find turned by more than 45 degrees."""
    windows = torch.from_numpy(np.stack([to_window(picture.numpy() / 255.0) for picture in pictures]))
    turns = [turn_of(row.numpy()) for part in torch.split(windows, 256) for row in shares_of_steps(network, part)]
    return torch.tensor([abs(turn.degrees) > LYING_DEGREES and turn.certainty >= LYING_CERTAINTY for turn in turns])
