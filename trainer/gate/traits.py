"""Traits: what a network makes of a radiograph on the way to an age, from its first channels to its last features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

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

    return _answers(network, lambda inputs: _traits(network.backbone, inputs), canvases, preprocessing, batch_size)


def _traits(backbone: nn.Module, inputs: Tensor) -> Tensor:
    """Go through a backbone stage by stage. Hooks would see them too, but those of other threads as well."""
    answer, least = inputs, inputs.shape[-1] * EARLY
    early: dict[int, Tensor] = {}
    is_resnet = hasattr(backbone, "fc")  # whose stages are its parts, in order, with a flattening before the last
    for stage in backbone.children() if is_resnet else getattr(backbone, "features", backbone).children():
        answer = stage(answer.flatten(1) if is_resnet and stage is backbone.fc else answer)
        if answer.ndim == 4 and answer.shape[-1] >= least:
            early[answer.shape[-1]] = answer  # the last of each side; no stage after it writes over it
        elif not is_resnet:
            break
    features = answer if is_resnet else backbone(inputs)
    return torch.cat([*map(_mean_and_spread, early.values()), features], dim=1)


def _mean_and_spread(answer: Tensor) -> Tensor:
    """Sum up channels, float[n, 2 channels] of [n, channels, side, side]; in a sixth of the time of ``Tensor.std``."""
    mean = answer.mean(dim=(2, 3), keepdim=True)
    places = answer.shape[-2] * answer.shape[-1]
    spread = ((answer - mean) ** 2).sum(dim=(2, 3)).div(max(1, places - 1)).sqrt()
    return torch.cat([mean.flatten(1), spread], dim=1)


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
