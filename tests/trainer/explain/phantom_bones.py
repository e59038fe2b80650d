"""Phantoms with the places of their bones, which the drawing itself does not tell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from trainer.explain.regions import Part
from trainer.phantom import draw
from trainer.phantom.film import Place
from trainer.phantom.framing import frame_hand
from trainer.phantom.ossification import mature
from trainer.phantom.skeleton import build, draw_posture
from trainer.radiograph import Radiograph

HEIGHT_PX = 500
CARPALS = ((0.0, 0.0), (-0.05, 0.0), (-0.02, 0.08), (0.05, 0.06), (0.09, -0.02))  # shares of the hand's length


@dataclass(frozen=True, slots=True, kw_only=True)
class BonyPhantom:
    """A phantom and, for each region, points that lie on its bones: float64[n, 2] as x, y in radiograph pixels."""

    radiograph: Radiograph
    bones: dict[Part, npt.NDArray[np.float64]]


def bony_phantom(*, age_months: float, male: bool, seed: int) -> BonyPhantom:
    """Draw a phantom, and lay out its skeleton once more with the same numbers."""
    phantom = draw(age_months=age_months, male=male, seed=seed, height_px=HEIGHT_PX)
    maturing, body, laying, _, _ = np.random.default_rng([seed, 1967]).spawn(5)
    mature(age_months=age_months, male=male, rng=maturing)
    skeleton = build(age_months=age_months, male=male, posture=draw_posture(laying, plain=False), rng=body)
    film, _ = frame_hand(skeleton, height_px=HEIGHT_PX, rng=laying, plain=False)
    points: dict[Part, list[tuple[float, float]]] = {part: [] for part in Part}
    for bones in skeleton.rays.values():
        for bone in bones:
            part = Part.METACARPALS if bone.name.startswith("metacarpal") else Part.PHALANGES
            points[part] += [
                film.to_pixels(*bone.place.along(bone.length_mm * at)) for at in (0.2, 0.35, 0.5, 0.65, 0.8)
            ]
    origin = Place(x_mm=0.0, y_mm=0.0, bearing=0.0)
    points[Part.WRIST] += [
        film.to_pixels(*origin.along(-down * skeleton.hand_mm, right * skeleton.hand_mm)) for right, down in CARPALS
    ]
    points[Part.WRIST] += [
        film.to_pixels(*bone.place.along(0.02 * skeleton.hand_mm)) for bone in (skeleton.radius, skeleton.ulna)
    ]
    return BonyPhantom(
        radiograph=Radiograph(pixels=phantom.levels, source=Path("phantom")),
        bones={part: np.array(found) for part, found in points.items()},
    )
