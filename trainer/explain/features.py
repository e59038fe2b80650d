"""Features: a radiograph as a model's networks sum it up, before their heads turn that and the sex into an age."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from trainer.predictor import Predictor
from trainer.preprocess import Canvas, to_input

BATCH: Final = 32

Features = npt.NDArray[np.float32]


def features_of(predictor: Predictor, canvases: Sequence[Canvas]) -> Features:
    """Return what the heads are given of each canvas, all networks side by side, unit length: float32[n, features].

    The heads' own hidden layers were tried as well: they hold little but the age, and any two hands are alike there.
    """
    found = []
    for start in range(0, len(canvases), BATCH):
        part = canvases[start : start + BATCH]
        inputs = torch.from_numpy(np.stack([to_input(canvas, predictor.card.preprocessing) for canvas in part]))
        views = inputs.expand(-1, 3, -1, -1).to(next(predictor.networks[0].parameters()).device)
        with torch.inference_mode():
            whole = torch.cat([network.backbone(views).float() for network in predictor.networks], dim=1)
            found.append((whole / whole.norm(dim=1, keepdim=True).clamp_min(1e-12)).cpu().numpy())
    return np.asarray(np.concatenate(found), dtype=np.float32)
