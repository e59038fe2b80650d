"""Stress: the same radiographs transformed in 33 ways, and how far a model's answers move."""

from trainer.stress.painting import transformed
from trainer.stress.running import stress
from trainer.stress.steadiness import Steadiness, steadiness
from trainer.stress.stressed import Estimate, Stressed, StressRow, row_of
from trainer.stress.transformations import NEUTRAL, TRANSFORMATIONS, Transformation
from trainer.stress.trial import Trial, trial_from_json, trial_of

__all__ = [
    "NEUTRAL",
    "TRANSFORMATIONS",
    "Estimate",
    "Steadiness",
    "StressRow",
    "Stressed",
    "Transformation",
    "Trial",
    "row_of",
    "steadiness",
    "stress",
    "transformed",
    "trial_from_json",
    "trial_of",
]
