"""Occlusion: what the model would read without a region of the hand, in months."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from trainer.errors import RadiographError
from trainer.explain.look import look_at
from trainer.explain.place import Place
from trainer.explain.regions import Region
from trainer.prediction import years_and_months
from trainer.predictor import Predictor
from trainer.preprocess import Canvas
from trainer.radiograph import Radiograph, Sex
from trainer.views import View

# In shares of the canvas. The blur takes bones away and leaves the brightness of the flesh about them; the rim lets it
# begin softly, because a hard edge is itself something that a network looks at.
BLUR: Final = 0.09
RIM: Final = 0.012


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionShift:
    """How an answer moves when a region's bones are taken away."""

    region: Region
    months: float  # answer without the region less the answer with it


def shifts_without(
    predictor: Predictor, radiograph: Radiograph, sex: Sex | None, regions: Sequence[Region]
) -> Iterator[RegionShift]:
    """Yield the shift for each region, over all the views that a prediction averages. Raises RadiographError."""
    views, place = look_at(predictor, radiograph)
    with_all = _age(predictor, views, sex)
    for region in regions:
        age = _age(predictor, [replace(view, canvas=without(view.canvas, region, place)) for view in views], sex)
        yield RegionShift(region=region, months=age - with_all)


def _age(predictor: Predictor, views: Sequence[View], sex: Sex | None) -> float:
    age = float(predictor.ages_of_views(views, [sex] * len(views)).mean())
    if not math.isfinite(age):
        raise RadiographError("Without a region the model finds no age: its answer is not a number.")
    return age


def without(canvas: Canvas, region: Region, place: Place) -> Canvas:
    """Return a canvas, uint8[side, side], whose region shows even tissue instead of bones."""
    import cv2

    side = canvas.shape[0]
    mask = np.zeros(canvas.shape, dtype=np.float32)
    for outline in region.outlines:
        # Sixteenths of a pixel: on a canvas of 100 a finger is four pixels wide.
        corners = np.round((place.to_canvas(outline) - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(mask, [corners], 1.0, lineType=cv2.LINE_8, shift=4)
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), RIM * side))
    share = np.maximum(mask, np.minimum(1.0, 2.0 * soft))
    return np.asarray(np.rint(canvas * (1.0 - share) + _tissue(canvas, mask) * share), dtype=np.uint8)


def _tissue(canvas: Canvas, mask: npt.NDArray[np.float32]) -> Canvas:
    """Return the region's own brightness, blurred inside its bounds so that the dark ground does not leak in."""
    import cv2

    sigma = BLUR * canvas.shape[0]
    weight = cv2.GaussianBlur(mask, (0, 0), sigma)
    light = cv2.GaussianBlur(mask * canvas.astype(np.float32), (0, 0), sigma)
    return np.asarray(np.clip(light / np.maximum(weight, 1e-3), 0, 255), dtype=np.uint8)


def in_words(shift: RegionShift) -> str:
    """Return the sentence for the screen: "Without the wrist the model would read 1 year 2 months younger"."""
    without_it = f"Without the {shift.region.part.value} the model would read"
    whole = round(abs(shift.months))
    if whole == 0:
        return f"{without_it} the same"
    return f"{without_it} {years_and_months(whole)} {'older' if shift.months > 0 else 'younger'}"
