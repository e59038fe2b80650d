"""Traits: what a network makes of a radiograph on the way to an age, from its first channels to its last features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from trainer.networks import AgeNetwork
from trainer.preprocess import Canvas, Preprocessing, to_input

Features = npt.NDArray[np.float64]  # [n, features]

BATCH: Final = 32
EARLY: Final = 1 / 8  # stages that answer with this part of the side or more see texture; the later ones, hands


def features_of(
    network: AgeNetwork, canvases: Sequence[Canvas], preprocessing: Preprocessing, *, batch_size: int = BATCH
) -> Features:
    """Return what a network's backbone hands to its head, float64[n, features], one row a canvas."""
    return _answers(network, network.backbone, canvases, preprocessing, batch_size)


def traits_of(
    network: AgeNetwork, canvases: Sequence[Canvas], preprocessing: Preprocessing, *, batch_size: int = BATCH
) -> Features:
    """Return the mean and the spread of every channel of a backbone's early stages, then its features.

    float64[n, traits], one row a canvas. A drawn hand's last features are a hand's; the early stages see its grain.
    """

    def traits(inputs: Tensor) -> Tensor:
        return torch.cat([*_early(network, inputs), network.backbone(inputs)], dim=1)

    return _answers(network, traits, canvases, preprocessing, batch_size)


def _early(network: AgeNetwork, answer: Tensor) -> list[Tensor]:
    """Return mean and spread of what the last early stage of each side answers: float[n, 2 channels] a side."""
    backbone, least = network.backbone, answer.shape[-1] * EARLY
    found: dict[int, Tensor] = {}
    # torchvision's newer networks keep their stages in ``features``. Hooks would do the work once, but other threads
    # may ask the same network meanwhile.
    for stage in getattr(backbone, "features", backbone).children():
        answer = stage(answer)
        if answer.ndim != 4 or answer.shape[-1] < least:
            break
        # Summed up at once: the next stage may write over it.
        found[answer.shape[-1]] = torch.cat([answer.mean(dim=(2, 3)), answer.std(dim=(2, 3))], dim=1)
    return list(found.values())


def _answers(
    network: AgeNetwork,
    ask: Callable[[Tensor], Tensor],
    canvases: Sequence[Canvas],
    preprocessing: Preprocessing,
    batch_size: int,
) -> Features:
    rows, device = [], next(network.parameters()).device
    for start in range(0, len(canvases), batch_size):
        part = [to_input(canvas, preprocessing) for canvas in canvases[start : start + batch_size]]
        with torch.inference_mode():
            inputs = torch.from_numpy(np.stack(part)).expand(-1, 3, -1, -1).to(device)
            rows.append(ask(inputs).double().cpu().numpy())
    return np.concatenate(rows)
