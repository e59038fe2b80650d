"""Find a table, open it, read its head."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trainer import rsna
from trainer.columns import Columns, proposed
from trainer.errors import DataError, printable
from trainer.table import limits
from trainer.table.delimited import rows_of_text
from trainer.table.workbook import OLD_MARK, ZIP_MARK, Workbook, workbook

SUFFIXES: Final = (".csv", ".tsv", ".xlsx", ".xlsm")
_MOST_NAMED: Final = 5
_SHEETS_LOOKED_AT: Final = 100  # for one whose head has an id and an age
_ROWS_LOOKED_AT: Final = 1_000  # of each, for the head

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """An open table."""

    path: Path
    name: str  # as it may stand in a sentence
    sheet: str | None  # of an Excel file
    sheets: tuple[str, ...]
    names: Row  # of the columns, trimmed; "" where a column has none
    rows: Iterator[Row]  # below the head, cells trimmed, blank rows left out; as long as they are in the file


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumns:
    """What a table's head says."""

    table: Path
    names: tuple[str, ...]
    sheets: tuple[str, ...]  # of an Excel file, else empty
    proposed: Columns  # what is found by itself; the sheet that was read, too


def columns_of(data: Path, sheet: str | None = None) -> TableColumns:
    """Read the head of a table, or of the one table in a folder. Raises DataError."""
    with opened(data, sheet) as table:
        names = tuple(dict.fromkeys(name for name in table.names if name))
        columns = proposed(table.names, Columns(sheet=table.sheet))
        return TableColumns(table=table.path, names=names, sheets=table.sheets, proposed=columns)


@contextmanager
def opened(data: Path, sheet: str | None = None) -> Iterator[Table]:
    """Open a table, or the one table in a folder; the rows are read as they are asked for. Raises DataError.

    Without a ``sheet``, an Excel file's first sheet whose head has an id and an age is taken, else its first.
    """
    path = table_path(data)
    name = printable(path.name)
    with ExitStack() as stack:
        try:
            head = _head(path, name)
            if head.startswith(OLD_MARK):
                raise DataError(
                    f"{name} is an Excel file of before 2007 or under a password. Save it as .xlsx without a password, "
                    "or as CSV."
                )
            if head.startswith(ZIP_MARK):
                book = stack.enter_context(workbook(path))
                chosen, sheets = _sheet(book, sheet, name), book.sheets
                rows = stack.enter_context(closing(_tidy(book.rows(chosen), name)))
            else:
                if sheet:
                    raise DataError(f"{name} is not an Excel file and has no sheets; leave the sheet out.")
                chosen, sheets = None, ()
                rows = stack.enter_context(closing(_tidy(rows_of_text(path), name)))
            names = next(rows, None)
        except OSError as error:
            raise DataError(f"{name} cannot be read: {error.strerror or error}.") from error
        if names is None:
            raise DataError(f"{name} is an empty table.")
        if chosen is not None:  # what stands beside the named columns of a sheet is a remark; it has moved no cell
            rows = (row[: len(names)] + ("",) * (len(names) - len(row)) for row in rows)
        yield Table(path=path, name=name, sheet=chosen, sheets=sheets, names=names, rows=rows)


def table_path(data: Path) -> Path:
    """Return a table itself, or the one of a folder. Raises DataError where there is none or no telling."""
    try:
        if data.is_file():
            return data
        if not data.is_dir():
            raise DataError(f"There is no folder or table at {data}.")
        tables = _tables_in(data)
    except OSError as error:
        raise DataError(f"{data} cannot be looked into: {error.strerror}.") from error
    if len(tables) == 1:
        return tables[0]
    if not tables:
        raise DataError(
            f"{data} holds no table. It needs a CSV or Excel file that says each radiograph's age "
            f"(in the RSNA layout {rsna.TABLE} with id, boneage, male), or name the table itself."
        )
    more = ", ..." if len(tables) > _MOST_NAMED else ""
    listed = ", ".join(printable(path.name) for path in tables[:_MOST_NAMED]) + more
    raise DataError(f"{data} holds {len(tables)} tables ({listed}); name the one that is meant.")


def is_same_table(one: Path, other: Path) -> bool:
    """Say whether two names, of a folder or of its table, mean the same table; what cannot be found is not the same."""
    try:
        return one.resolve() == other.resolve() or table_path(one).resolve() == table_path(other).resolve()
    except (DataError, OSError):
        return False


def holds_table(data: Path) -> bool:
    """Say whether there is a table at a place, or a folder that holds one or several."""
    try:
        return data.is_file() or (data.is_dir() and bool(_tables_in(data)))
    except OSError:
        return False


def table_sha256(data: Path) -> str:
    """Hash a table, or the one of a folder, so that it is known again elsewhere. Raises DataError."""
    path = table_path(data)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{printable(path.name)} cannot be read: {error.strerror or error}.") from error


def _tables_in(folder: Path) -> list[Path]:
    named = folder / rsna.TABLE
    if named.is_file():
        return [named]
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and not path.name.startswith((".", "~$")) and path.is_file()
    )


def _head(path: Path, name: str) -> bytes:
    if path.stat().st_size > limits.LARGEST_BYTES:
        raise DataError(f"{name} is too large for a table: more than {limits.LARGEST_BYTES >> 20} MB.")
    with path.open("rb") as file:
        return file.read(len(ZIP_MARK))


def _sheet(book: Workbook, wanted: str | None, name: str) -> str:
    if wanted:
        for sheet in book.sheets:
            if sheet.strip().lower() == wanted.strip().lower():
                return sheet
        listed = ", ".join(printable(sheet) for sheet in book.sheets)
        raise DataError(f"{name} has no sheet named {printable(wanted)}. Its sheets are: {listed}. Name another.")
    for sheet in book.sheets[:_SHEETS_LOOKED_AT]:
        with closing(_tidy(book.rows(sheet, first=_ROWS_LOOKED_AT), name)) as rows:
            if _fits(next(rows, ())):
                return sheet
    return book.sheets[0]


def _fits(names: Sequence[str]) -> bool:
    found = proposed(names)
    return bool(found.age and (found.id or found.path))


def _tidy(rows: Iterator[Row], name: str) -> Generator[Row]:
    """Trim the cells, leave out blank rows, and refuse more than the limits allow."""
    for count, row in enumerate(rows):
        if count > limits.MOST_ROWS:
            raise DataError(f"{name} has more than {limits.MOST_ROWS:,} rows.")
        if len(row) > limits.MOST_COLUMNS:
            raise DataError(f"{name} has more than {limits.MOST_COLUMNS:,} columns.")
        cells = tuple(cell.strip() for cell in row)
        if any(cells):
            yield cells
