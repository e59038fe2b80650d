"""The options that say where labelled radiographs lie and how their table is read; shared by several commands."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Final

from trainer.columns import AGE_UNITS, NONE, Columns
from trainer.data_source import FILE, DataSource, read_source
from trainer.errors import DataError, RunError

DATA: Final = "folder with a table (RSNA layout or any other), or a table (CSV, Excel), of ages beside pictures"
NO_COLUMN: Final = "none"


def add_data_options(parser: argparse.ArgumentParser, *, split: str) -> None:
    """Add the options; ``split`` says what ``--split`` means to the command."""
    group = parser.add_argument_group("the table and its pictures", "Columns with usual names are found by themselves.")
    group.add_argument("--pictures", type=Path, metavar="DIR", help="folder of the pictures (default: the table's)")
    group.add_argument("--id-column", metavar="NAME", help="the picture's name, or an id in DICOM headers; or none")
    group.add_argument(
        "--path-column", metavar="NAME", help="the picture's path, from the table or from --pictures; or none"
    )
    group.add_argument("--age-column", metavar="NAME", help="the labelled bone age")
    group.add_argument("--age-unit", choices=AGE_UNITS, help="(default: what the column's name says)")
    group.add_argument("--sex-column", metavar="NAME", help="the sex; none where the table has none")
    group.add_argument("--patient-column", metavar="NAME", help="keeps a patient in one part of the split; or none")
    group.add_argument("--sheet", metavar="NAME", help="of an Excel file (default: the first that fits)")
    group.add_argument("--split", type=Path, metavar="FILE", help=split)


def columns_of_options(options: argparse.Namespace) -> Columns:
    """Return the columns named on the command line."""
    return Columns(
        id=_none(options.id_column),
        path=_none(options.path_column),
        age=options.age_column,
        age_unit=options.age_unit,
        sex=_none(options.sex_column),
        patient=_none(options.patient_column),
        sheet=options.sheet,
    )


def source_of_options(options: argparse.Namespace, data: Path, *, description: str = "") -> DataSource:
    """Return the data source that was named; ``--split`` is taken as its fixed split."""
    return DataSource(
        data=data,
        columns=columns_of_options(options),
        pictures=options.pictures,
        split=options.split,
        description=description,
    )


def refuse_without_data(options: argparse.Namespace) -> None:
    """Refuse options that say how a table is read where none is named. Raises DataError."""
    if options.pictures is not None or columns_of_options(options) != Columns():
        raise DataError("Options that say how a table is read need DATA, the folder or table that is meant.")


def own_source(run_dir: Path, *, asked_by_window: bool = False) -> DataSource:
    """Return the radiographs that a run was begun with. Raises DataError where they are no longer there.

    A window has a button for what else is to be typed.
    """
    source = read_source(run_dir)
    if source.lost is None:
        return source
    typed = "DATA" if source.lost == source.data else f"{quoted(source.data)} --pictures DIR"
    how = "" if asked_by_window else f": boneage fit {typed} --run-dir {quoted(run_dir)} --resume"
    raise DataError(
        f"The radiographs of this run are no longer where they were, at {source.lost}. If they were moved, "
        f"{f'say where they lie now{how}' if source.table_sha256 else _by_hand(run_dir)}."
    )


def own_source_of_options(options: argparse.Namespace) -> DataSource:
    """Return the data of the run that goes on. Raises DataError, RunError for options that would not be heeded."""
    refuse_without_data(options)
    if options.split is not None or options.description is not None:
        raise RunError(
            "--split and --description are of a new run; a run that is resumed keeps its own. Leave them out."
        )
    return own_source(options.run_dir, asked_by_window=options.follow)


def quoted(path: Path) -> str:
    """Return a path as it is typed on a command line."""
    return f'"{path}"' if " " in str(path) else str(path)


def _by_hand(run_dir: Path) -> str:
    return f"write their new place into {run_dir / FILE}"


def source_of_run(run_dir: Path, given: DataSource) -> DataSource:
    """Return what a run that goes on reads: the radiographs it was begun with, as they were named now.

    What is left out (columns, pictures, split) is as it was then. A run of before ``data.json`` takes what is given.
    Raises DataError where nothing is there, RunError for other radiographs or another split.
    """
    given.need()
    if not (run_dir / FILE).is_file():
        return given
    own = read_source(run_dir)
    found = own.found_at(given.data)
    if found is None and own.lost == own.data:
        known = "is not theirs" if own.table_sha256 else "cannot be known to be theirs"
        raise RunError(
            f"{run_dir} was begun with the radiographs of {own.data}, which are no longer there, and the table of "
            f"{given.data} {known}. Name the place where they lie now, with their table as it was; or "
            f"{_by_hand(run_dir)}."
        )
    if found is None:
        raise RunError(
            f"{run_dir} was begun with other radiographs, those of {own.data}; go on with them (fit --resume takes "
            "them by itself), or name another folder for this training."
        )
    if given.pictures is not None and found.pictures is not None and found.lost == found.pictures:
        found = replace(found, pictures=given.pictures)  # whose pixels are looked at before they train
    if given.split is not None and given.split.resolve() not in (own.split, (run_dir / "split.csv").resolve()):
        raise RunError(
            f"{run_dir} was begun with another split; leave --split out to go on, or name another folder for this "
            "training."
        )
    read, words = _as(found, given), given.description or found.description
    asked = replace(found, columns=read.columns, pictures=read.pictures, description=words)
    if not found.same_cases(asked):
        raise RunError(
            f"{run_dir} was begun with the same table read in another way (columns or --pictures); leave those options "
            "out to go on, or name another folder for this training."
        )
    return asked


def read_as_run(run_dir: Path, given: DataSource) -> DataSource:
    """Return the data that was named, read as a run reads its own where it is not said how. Raises DataError."""
    if not (run_dir / FILE).is_file():
        return given
    own = read_source(run_dir)
    return _as(own.found_at(given.data) or own, given)


def _as(own: DataSource, given: DataSource) -> DataSource:
    """Return what was given, read as a run's own where it is not said how."""
    columns = own.columns if given.columns == Columns() else given.columns
    return replace(given, columns=columns, pictures=given.pictures or own.pictures)


def _none(name: str | None) -> str | None:
    return NONE if name is not None and name.strip().lower() == NO_COLUMN else name
