"""Evaluate a model on labelled cases, by the same path that reads a single radiograph."""

from __future__ import annotations

import csv
import io
import math
import os
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from trainer.card import ModelCard
from trainer.cases import Case, Dropped
from trainer.comparison import Compared
from trainer.errors import DataError, RadiographError
from trainer.measured import Measured
from trainer.metrics import Months, score_in_full
from trainer.prediction import Prediction
from trainer.predictor import Predictor
from trainer.radiograph import Sex, read
from trainer.views import View
from trainer.whole_file import write_whole

BATCH_VIEWS: Final = 32  # what the network reads in one step; a single radiograph may have more
DECODERS: Final = max(1, min(4, (os.cpu_count() or 2) // 2))
AHEAD: Final = 8  # radiographs decoded while the network works; their canvases alone are kept


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

    def without(self, case_ids: Collection[str]) -> Evaluation:
        """Return the same but for some cases. Raises DataError when none is left."""
        kept = [pair for pair in zip(self.cases, self.predictions, strict=True) if pair[0].case_id not in case_ids]
        if not kept:
            raise DataError("None of the pictures of these cases can be read.")
        return replace(self, cases=tuple(case for case, _ in kept), predictions=tuple(answer for _, answer in kept))

    def compared(self, card: ModelCard) -> Compared:
        """Return the answers as one side of a comparison."""
        return Compared(
            name=card.name, sha256=card.weights_sha256, predicted=self.predicted, interval_covered=self.covered
        )

    def measured(self, card: ModelCard, *, data: str, held_out: bool, cautions: Collection[str] = ()) -> Measured:
        """Return the answers as plain values with what is right; ``data`` says in words what the cases are."""
        return Measured(
            case_ids=tuple(case.case_id for case in self.cases),
            actual=self.actual,
            sexes=tuple(case.sex for case in self.cases),
            model=self.compared(card),
            data=data,
            held_out=held_out,
            cautions=tuple(cautions),
        )

    def score(self, *, seed: int = 0) -> dict[str, Any]:
        """The whole score with ``by_sex`` and ``by_age``, as plain values, and the share the interval covered."""
        values = score_in_full(self.predicted, self.actual, [case.sex for case in self.cases], seed=seed)
        covered = None if self.covered is None else round(self.covered, 4)
        return {**values, "interval_covered": covered, "unreadable": len(self.unreadable)}


def write_csv(path: Path, evaluation: Evaluation) -> None:
    """Write every case with its answer: id, actual, predicted, low, high (months), sex. Raises DataError.

    Where the model gives no interval, low and high are empty. The file is whole or not there.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("id", "actual", "predicted", "low", "high", "sex"))
    for case, answer in zip(evaluation.cases, evaluation.predictions, strict=True):
        ends = ["" if math.isnan(end) else f"{end:.2f}" for end in (answer.low_months, answer.high_months)]
        writer.writerow((case.case_id, f"{case.age_months:g}", f"{answer.age_months:.2f}", *ends, case.sex or ""))
    write_whole(path, text.getvalue())


def evaluate(
    predictor: Predictor,
    cases: Sequence[Case],
    *,
    hide_sex: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Read every case with the model, several in one step. ``hide_sex`` tells it no sex.

    The answers are those of ``Predictor.predict`` to a hundredth of a month; memory is bounded, whatever the count.
    Raises DataError when no case can be read.
    """
    kept: list[Case] = []
    predictions: list[Prediction] = []
    unreadable: list[Dropped] = []
    for index, (case, answer) in enumerate(_answers(predictor, cases, hide_sex=hide_sex)):
        if isinstance(answer, Prediction):
            kept.append(case)
            predictions.append(answer)
        else:
            unreadable.append(Dropped(case_id=case.case_id, reason=str(answer)))
        if progress:
            progress(index + 1, len(cases))
    if not predictions:
        raise DataError("None of the pictures of these cases can be read.")
    return Evaluation(cases=tuple(kept), predictions=tuple(predictions), unreadable=tuple(unreadable))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A case that was decoded, or could not be."""

    case: Case
    sex: Sex | None
    views: list[View]
    cautions: tuple[str, ...]
    refused: RadiographError | None = None


def _answers(
    predictor: Predictor, cases: Sequence[Case], *, hide_sex: bool
) -> Iterator[tuple[Case, Prediction | RadiographError]]:
    """Yield every case with its answer, in order; pictures are decoded by threads while the network works."""

    def decode(case: Case) -> _Waiting:
        sex = None if hide_sex else case.sex
        try:
            radiograph = read(case.image_path)
            views = predictor.views(radiograph)
        except RadiographError as error:
            return _Waiting(case=case, sex=sex, views=[], cautions=(), refused=error)
        return _Waiting(case=case, sex=sex, views=views, cautions=radiograph.cautions)

    batch: list[_Waiting] = []
    with ThreadPoolExecutor(max_workers=DECODERS, thread_name_prefix="evaluate") as pool:
        try:
            for waiting in _in_order(pool, decode, cases):
                batch.append(waiting)
                if sum(len(entry.views) for entry in batch) >= BATCH_VIEWS:
                    yield from _answered(predictor, batch)
                    batch = []
            yield from _answered(predictor, batch)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _in_order(
    pool: ThreadPoolExecutor, decode: Callable[[Case], _Waiting], cases: Sequence[Case]
) -> Iterator[_Waiting]:
    """Yield what ``decode`` makes of each case, in order, never more than a few ahead."""
    futures: deque[Future[_Waiting]] = deque()
    for case in cases:
        futures.append(pool.submit(decode, case))
        if len(futures) > AHEAD:
            yield futures.popleft().result()
    while futures:
        yield futures.popleft().result()


def _answered(predictor: Predictor, batch: Sequence[_Waiting]) -> Iterator[tuple[Case, Prediction | RadiographError]]:
    begun = time.perf_counter()
    views = [view for entry in batch for view in entry.views]
    sexes = [entry.sex for entry in batch for _ in entry.views]
    ages = predictor.ages_of_views(views, sexes) if views else np.empty(0)
    each_s = (time.perf_counter() - begun) / max(1, len(batch))
    start = 0
    for entry in batch:
        own, start = ages[start : start + len(entry.views)], start + len(entry.views)
        if entry.refused is not None:
            yield entry.case, entry.refused
            continue
        try:
            answer = predictor.prediction(own, entry.sex, cautions=entry.cautions, elapsed_s=each_s)
        except RadiographError as error:
            yield entry.case, error
        else:
            yield entry.case, answer
