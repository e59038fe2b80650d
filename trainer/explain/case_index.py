"""CaseIndex: labelled cases with their features, and those most alike to a radiograph among them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from trainer.explain.features import Features, features_of
from trainer.predictor import Predictor
from trainer.preprocess import Canvas, to_canvas
from trainer.radiograph import Radiograph, Sex

NEAREST: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCase:
    """A case that a radiograph may be held against."""

    age_months: float  # its label
    sex: Sex | None
    picture: Path | npt.NDArray[np.uint8] = field(repr=False)  # a file of the user's own, or what was drawn
    digest: str = field(repr=False)  # of its canvas


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A case and how alike it is."""

    case: KnownCase
    likeness: float  # cosine between features, 1 for the same


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseIndex:
    """Cases with their features, float32[n, features] in unit length, of one model."""

    cases: tuple[KnownCase, ...] = field(repr=False)
    features: Features = field(repr=False)
    weights_sha256: str
    left_out: int = 0  # cases that could not be read

    def nearest(self, predictor: Predictor, radiograph: Radiograph, *, count: int = NEAREST) -> tuple[Neighbour, ...]:
        """Return the cases most alike, the most alike first; the radiograph itself is not its own neighbour.

        Raises RadiographError for what the model cannot look at, ValueError for another model than the index's.
        """
        if predictor.card.weights_sha256 != self.weights_sha256:
            raise ValueError("the index was made with another model")
        canvas = to_canvas(predictor.righted(radiograph), predictor.card.preprocessing)
        likeness = self.features @ features_of(predictor, [canvas])[0]
        # Cases are indexed as they lie, so a radiograph that is turned for reading is known by how it lay too.
        own = {digest_of(canvas), digest_of(to_canvas(radiograph, predictor.card.preprocessing))}
        order = (int(place) for place in np.argsort(-likeness, kind="stable"))
        others = [place for place in order if self.cases[place].digest not in own][:count]
        return tuple(Neighbour(case=self.cases[place], likeness=float(likeness[place])) for place in others)


def digest_of(canvas: Canvas) -> str:
    """Name a canvas by what is on it."""
    return hashlib.sha256(np.ascontiguousarray(canvas).data).hexdigest()[:32]


def index_key(weights_sha256: str, cases: Sequence[KnownCase]) -> str:
    """Name an index by all that its features depend on: the weights, and each case's canvas."""
    digest = hashlib.sha256(f"{weights_sha256}\n".encode())
    for case in cases:
        digest.update(f"{case.digest}\n".encode())
    return digest.hexdigest()[:32]
