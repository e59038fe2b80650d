"""Prepare: from a table of ages to cleaned, split cases with their canvases. The road to every training run."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from trainer.canvases import CanvasCache, read_canvases
from trainer.cases import Case, CaseTable, Dropped, read_cases
from trainer.columns import Columns
from trainer.counted import counted
from trainer.errors import DataError
from trainer.events import Note, Preparing
from trainer.pictures import stem
from trainer.preprocess import Preprocessing
from trainer.split import PARTS, Split, read_split, split_cases
from trainer.table import is_same_table, table_folder, table_sha256
from trainer.whole_file import write_whole

NOT_PLACED: Final = "not in the split"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource:
    """Where labelled radiographs lie and how their table is read; kept in a run folder as ``data.json``."""

    data: Path  # a folder with a table, or a table
    columns: Columns = field(default_factory=Columns)
    pictures: Path | None = None  # the folder of the pictures; None: that of the table
    split: Path | None = None  # a fixed split (columns id, part) instead of a drawn one
    description: str = ""  # what the card says the model was trained on; empty: counted from the cases
    table_sha256: str | None = None  # of the table as a run read it; tells it again where it was moved to

    def to_json(self) -> dict[str, Any]:
        """Return plain values; paths are absolute, since a run may be resumed from anywhere."""
        return {
            "data": str(self.data.resolve()),
            "columns": self.columns.to_json(),
            "pictures": str(self.pictures.resolve()) if self.pictures else None,
            "split": str(self.split.resolve()) if self.split else None,
            "description": self.description,
            "table_sha256": self.table_sha256,
        }

    def need(self) -> None:
        """Raise DataError when there is nothing where the data should lie, before anything is made."""
        if not self.data.exists():
            raise DataError(f"There is no folder or table at {self.data}.")

    @property
    def is_there(self) -> bool:
        """Whether its table is where it was."""
        return is_same_table(self.data, self.data)

    def same_cases(self, other: DataSource) -> bool:
        """Say whether both name the same radiographs, read in the same way; the card's words do not matter."""
        words = {"description": "", "table_sha256": None}
        return {**self.to_json(), **words} == {**other.to_json(), **words}

    def found_at(self, data: Path) -> DataSource | None:
        """Return this source where ``data`` names it, None where that is another.

        A table that is no longer where it was is known again by its bytes; the folder of its pictures is looked for
        beside it, as it was.
        """
        if is_same_table(self.data, data):
            return self
        try:
            if self.table_sha256 is None or self.is_there or table_sha256(data) != self.table_sha256:
                return None
        except DataError:
            return None
        return replace(self, data=data, pictures=self._pictures_beside(data))

    def _pictures_beside(self, data: Path) -> Path | None:
        former = table_folder(self.data)
        if self.pictures is None or self.pictures.exists() or not self.pictures.is_relative_to(former):
            return self.pictures
        return table_folder(data) / self.pictures.relative_to(former)

    def cases(self) -> CaseTable:
        """Read and clean the table; no picture is decoded. Raises DataError."""
        return read_cases(self.data, self.columns, self.pictures)

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> DataSource:
        """Rebuild a source; older files know neither columns nor pictures. Raises DataError for anything else."""
        try:
            pictures, split = values.get("pictures"), values.get("split")
            return DataSource(
                data=Path(values["data"]),
                columns=Columns.from_json(values.get("columns") or {}),
                pictures=Path(pictures) if pictures else None,
                split=Path(split) if split else None,
                description=str(values.get("description", "")),
                table_sha256=values.get("table_sha256"),
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise DataError("data.json does not say where the radiographs lie.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Cleaned cases, who trains on which of them, and their canvases."""

    source: DataSource
    table: CaseTable  # with every reason to drop, unreadable pictures included
    split: Split
    training: CanvasCache
    validation: CanvasCache

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
    recorded_split: Path | None = None,
    cache_folder: Path | None = None,
) -> Generator[Preparing | Note, None, Prepared]:
    """Read the table, decode, clean and split; yield progress, return the result. Raises DataError.

    Everything is decoded before the split, so that no picture can be in two parts of it under two ids.
    ``recorded_split`` is the split of a run that goes on; it wins over the source's and over a drawn one, and what it
    places stays where it is. Canvases are kept in ``cache_folder``, by default the user's own.
    """
    yield Preparing(what="reading the table", done=0, total=1)
    table = source.cases()
    if recorded_split is not None:
        split = read_split(recorded_split, table.cases, seed=split_seed)
        cache = yield from _decoded((*split.training, *split.validation), preprocessing, cache_folder)
        cases = table.cases
    else:
        _split(source, table.cases, table.dropped, seed=split_seed)  # what cannot be split is not decoded first
        cache = (yield from _decoded(table.cases, preprocessing, cache_folder)).without_same_pictures()
        cases = cache.cases
        split = _split(source, cases, (*table.dropped, *cache.dropped), seed=split_seed)
    for caution in (split.caution, split.patients_apart):
        if caution:
            yield Note(message=caution)
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
    )
    _need_some("training", prepared.training.cases)
    _need_some("validation", prepared.validation.cases)
    return prepared


def _decoded(
    cases: Sequence[Case], preprocessing: Preprocessing, cache_folder: Path | None
) -> Generator[Preparing | Note, None, CanvasCache]:
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
    if cache.note:
        yield Note(message=cache.note)
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


def write_source(folder: Path, source: DataSource) -> None:
    """Write a run folder's ``data.json``, with what its table is known by. Raises DataError."""
    known = replace(source, table_sha256=table_sha256(source.data))
    write_whole(folder / "data.json", json.dumps(known.to_json(), indent=1) + "\n")


def read_source(folder: Path) -> DataSource:
    """Read a run folder's ``data.json``. Raises DataError."""
    try:
        values = json.loads((folder / "data.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{folder} does not say where its radiographs lie (data.json).") from error
    return DataSource.from_json(values)
