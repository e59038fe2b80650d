"""Likeness: how far a radiograph lies from those a model was trained on, in that model's own features.

A normal distribution is fitted to the features of the training radiographs: its main axes as they are, the rest with
one common variance (Tipping and Bishop, J R Stat Soc B 1999; 61:611, the maximum of the likelihood). The distance is
Mahalanobis's, in units of the median training radiograph's: about 1 for what the model knows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch

from trainer.card import HASH_KEY, METADATA_KEY, card_values, read_header, text_sha256
from trainer.checkpoint import read_tensors, tensors_sha256, write_tensors
from trainer.errors import CheckpointError
from trainer.networks import AgeNetwork
from trainer.preprocess import Canvas, Preprocessing, to_input

Features = npt.NDArray[np.float64]  # [n, features]

FORMAT: Final = "boneage-likeness-1"
TENSORS: Final = ("mean", "axes", "variances", "rest", "typical")
AXES: Final = 96
KNOWN_SHARE: Final = 0.995  # of validation radiographs that lie below the limit
LEAST_VARIANCE: Final = 1e-3  # of the mean variance: many features hardly ever move, and would count without end


def features_of(
    network: AgeNetwork, canvases: Sequence[Canvas], preprocessing: Preprocessing, *, batch_size: int = 32
) -> Features:
    """Return what a network's backbone hands to its head, float64[n, features], one row a canvas."""
    found, device = [], next(network.parameters()).device
    for start in range(0, len(canvases), batch_size):
        part = [to_input(canvas, preprocessing) for canvas in canvases[start : start + batch_size]]
        with torch.inference_mode():
            inputs = torch.from_numpy(np.stack(part)).expand(-1, 3, -1, -1).to(device)
            found.append(network.backbone(inputs).double().cpu().numpy())
    return np.concatenate(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class LikenessCard:
    """What the reference belongs to and how it was measured."""

    model_name: str
    model_sha256: str  # of the model's weights; features of another model mean nothing here
    limit: float  # distance above which a picture is unlike
    tensors_sha256: str = ""
    metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> LikenessCard:
        """Rebuild a card. Raises CheckpointError."""
        rest = dict(values)
        if rest.pop("format", None) != FORMAT:
            raise CheckpointError("The reference of likeness is of a format this program does not know.")
        try:
            card = LikenessCard(**rest)
            sound = card.limit > 0 and all(
                isinstance(text, str) for text in (card.model_name, card.model_sha256, card.tensors_sha256)
            )
        except TypeError:
            sound = False
        if not sound:
            raise CheckpointError("The reference of likeness is damaged: a part of it is missing or of the wrong kind.")
        return card


class Likeness:
    """The reference features of one model, and their limit."""

    def __init__(self, card: LikenessCard, tensors: Mapping[str, torch.Tensor]) -> None:
        """Hold ``mean`` [f], ``axes`` [k, f], ``variances`` [k], ``rest`` [1] and ``typical`` [1]."""
        self.card = card
        self._tensors = dict(tensors)
        self._mean, self._axes, self._variances, self._rest, self._typical = (
            tensors[name].double().numpy() for name in TENSORS
        )

    @classmethod
    def fit(cls, features: Features, *, model_name: str, model_sha256: str) -> Likeness:
        """Fit the reference to features of training radiographs; its limit is not set yet (infinity)."""
        mean = features.mean(axis=0)
        values, vectors = np.linalg.eigh(np.cov(features - mean, rowvar=False))
        count = min(AXES, len(values) - 1)
        rest = max(float(values[:-count].mean()), LEAST_VARIANCE * float(values.mean()))
        tensors = {
            "mean": torch.from_numpy(mean).float(),
            "axes": torch.from_numpy(vectors[:, -count:].T.copy()).float(),
            "variances": torch.from_numpy(np.maximum(values[-count:], rest)).float(),
            "rest": torch.tensor([rest], dtype=torch.float32),
            "typical": torch.ones(1),
        }
        card = LikenessCard(model_name=model_name, model_sha256=model_sha256, limit=float("inf"))
        typical = float(np.median(cls(card, tensors).distances(features)))
        return cls(card, {**tensors, "typical": torch.tensor([typical], dtype=torch.float32)})

    def distances(self, features: Features) -> npt.NDArray[np.float64]:
        """Return the distance of each row of features, float64[n]; about 1 for known radiographs."""
        off = features - self._mean
        along = off @ self._axes.T
        beside = ((off - along @ self._axes) ** 2).sum(axis=1)
        squares = (along**2 / self._variances).sum(axis=1) + beside / self._rest[0]
        return np.asarray(np.sqrt(squares) / self._typical[0], dtype=np.float64)

    def caution(self, distance: float) -> str | None:
        """Return the sentence for a picture that lies too far from what the model knows, or None."""
        if distance <= self.card.limit:
            return None
        return (
            f"This picture is unlike those the model was trained on (distance {distance:.2f}; "
            f"{KNOWN_SHARE:.1%} of known radiographs lie below {self.card.limit:.2f}): its number may be far off."
        )

    def save(self, path: Path, card: LikenessCard) -> LikenessCard:
        """Write the reference with its final card; return it with its hash. OSError passes through."""
        values = {**asdict(card), "tensors_sha256": tensors_sha256(self._tensors)}
        text = json.dumps({"format": FORMAT, **values})
        write_tensors(path, self._tensors, {METADATA_KEY: text, HASH_KEY: text_sha256(text)})
        return LikenessCard(**values)

    @classmethod
    def find(cls, folder: Path, model_sha256: str) -> Likeness | None:
        """Load the reference of the model with these weights from a folder of them, or None. Raises CheckpointError."""
        for path in sorted(folder.glob("likeness-*.safetensors")):
            if LikenessCard.from_json(card_values(read_header(path), path)).model_sha256 == model_sha256:
                return cls.load(path)
        return None

    @classmethod
    def load(cls, path: Path) -> Likeness:
        """Read a reference, checking its hash. Raises CheckpointError."""
        card = LikenessCard.from_json(card_values(read_header(path), path))
        tensors, _ = read_tensors(path)
        if tensors_sha256(tensors) != card.tensors_sha256:
            raise CheckpointError(f"The values in {path.name} are not the ones it was written with; it was changed.")
        if set(tensors) != set(TENSORS):
            raise CheckpointError(f"{path.name} is no reference of likeness.")
        return cls(card, tensors)
