"""Prepare: from a table of ages to cleaned, split cases with their canvases. The road to every training run."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from trainer.canvases import CanvasCache, read_canvases
from trainer.cases import Case, CaseTable, Dropped
from trainer.counted import counted
from trainer.data_source import FILE, DataSource, read_source, write_source
from trainer.errors import DataError, RunError
from trainer.events import Note, Preparing
from trainer.pictures import stem
from trainer.preprocess import Preprocessing
from trainer.split import PARTS, Split, read_split, split_cases
from trainer.table import table_sha256

NOT_PLACED: Final = "not in the split"
OTHER_PIXELS: Final = (
    "Some radiographs of this run were replaced since it was begun; those that are there now are taken."
)
OTHER_TABLE: Final = "The table of this run was changed since it was begun; ages and sexes are as it says them now."


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Cleaned cases, who trains on which of them, and their canvases."""

    source: DataSource
    table: CaseTable  # with every reason to drop, unreadable pictures included
    split: Split
    training: CanvasCache
    validation: CanvasCache
    notes: tuple[str, ...] = ()  # what is to be said of them, wherever they are shown and in the run's log

    @property
    def pixels_sha256(self) -> str:
        """SHA-256 over which radiographs train and choose the epoch: their ids and their pixels as decoded."""
        caches = (self.training, self.validation)
        seen = [pair for cache in caches for pair in zip(cache.cases, cache.pixels, strict=True)]
        pairs = sorted(f"{case.case_id}\t{pixels}" for case, pixels in seen)
        return hashlib.sha256("\n".join(pairs).encode()).hexdigest()

    @property
    def known(self) -> DataSource:
        """The source with what its radiographs are known again by."""
        return replace(self.source, table_sha256=table_sha256(self.source.data), pixels_sha256=self.pixels_sha256)

    def facts(self) -> dict[str, Any]:
        """Return what a model card says of the data, as plain values."""
        known = f"{counted(len(self.split.training), 'radiograph')} of {self.source.data.resolve().name}"
        return {
            "description": self.source.description or known,
            "cases": len(self.table.cases),
            "training": len(self.training.cases),
            "validation": len(self.validation.cases),
            "test": len(self.split.test),
            "dropped": len(self.table.dropped),
            "split_seed": self.split.seed,
            "split_sha256": self.split.fingerprint,
        }


def prepare(
    source: DataSource,
    preprocessing: Preprocessing,
    *,
    split_seed: int,
    uses_sex: bool = False,
    recorded_split: Path | None = None,
    cache_folder: Path | None = None,
) -> Generator[Preparing | Note, None, Prepared]:
    """Read the table, decode, clean and split; yield progress, return the result. Raises DataError.

    Everything is decoded before the split, so that no picture can be in two parts of it under two ids.
    ``recorded_split`` is the split of a run that goes on; it wins over the source's and over a drawn one, and what it
    places stays where it is. A model that ``uses_sex`` does not begin where no case that trains has one. Canvases are
    kept in ``cache_folder``, by default the user's own.
    """
    yield Preparing(what="reading the table", done=0, total=1)
    table = source.cases()
    if recorded_split is not None:
        split = read_split(recorded_split, table.cases, seed=split_seed)
        cache = yield from _decoded((*split.training, *split.validation), preprocessing, cache_folder)
        cases = table.cases
    else:
        first = _split(source, table.cases, table.dropped, seed=split_seed)  # what cannot be split is not decoded first
        if uses_sex:
            _need_sexes(first.training)
        cache = (yield from _decoded(table.cases, preprocessing, cache_folder)).without_same_pictures()
        cases = cache.cases
        split = _split(source, cases, (*table.dropped, *cache.dropped), seed=split_seed)
    unsexed = _few_sexes(split.training) if uses_sex else None
    found = (cache.note, *table.cautions, split.caution, split.patients_apart, unsexed)
    notes = tuple(note for note in found if note is not None)
    yield from (Note(message=note) for note in notes)
    placed = {case.case_id for part in PARTS for case in split.part(part)}
    unplaced = [Dropped(case_id=case.case_id, reason=NOT_PLACED) for case in cases if case.case_id not in placed]
    # A new run begins without what is missing; a recorded split stays what it was.
    split = split if recorded_split else replace(split, missing=())
    cases = tuple(case for case in cases if case.case_id in placed)
    dropped = (*table.dropped, *cache.dropped, *unplaced)
    prepared = Prepared(
        source=source,
        table=CaseTable(cases=cases, dropped=dropped),
        split=split,
        training=cache.of(split.training),
        validation=cache.of(split.validation),
        notes=notes,
    )
    _need_some("training", prepared.training.cases)
    _need_some("validation", prepared.validation.cases)
    return prepared


def recognise(folder: Path, prepared: Prepared) -> Generator[Note]:
    """Hold the radiographs that a run goes on with against those it was begun with, and record where they lie now.

    Yields a Note on what was changed where they always lay. Raises RunError where a new place holds others.
    """
    known = prepared.known
    own = read_source(folder) if (folder / FILE).is_file() else known
    changed = own.pixels_sha256 not in (None, known.pixels_sha256)
    if changed and not own.same_cases(known):
        raise RunError(
            f"The radiographs at {known.pictures or known.data} are not those that this run was begun with, though "
            "their table is: some are missing or are other pictures. Name the place where its own lie now."
        )
    if changed and not prepared.split.missing:
        yield Note(message=OTHER_PIXELS)
    if own.table_sha256 not in (None, known.table_sha256):
        yield Note(message=OTHER_TABLE)
    kept = replace(
        known,
        table_sha256=own.table_sha256 or known.table_sha256,
        pixels_sha256=own.pixels_sha256 or known.pixels_sha256,
    )
    if kept.to_json() != own.to_json() or own is known:
        write_source(folder, kept)


def _decoded(
    cases: Sequence[Case], preprocessing: Preprocessing, cache_folder: Path | None
) -> Generator[Preparing, None, CanvasCache]:
    """Decode the cases, or find what was decoded before, telling how far it is."""
    yield Preparing(what="reading radiographs", done=0, total=len(cases))
    with closing(read_canvases(cases, preprocessing, cache_folder)) as reading:
        while True:
            try:
                done, total = next(reading)
            except StopIteration as end:
                cache: CanvasCache = end.value
                break
            yield Preparing(what="reading radiographs", done=done, total=total)
    return cache


def _split(source: DataSource, cases: Sequence[Case], dropped: Sequence[Dropped], *, seed: int) -> Split:
    """Split for a new run: as drawn, or as fixed; what was dropped for a reason is not missing as well."""
    if source.split is None:
        return split_cases(cases, seed=seed)
    split = read_split(source.split, cases, seed=seed)
    _need_some("training", split.training)
    _need_some("validation", split.validation)
    gone = {stem(row.case_id) for row in dropped}
    return replace(split, missing=tuple(pair for pair in split.missing if stem(pair[0]) not in gone))


def _need_some(part: str, cases: Sequence[Case]) -> None:
    if not cases:
        raise DataError(
            f"The split leaves no radiograph for {part}; a run trains on some and chooses its best epoch by others. "
            "Place more in it, or bring back the pictures that are missing."
        )


def _need_sexes(training: Sequence[Case]) -> None:
    if all(case.sex is None for case in training):
        raise DataError(
            f"This model uses the sex, and none of the {counted(len(training), 'radiograph')} that would train it has "
            "one. Name the column that holds the sex, or choose a model that does without, such as improved."
        )


def _few_sexes(training: Sequence[Case]) -> str | None:
    without = sum(case.sex is None for case in training)
    if 2 * without <= len(training):
        return None
    return (
        f"{without:,} of the {counted(len(training), 'radiograph')} that train have no sex, which this model uses: it "
        "learns little of what the sex tells."
    )
