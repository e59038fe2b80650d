"""Prepare: from a table of ages to cleaned, split cases with their canvases. The road to every training run."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainer.canvases import CanvasCache, cache_canvases
from trainer.cases import CaseTable, Dropped, read_cases
from trainer.columns import Columns
from trainer.errors import DataError
from trainer.events import Preparing
from trainer.preprocess import Preprocessing
from trainer.split import Split, read_split, split_cases


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource:
    """Where labelled radiographs lie and how their table is read; kept in a run folder as ``data.json``."""

    data: Path  # a folder with a table, or a table
    columns: Columns = field(default_factory=Columns)
    pictures: Path | None = None  # the folder of the pictures; None: that of the table
    split: Path | None = None  # a fixed split (columns id, part) instead of a drawn one
    description: str = ""  # what the card says the model was trained on; empty: counted from the cases

    def to_json(self) -> dict[str, Any]:
        """Return plain values; paths are absolute, since a run may be resumed from anywhere."""
        return {
            "data": str(self.data.resolve()),
            "columns": self.columns.to_json(),
            "pictures": str(self.pictures.resolve()) if self.pictures else None,
            "split": str(self.split.resolve()) if self.split else None,
            "description": self.description,
        }

    def need(self) -> None:
        """Raise DataError when there is nothing where the data should lie, before anything is made."""
        if not self.data.exists():
            raise DataError(f"There is no folder or table at {self.data}.")

    def same_cases(self, other: DataSource) -> bool:
        """Say whether both name the same radiographs, read in the same way; the card's words do not matter."""
        return {**self.to_json(), "description": ""} == {**other.to_json(), "description": ""}

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
        count = len(self.split.training)
        return {
            "description": self.source.description or f"{count:,} radiographs of {self.source.data.resolve().name}",
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
) -> Generator[Preparing, None, Prepared]:
    """Read, clean, split and decode; yield progress, return the result. Raises DataError.

    ``recorded_split`` is the split of a run that goes on; it wins over the source's and over a drawn one.
    """
    yield Preparing(what="reading the table", done=0, total=1)
    table = read_cases(source.data)
    fixed = recorded_split or source.split
    if fixed is not None:
        split = read_split(fixed, table.cases, seed=split_seed)
    else:
        split = split_cases(table.cases, seed=split_seed)
    parts: list[CanvasCache] = []
    dropped: tuple[Dropped, ...] = table.dropped
    for part in (split.training, split.validation):
        yield Preparing(what="reading radiographs", done=0, total=len(part))
        parts.append(cache_canvases(part, preprocessing, cache_folder))
        yield Preparing(what="reading radiographs", done=len(part), total=len(part))
        dropped += parts[-1].dropped
    return Prepared(
        source=source,
        table=CaseTable(cases=table.cases, dropped=dropped),
        split=split,
        training=parts[0],
        validation=parts[1],
    )


def read_source(folder: Path) -> DataSource:
    """Read a run folder's ``data.json``. Raises DataError."""
    try:
        values = json.loads((folder / "data.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{folder} does not say where its radiographs lie (data.json).") from error
    return DataSource.from_json(values)
