"""Look: what the networks see of a radiograph when they read its age, and where that lies on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trainer.explain.place import Place
from trainer.margins import picture_in
from trainer.predictor import Predictor
from trainer.radiograph import Radiograph
from trainer.views import View


def look_at(predictor: Predictor, radiograph: Radiograph) -> tuple[list[View], Place]:
    """Return the views that a prediction averages, and the place of their canvases. Raises RadiographError.

    A radiograph that is read without its margins and turned is so here too, and its place is on the radiograph as it
    is shown.
    """
    views = predictor.views(predictor.righted(radiograph))
    box = picture_in(radiograph.pixels)
    degrees = predictor.undone_degrees(radiograph)
    place = Place.of((box.height, box.width), predictor.card.preprocessing, undone_degrees=degrees)
    return views, replace(place, corner=place.corner + np.array([box.left, box.top]))
