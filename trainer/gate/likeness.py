"""Likeness: how far a radiograph lies from those a model was trained on, by that model's own traits.

A normal distribution is fitted to the traits of the training radiographs, each in its own spread: its main axes as
they are, the rest with one common variance (Tipping and Bishop, J R Stat Soc B 1999; 61:611, the maximum of the
likelihood). The distance is Mahalanobis's, in units of the median training radiograph's: about 1 for what the model
knows. A second number says how far a picture leans from those radiographs towards hands that this program draws, along
Fisher's linear discriminant: an example of what is no radiograph helps to see it (Hendrycks, Mazeika and Dietterich,
ICLR 2019), and the distance alone takes nine of ten drawn hands for radiographs.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch

from trainer.card import (
    HASH_KEY,
    MADE_FROM,
    METADATA_KEY,
    ModelCard,
    card_values,
    likeness_beside,
    read_header,
    text_sha256,
)
from trainer.checkpoint import read_tensors, tensors_sha256, write_tensors
from trainer.counted import counted
from trainer.errors import CheckpointError
from trainer.gate.traits import Features

Numbers = npt.NDArray[np.float64]  # [n]

FORMAT: Final = "boneage-likeness-2"
TENSORS: Final = ("mean", "spread", "axes", "variances", "rest", "typical", "drawn")
AXES: Final = 96
KNOWN_SHARE: Final = 0.9975  # of validation radiographs that lie below each of the two limits
DRAWN_SHARE: Final = 0.95  # of drawn hands, other ones, that lie above theirs, if that keeps more radiographs below
LEAST_KNOWN: Final = 20  # validation radiographs: below, a limit says nothing
LEAST_VARIANCE: Final = 1e-3  # of the mean variance: many traits hardly ever move, and would count without end
SHRUNK: Final = 0.01  # of the mean variance, added to the discriminant's: it must hold for hands not drawn yet


@dataclass(frozen=True, slots=True, kw_only=True)
class LikenessCard:
    """What the reference belongs to and how it was measured."""

    model_name: str
    model_sha256: str  # of the model's weights; features of another model mean nothing here
    limit: float  # distance above which a picture is unlike
    drawn_limit: float  # leaning above which it looks drawn
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
            sound = (
                card.limit > 0
                and not math.isnan(card.drawn_limit)
                and all(isinstance(text, str) for text in (card.model_name, card.model_sha256, card.tensors_sha256))
            )
        except TypeError:
            sound = False
        if not sound:
            raise CheckpointError("The reference of likeness is damaged: a part of it is missing or of the wrong kind.")
        return card


class Likeness:
    """The traits of one model's own radiographs, and the limits of what is like them."""

    def __init__(self, card: LikenessCard, tensors: Mapping[str, torch.Tensor]) -> None:
        """Hold ``mean``, ``spread``, ``drawn`` [t], ``axes`` [k, t], ``variances`` [k], ``rest``, ``typical`` [1]."""
        self.card = card
        self._tensors = dict(tensors)
        self._mean, self._spread, self._axes, self._variances, self._rest, self._typical, self._drawn = (
            tensors[name].double().numpy() for name in TENSORS
        )

    @classmethod
    def fit(cls, known: Features, drawn: Features, *, model_name: str, model_sha256: str) -> Likeness:
        """Fit the reference to the traits of training radiographs and of drawn hands; its limits are infinite yet."""
        mean, spread = known.mean(axis=0), known.std(axis=0)
        spread = np.where(spread > 0, spread, 1.0)
        scaled, others = (known - mean) / spread, (drawn - mean) / spread
        covariance = np.cov(scaled, rowvar=False)
        values, vectors = np.linalg.eigh(covariance)
        count = min(AXES, len(values) - 1)
        rest = max(float(values[:-count].mean()), LEAST_VARIANCE * float(values.mean()))
        tensors = {
            "mean": torch.from_numpy(mean).float(),
            "spread": torch.from_numpy(spread).float(),
            "axes": torch.from_numpy(vectors[:, -count:].T.copy()).float(),
            "variances": torch.from_numpy(np.maximum(values[-count:], rest)).float(),
            "rest": torch.tensor([rest], dtype=torch.float32),
            "typical": torch.ones(1),
            "drawn": torch.from_numpy(_discriminant(scaled, others, covariance)).float(),
        }
        card = LikenessCard(
            model_name=model_name, model_sha256=model_sha256, limit=float("inf"), drawn_limit=float("inf")
        )
        typical = float(np.median(cls(card, tensors).distances(known)))
        return cls(card, {**tensors, "typical": torch.tensor([typical], dtype=torch.float32)})

    def limited_by(self, validation: Features, drawn: Features) -> Likeness:
        """Return it with limits below each of which 99.75 % of validation radiographs lie, or more.

        ``drawn`` are hands that it was not fitted to. Most lean so far that their limit can be higher: full-size
        radiographs lean a little more than the small copies that a model may have been trained on. Raises
        CheckpointError for under 20 radiographs.
        """
        refuse_few(len(validation))
        limit, drawn_limit = (
            float(np.quantile(numbers, KNOWN_SHARE))
            for numbers in (self.distances(validation), self.leanings(validation))
        )
        drawn_limit = max(drawn_limit, float(np.quantile(self.leanings(drawn), 1 - DRAWN_SHARE)))
        return self.with_card(replace(self.card, limit=limit, drawn_limit=drawn_limit))

    def distances(self, traits: Features) -> Numbers:
        """Return the distance of each row of traits, float64[n]; about 1 for known radiographs."""
        off = (traits - self._mean) / self._spread
        along = off @ self._axes.T
        beside = ((off - along @ self._axes) ** 2).sum(axis=1)
        squares = (along**2 / self._variances).sum(axis=1) + beside / self._rest[0]
        return np.asarray(np.sqrt(squares) / self._typical[0], dtype=np.float64)

    def leanings(self, traits: Features) -> Numbers:
        """Return how far each row leans towards drawn hands, float64[n], in SDs of known radiographs."""
        return np.asarray(((traits - self._mean) / self._spread) @ self._drawn, dtype=np.float64)

    def unlike(self, traits: Features) -> npt.NDArray[np.bool_]:
        """Say of each row whether it lies beyond either limit."""
        far, drawn = self.distances(traits) > self.card.limit, self.leanings(traits) > self.card.drawn_limit
        return np.asarray(far | drawn, dtype=np.bool_)

    def cautions(self, traits: Features) -> list[str]:
        """Return the sentences for one picture, float64[1, t], that is unlike what the model knows; mostly none.

        Raises CheckpointError for traits of another network.
        """
        if traits.shape[1] != len(self._mean):
            raise CheckpointError(f"The reference of likeness of {self.card.model_name} belongs to another network.")
        distance, leaning = float(self.distances(traits)[0]), float(self.leanings(traits)[0])
        said = []
        if distance > self.card.limit:
            said.append(
                f"This picture is unlike those the model was trained on (distance {distance:.2f}, limit "
                f"{self.card.limit:.2f}): its number may be far off."
            )
        if leaning > self.card.drawn_limit:
            said.append(
                f"This looks like a drawn hand, not like a radiograph ({leaning:.1f} SD towards drawn ones, limit "
                f"{self.card.drawn_limit:.1f}): its number may mean nothing."
            )
        return said

    def with_card(self, card: LikenessCard) -> Likeness:
        """Return the same reference with another card."""
        return Likeness(card, self._tensors)

    def save(self, path: Path, card: LikenessCard) -> LikenessCard:
        """Write the reference with its final card; return it with its hash. OSError passes through."""
        values = {**asdict(card), "tensors_sha256": tensors_sha256(self._tensors)}
        text = json.dumps({"format": FORMAT, **values})
        write_tensors(path, self._tensors, {METADATA_KEY: text, HASH_KEY: text_sha256(text)})
        return LikenessCard(**values)

    @classmethod
    def find(cls, model: Path, card: ModelCard, shipped: Path) -> Likeness | None:
        """Load a model's reference from the folder of the shipped ones or from beside its file, or return None.

        Raises CheckpointError.
        """
        for path in sorted(shipped.glob("likeness-*.safetensors")):
            if _is_of(path, card):
                return cls.load(path)
        return cls.beside(model, card)

    @classmethod
    def beside(cls, model: Path, card: ModelCard) -> Likeness | None:
        """Load the reference that lies beside a model's file, or return None. Raises CheckpointError."""
        path = likeness_beside(model)
        return cls.load(path) if path.is_file() and _is_of(path, card) else None

    @classmethod
    def load(cls, path: Path) -> Likeness:
        """Read a reference, checking its hash. Raises CheckpointError."""
        card = LikenessCard.from_json(card_values(read_header(path), path))
        tensors, _ = read_tensors(path)
        if tensors_sha256(tensors) != card.tensors_sha256:
            raise CheckpointError(f"The values in {path.name} are not the ones it was written with; it was changed.")
        if not _fits(tensors):
            raise CheckpointError(f"{path.name} is no reference of likeness.")
        return cls(card, tensors)


def refuse_few(validation: int) -> None:
    """Refuse to set limits by so many radiographs. Raises CheckpointError."""
    if validation < LEAST_KNOWN:
        raise CheckpointError(
            f"What is unlike cannot be said from {counted(validation, 'validation radiograph')}; {LEAST_KNOWN} is the "
            "least."
        )


def _discriminant(known: Features, drawn: Features, covariance: Features) -> Numbers:
    """Return Fisher's direction from known radiographs to drawn hands, float64[t]; known ones spread by 1 along it."""
    pooled = (covariance + np.cov(drawn, rowvar=False)) / 2
    pooled = pooled + SHRUNK * np.trace(pooled) / len(pooled) * np.eye(len(pooled))
    direction = np.linalg.solve(pooled, drawn.mean(axis=0))  # the known ones' own mean is 0
    along = float(np.std(known @ direction))
    return np.asarray(direction / along if along > 0 else np.zeros_like(direction), dtype=np.float64)


def _is_of(path: Path, card: ModelCard) -> bool:
    """Say whether a reference is a model's: of its weights, or of the best of a run that it was kept from."""
    owner = LikenessCard.from_json(card_values(read_header(path), path)).model_sha256
    return owner in (card.weights_sha256, card.data.get(MADE_FROM))


def _fits(tensors: Mapping[str, torch.Tensor]) -> bool:
    """Say whether these are a reference's tensors, of sides that belong together."""
    if set(tensors) != set(TENSORS) or tensors["mean"].ndim != 1 or tensors["axes"].ndim != 2:
        return False
    traits, axes = len(tensors["mean"]), len(tensors["axes"])
    sides = {"spread": (traits,), "drawn": (traits,), "axes": (axes, traits), "variances": (axes,)}
    sides |= {"rest": (1,), "typical": (1,)}
    return all(tuple(tensors[name].shape) == wanted for name, wanted in sides.items())
