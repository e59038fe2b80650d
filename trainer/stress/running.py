"""Running: a model reads the same radiographs as they are, then under one transformation after the other.

A generator, so that whoever shows it may stop between two batches by no longer asking. Knows no torch: the model is
whatever answers like a Predictor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from trainer.cases import Case
from trainer.errors import DataError, RadiographError
from trainer.events import Preparing
from trainer.metrics import Months
from trainer.prediction import Prediction
from trainer.radiograph import Radiograph, Sex, read
from trainer.stress.painting import transformed
from trainer.stress.stressed import Stressed
from trainer.stress.transformations import TRANSFORMATIONS, Transformation
from trainer.views import View

BATCH_VIEWS: Final = 32

Change = Callable[[Radiograph, int], Radiograph]  # a radiograph and its place among the cases


class Asked(Protocol):
    """What the test needs of a model: the steps of ``Predictor.predict``, so that cases share a batch."""

    def righted(self, radiograph: Radiograph) -> Radiograph:
        """Return the radiograph as it is read."""

    def views(self, radiograph: Radiograph) -> list[View]:
        """Return what the network looks at. Raises RadiographError."""

    def ages_of_views(self, views: Sequence[View], sexes: Sequence[Sex | None]) -> npt.NDArray[np.float64]:
        """Return months, float64[n]."""

    def prediction(
        self, ages: npt.NDArray[np.float64], sex: Sex | None, *, cautions: Sequence[str], elapsed_s: float
    ) -> Prediction:
        """Return the answer. Raises RadiographError."""


def stress(
    model: Asked,
    cases: Sequence[Case],
    *,
    changes: Sequence[Transformation] = TRANSFORMATIONS,
    what: str = "reading",
    seed: int = 0,
) -> Iterator[Preparing | Stressed]:
    """Yield each transformation's answers as they come, with the steps in between, ``what`` first in their words.

    Every radiograph is read from its file again each time, so that memory holds a batch, whatever the count. ``seed``
    decides the noise; it differs from case to case. Raises DataError where the model answers no case as it is.
    """
    actual = np.array([case.age_months for case in cases], dtype=np.float64)
    before = yield from _ages(model, cases, lambda radiograph, _: radiograph, f"{what}: as they are")
    if not np.isfinite(before).any():
        raise DataError("None of the pictures of these cases can be read.")
    for change in changes:

        def changed(radiograph: Radiograph, place: int, change: Transformation = change) -> Radiograph:
            return transformed(radiograph, change, seed=seed + place)

        after = yield from _ages(model, cases, changed, f"{what}: {change.name}")
        yield Stressed(change=change, actual=actual, before=before, after=after)


@dataclass(slots=True)
class _Batch:
    """Views that wait for the network, and whose they are."""

    places: list[int]
    views: list[list[View]]

    @property
    def size(self) -> int:
        return sum(map(len, self.views))


def _ages(model: Asked, cases: Sequence[Case], change: Change, what: str) -> Generator[Preparing, None, Months]:
    ages = np.full(len(cases), math.nan)
    batch = _Batch(places=[], views=[])
    for place, case in enumerate(cases):
        try:
            views = model.views(model.righted(change(read(case.image_path), place)))
        except RadiographError:
            continue  # stays nan: the model refused
        batch.places.append(place)
        batch.views.append(views)
        if batch.size >= BATCH_VIEWS:
            _answer(model, cases, batch, ages)
            batch = _Batch(places=[], views=[])
            yield Preparing(what=what, done=place + 1, total=len(cases))
    _answer(model, cases, batch, ages)
    yield Preparing(what=what, done=len(cases), total=len(cases))
    return ages


def _answer(model: Asked, cases: Sequence[Case], batch: _Batch, ages: Months) -> None:
    """Fill in the ages of a batch."""
    if not batch.places:
        return
    views = [view for own in batch.views for view in own]
    sexes = [cases[place].sex for place, own in zip(batch.places, batch.views, strict=True) for _ in own]
    found, start = model.ages_of_views(views, sexes), 0
    for place, own in zip(batch.places, batch.views, strict=True):
        part, start = found[start : start + len(own)], start + len(own)
        try:
            answer = model.prediction(part, cases[place].sex, cautions=(), elapsed_s=0.0)
        except RadiographError:
            continue
        ages[place] = answer.age_months
