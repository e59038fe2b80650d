"""Features: a radiograph as a model's networks sum it up, before their heads turn that and the sex into an age."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from trainer.gate.traits import features_of as features_of_network
from trainer.predictor import Predictor
from trainer.preprocess import Canvas

BATCH: Final = 32

Features = npt.NDArray[np.float32]


def features_of(predictor: Predictor, canvases: Sequence[Canvas]) -> Features:
    """Return what the heads are given of each canvas, all networks side by side, unit length: float32[n, features].

    The heads' own hidden layers were tried as well: they hold little but the age, and any two hands are alike there.
    """
    look = predictor.card.preprocessing
    parts = [features_of_network(network, canvases, look, batch_size=BATCH) for network in predictor.networks]
    whole = np.concatenate(parts, axis=1)
    return np.asarray(whole / np.linalg.norm(whole, axis=1, keepdims=True).clip(1e-12), dtype=np.float32)
