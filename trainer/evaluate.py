"""Evaluate a model on labelled cases, by the same path that reads a single radiograph."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainer.cases import Case, Dropped
from trainer.errors import DataError, RadiographError
from trainer.metrics import Months, score_in_full
from trainer.prediction import Prediction
from trainer.predictor import Predictor
from trainer.radiograph import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a model said about cases whose age is known."""

    cases: tuple[Case, ...]
    predictions: tuple[Prediction, ...]  # in the same order
    unreadable: tuple[Dropped, ...]

    @property
    def predicted(self) -> Months:
        """Predicted months, float64[n]."""
        return np.array([prediction.age_months for prediction in self.predictions])

    @property
    def actual(self) -> Months:
        """Labelled months, float64[n]."""
        return np.array([case.age_months for case in self.cases])

    @property
    def covered(self) -> float | None:
        """Share of cases whose labelled age lies in the interval given; None where the model gives none."""
        if any(math.isnan(prediction.low_months) for prediction in self.predictions):
            return None
        inside = [
            prediction.low_months <= case.age_months <= prediction.high_months
            for case, prediction in zip(self.cases, self.predictions, strict=True)
        ]
        return float(np.mean(inside))

    def score(self, *, seed: int = 0) -> dict[str, Any]:
        """The whole score with ``by_sex`` and ``by_age``, as plain values, and the share the interval covered."""
        values = score_in_full(self.predicted, self.actual, [case.sex for case in self.cases], seed=seed)
        covered = None if self.covered is None else round(self.covered, 4)
        return {**values, "interval_covered": covered, "unreadable": len(self.unreadable)}


def evaluate(
    predictor: Predictor,
    cases: Sequence[Case],
    *,
    hide_sex: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Read every case with the model. ``hide_sex`` tells it no sex. Raises DataError when no case can be read."""
    read_cases: list[Case] = []
    predictions: list[Prediction] = []
    unreadable: list[Dropped] = []
    for index, case in enumerate(cases):
        try:
            predictions.append(predictor.predict(read(case.image_path), sex=None if hide_sex else case.sex))
            read_cases.append(case)
        except RadiographError as error:
            unreadable.append(Dropped(case_id=case.case_id, reason=str(error)))
        if progress:
            progress(index + 1, len(cases))
    if not predictions:
        raise DataError("None of the pictures of these cases can be read.")
    return Evaluation(cases=tuple(read_cases), predictions=tuple(predictions), unreadable=tuple(unreadable))
