"""Indexing: from a data folder, or from phantoms, to a CaseIndex; what was worked out before is found again."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from trainer.canvases import CanvasCache, Reader, read_canvases
from trainer.cases import Case
from trainer.data_source import DataSource
from trainer.errors import DataError
from trainer.explain.case_index import CaseIndex, KnownCase, digest_of, index_key
from trainer.explain.features import BATCH, Features, features_of
from trainer.explain.phantom_cases import DrawCase, draw_case, drawn_phantoms
from trainer.explain.shelf import Shelf
from trainer.predictor import Predictor
from trainer.preprocess import Canvas, to_canvas

MOST_CASES: Final = 20_000  # the RSNA's set has 12,611; features of these take 20 MB

Drawing = tuple[KnownCase, Canvas]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far the making of an index is."""

    what: str
    done: int
    total: int


def index_data(
    predictor: Predictor, data: Path, shelf: Shelf, canvas_folder: Path | None = None, *, reader: Reader | None = None
) -> Generator[Step, None, CaseIndex]:
    """Index a folder with a table, or a table, as a training reads it; yield progress. Raises DataError.

    ``reader`` may read radiographs elsewhere, asked by several threads at once.
    """
    yield Step(what="reading the table", done=0, total=1)
    cases = DataSource(data=data).cases().cases
    if len(cases) > MOST_CASES:
        raise DataError(f"{data} lists {len(cases):,} cases; up to {MOST_CASES:,} can be compared. Choose a part.")
    cache = yield from _decoded(cases, predictor, canvas_folder, reader)
    known = tuple(
        KnownCase(age_months=case.age_months, sex=case.sex, picture=case.image_path, digest=digest_of(canvas))
        for case, canvas in zip(cache.cases, cache.canvases, strict=True)
    )
    features = yield from _found(predictor, known, cache.canvases, shelf)
    return CaseIndex(
        cases=known,
        features=features,
        weights_sha256=predictor.card.weights_sha256,
        left_out=len(cases) - len(known),
    )


def index_phantoms(
    predictor: Predictor, shelf: Shelf, *, count: int, draw_with: DrawCase = draw_case
) -> Generator[Step, None, CaseIndex]:
    """Index phantoms, drawn once; yield progress. ``draw_with`` may draw them elsewhere."""
    drawings: list[Drawing] = []
    with closing(drawn_phantoms(shelf, count, draw_with=draw_with)) as drawing:
        while True:
            try:
                done = next(drawing)
            except StopIteration as end:
                phantoms = end.value
                break
            yield Step(what="drawing hands", done=done, total=count)
    for phantom in phantoms:
        canvas = to_canvas(phantom.radiograph(), predictor.card.preprocessing)
        case = KnownCase(
            age_months=phantom.age_months, sex=phantom.sex, picture=phantom.pixels, digest=digest_of(canvas)
        )
        drawings.append((case, canvas))
    known = tuple(case for case, _ in drawings)
    features = yield from _found(predictor, known, [canvas for _, canvas in drawings], shelf)
    return CaseIndex(cases=known, features=features, weights_sha256=predictor.card.weights_sha256)


def _decoded(
    cases: Sequence[Case], predictor: Predictor, folder: Path | None, reader: Reader | None
) -> Generator[Step, None, CanvasCache]:
    with closing(read_canvases(cases, predictor.card.preprocessing, folder, reader=reader)) as reading:
        while True:
            try:
                done, total = next(reading)
            except StopIteration as end:
                cache: CanvasCache = end.value
                return cache
            yield Step(what="reading radiographs", done=done, total=total)


def _found(
    predictor: Predictor, known: Sequence[KnownCase], canvases: Iterable[Canvas], shelf: Shelf
) -> Generator[Step, None, Features]:
    """Find the features of these very canvases and weights, or work them out and keep them."""
    key = f"features-{index_key(predictor.card.weights_sha256, known)}"
    kept = (shelf.find(key) or {}).get("features")
    if kept is not None and _fits(kept, len(known)):
        return kept.astype(np.float32)
    waiting = list(canvases)
    parts = []
    for start in range(0, len(known), BATCH):
        yield Step(what="looking at cases", done=start, total=len(known))
        parts.append(features_of(predictor, waiting[start : start + BATCH]))
    features = np.concatenate(parts)
    shelf.keep(key, {"features": features})
    return features


def _fits(kept: npt.NDArray[np.generic], count: int) -> bool:
    return kept.ndim == 2 and kept.shape[0] == count and kept.dtype == np.float32 and bool(np.isfinite(kept).all())
