"""Predictors whose reasons are known: what they look at is written here, not learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from trainer.card import ModelCard
from trainer.networks import build
from trainer.predictor import Predictor
from trainer.preprocess import Preprocessing, to_canvas
from trainer.radiograph import Radiograph, Sex
from trainer.views import View


def card(preprocessing: Preprocessing, **changes: Any) -> ModelCard:
    """A card of a model on 0 to 1 grey levels."""
    values: dict[str, Any] = {
        "name": "looker",
        "architecture": "improved-sex",
        "uses_sex": True,
        "label_mean_months": 100.0,
        "label_std_months": 40.0,
        "weights_sha256": "ab" * 32,
    }
    return ModelCard(preprocessing=preprocessing, **{**values, **changes})


def untrained(preprocessing: Preprocessing | None = None, **changes: Any) -> Predictor:
    """A real network that never learned anything, always the same."""
    torch.manual_seed(3)
    look = preprocessing or Preprocessing(side_px=64, network_px=64)
    return Predictor([build("improved-sex").eval()], card(look, **changes))


class _BrightCells(nn.Module):
    """A backbone of one layer: the mean brightness of cells of 8 x 8 pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.layer4 = nn.AvgPool2d(8)


class BrightSpot(nn.Module):
    """Answers the brightness of the picture: more of it is older, or younger."""

    def __init__(self, weight: float) -> None:
        super().__init__()
        self.backbone = _BrightCells()
        self.weight = nn.Parameter(torch.tensor([weight]))

    def forward(self, inputs: Tensor, _sexes: Tensor) -> Tensor:
        """One answer a picture."""
        answer: Tensor = self.backbone.layer4(inputs).mean(dim=(1, 2, 3)) * self.weight
        return answer


class EdgeCounter:
    """Reads 100 months and the unevenness of one window of the canvas."""

    def __init__(self, preprocessing: Preprocessing, window: tuple[slice, slice]) -> None:
        self.card = card(preprocessing)
        self._window = window

    def righted(self, radiograph: Radiograph) -> Radiograph:
        """As Predictor: nothing is turned."""
        return radiograph

    def undone_degrees(self, _radiograph: Radiograph) -> float:
        """As Predictor."""
        return 0.0

    def views(self, radiograph: Radiograph) -> list[View]:
        """As Predictor."""
        return [View(to_canvas(radiograph, self.card.preprocessing))]

    def ages_of_views(self, views: Sequence[View], _sexes: Sequence[Sex | None]) -> npt.NDArray[np.float64]:
        """As Predictor."""
        parts = [view.seen[self._window].astype(np.float64) for view in views]
        return np.array([100.0 + np.abs(np.diff(part, axis=0)).mean() for part in parts])
