"""Data source: where labelled radiographs lie and how their table is read; how a run knows its own again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from trainer.cases import CaseTable, read_cases
from trainer.columns import Columns
from trainer.errors import DataError, printable
from trainer.table import holds_table, is_same_table, table_sha256
from trainer.table.opening import SUFFIXES
from trainer.whole_file import write_whole

FILE: Final = "data.json"
LONGEST_PATH: Final = 4096  # bytes, on Linux; less elsewhere
# What is not said of where the radiographs lie and how they are read.
_BESIDE: Final = {"description": "", "table_sha256": None, "pixels_sha256": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource:
    """Where labelled radiographs lie and how their table is read; kept in a run folder as ``data.json``."""

    data: Path  # a folder with a table, or a table
    columns: Columns = field(default_factory=Columns)
    pictures: Path | None = None  # the folder of the pictures; None: that of the table
    split: Path | None = None  # a fixed split (columns id, part) instead of a drawn one
    description: str = ""  # what the card says the model was trained on; empty: counted from the cases
    table_sha256: str | None = None  # of the table when a run was begun; tells it again where it was moved to
    pixels_sha256: str | None = None  # of the radiographs that trained and chose the epoch then

    def to_json(self) -> dict[str, Any]:
        """Return plain values; paths are absolute, since a run may be resumed from anywhere."""
        return {
            "data": str(self.data.resolve()),
            "columns": self.columns.to_json(),
            "pictures": str(self.pictures.resolve()) if self.pictures else None,
            "split": str(self.split.resolve()) if self.split else None,
            "description": self.description,
            "table_sha256": self.table_sha256,
            "pixels_sha256": self.pixels_sha256,
        }

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> DataSource:
        """Rebuild a source; older files know less. Raises DataError for anything else."""
        try:
            pictures, split = values.get("pictures"), values.get("split")
            return DataSource(
                data=_path(values["data"]),
                columns=Columns.from_json(values.get("columns") or {}),
                pictures=_path(pictures) if pictures else None,
                split=_path(split) if split else None,
                description=str(values.get("description", "")),
                table_sha256=_text(values.get("table_sha256")),
                pixels_sha256=_text(values.get("pixels_sha256")),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise DataError("data.json does not say where the radiographs lie.") from error

    @property
    def lost(self) -> Path | None:
        """What is no longer where it was: the table, or the folder named in its place; else the pictures' folder."""
        if not holds_table(self.data):
            return self.data
        with suppress(OSError):
            return self.pictures if self.pictures is not None and not self.pictures.is_dir() else None
        return self.pictures

    def need(self) -> None:
        """Raise DataError when there is nothing where the data should lie, before anything is made."""
        try:
            there = self.data.exists()
        except OSError as error:
            raise DataError(f"{printable(str(self.data))} cannot be looked into: {error.strerror}.") from error
        if not there:
            raise DataError(f"There is no folder or table at {printable(str(self.data))}.")

    def cases(self) -> CaseTable:
        """Read and clean the table; no picture is decoded. Raises DataError."""
        return read_cases(self.data, self.columns, self.pictures)

    def same_cases(self, other: DataSource) -> bool:
        """Say whether both name the same radiographs, read in the same way; the card's words do not matter."""
        return {**self.to_json(), **_BESIDE} == {**other.to_json(), **_BESIDE}

    def found_at(self, data: Path) -> DataSource | None:
        """Return this source where ``data`` names its table, None where that is another.

        A table that is no longer where it was is known again by its bytes; the folder of its pictures is looked for
        beside it, as it was.
        """
        if is_same_table(self.data, data):
            return self
        with suppress(DataError):
            if self.table_sha256 and not holds_table(self.data) and table_sha256(data) == self.table_sha256:
                return replace(self, data=data, pictures=self._pictures_beside(data))
        return None

    def _pictures_beside(self, data: Path) -> Path | None:
        if self.pictures is None or _is_folder(self.pictures):
            return self.pictures
        folder = data if data.is_dir() else data.parent
        parent, itself = self.data.parent, self.data  # where the table may have lain: the likelier first
        for former in (parent, itself) if self.data.suffix.lower() in SUFFIXES else (itself, parent):
            with suppress(ValueError):  # on Windows: on another drive
                place = Path(os.path.normpath(folder / os.path.relpath(self.pictures, former)))
                if _is_folder(place):
                    return place
        return self.pictures


def write_source(folder: Path, source: DataSource) -> None:
    """Write a run folder's ``data.json``. Raises DataError."""
    write_whole(folder / FILE, json.dumps(source.to_json(), indent=1) + "\n")


def read_source(folder: Path) -> DataSource:
    """Read a run folder's ``data.json``. Raises DataError."""
    try:
        values = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{folder} does not say where its radiographs lie (data.json).") from error
    return DataSource.from_json(values)


def _path(value: str) -> Path:
    """Return a path that a system can be asked for. Raises TypeError, ValueError."""
    if "\0" in value or len(os.fsencode(value)) > LONGEST_PATH:
        raise ValueError("no path is so")
    return Path(value)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name too long, a disk that does not answer
        return False


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
