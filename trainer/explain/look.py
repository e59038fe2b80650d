"""Look: what the networks see of a radiograph when they read its age, and where that lies on it."""

from __future__ import annotations

from trainer.explain.place import Place
from trainer.predictor import Predictor
from trainer.radiograph import Radiograph
from trainer.views import View


def look_at(predictor: Predictor, radiograph: Radiograph) -> tuple[list[View], Place]:
    """Return the views that a prediction averages, and the place of their canvases. Raises RadiographError.

    A radiograph that is turned for reading is turned here too, and its place is on the radiograph as it is shown.
    """
    views = predictor.views(predictor.righted(radiograph))
    degrees = predictor.undone_degrees(radiograph)
    return views, Place.of(radiograph.pixels.shape, predictor.card.preprocessing, undone_degrees=degrees)
