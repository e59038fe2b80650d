"""Heat: where the model found what makes its age older or younger (Grad-CAM, Selvaraju et al. 2017).

A map of the last convolutions' activations, each weighted by how much the age grows with it. An age has two
directions, so what the paper cuts off below zero is kept as a map of its own.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from trainer.explain.look import look_at
from trainer.explain.place import Place
from trainer.networks import AgeNetwork, sex_codes
from trainer.predictor import Predictor, inputs_of
from trainer.radiograph import Radiograph, Sex
from trainer.views import View

# The number averages more samplings than this. They lie less than a canvas pixel apart, a cell of the map is some
# 20 canvas pixels wide, and each costs 50 ms: two show what all would.
MOST_VIEWS: Final = 2

Map = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """What raised and what lowered the age, on the model's canvas, and where that lies on the radiograph."""

    older: Map = field(repr=False)  # float32[side, side], 0 to 1
    younger: Map = field(repr=False)  # the same; one scale for both, 1 is the strongest of either
    place: Place
    cells: tuple[int, int]  # rows and columns that the map was enlarged from
    views: int  # looks at the picture that are averaged here, of each network
    all_views: int  # and in the number itself
    elapsed_s: float


def heat_of(predictor: Predictor, radiograph: Radiograph, sex: Sex | None) -> Heat:
    """Return the heat of one radiograph, as the model sees it when it reads the age. Raises RadiographError."""
    begun = time.perf_counter()
    card = predictor.card
    views, place = look_at(predictor, radiograph)
    chosen = views[:MOST_VIEWS]
    cells = _cells(predictor, chosen, sex)
    older, younger = _enlarged(cells, card.preprocessing.side_px)
    return Heat(
        older=older,
        younger=younger,
        place=place,
        cells=(cells.shape[0], cells.shape[1]),
        views=len(chosen),
        all_views=len(views),
        elapsed_s=time.perf_counter() - begun,
    )


def last_convolutions(network: AgeNetwork) -> nn.Module:
    """Return the part of a network whose activations still know where they are: the last one before the mean."""
    backbone = network.backbone
    layer: nn.Module = backbone.layer4 if hasattr(backbone, "layer4") else backbone.features[-1]
    return layer


def _cells(predictor: Predictor, views: Sequence[View], sex: Sex | None) -> Map:
    """Return the mean map of all networks and views, float32[rows, columns], mirror images turned back."""
    networks = predictor.networks
    device = next(networks[0].parameters()).device
    inputs = inputs_of(views, predictor.card).to(device).contiguous(memory_format=torch.channels_last)
    total = sum(_attributed(network, inputs, sex_codes([sex] * len(views)).to(device)) for network in networks)
    maps = torch.as_tensor(total)[:, 0].cpu().numpy()
    turned_back = [one[:, ::-1] if view.is_mirrored else one for one, view in zip(maps, views, strict=True)]
    return np.asarray(np.mean(turned_back, axis=0), dtype=np.float32)


def _attributed(network: AgeNetwork, views: Tensor, sexes: Tensor) -> Tensor:
    from captum.attr import LayerGradCam

    camera = LayerGradCam(network, last_convolutions(network))
    found = camera.attribute(views, additional_forward_args=(sexes,), relu_attributions=False)
    if not isinstance(found, Tensor):
        raise TypeError("a layer with several outputs has no single map")
    return found.detach()


def _enlarged(cells: Map, side_px: int) -> tuple[Map, Map]:
    """Bring a map to the canvas, both directions on one scale; a map of nothing stays 0."""
    import cv2

    whole = np.asarray(cv2.resize(cells, (side_px, side_px), interpolation=cv2.INTER_CUBIC), dtype=np.float32)
    strongest = float(np.abs(whole).max())
    if not strongest > 0.0:  # nor where it is not a number
        return np.zeros_like(whole), np.zeros_like(whole)
    whole /= strongest
    return np.maximum(whole, 0.0), np.maximum(-whole, 0.0)
