"""Excel tables (.xlsx, .xlsm), read as they were last calculated. What unpacks beyond the limits is refused.

Row by row with openpyxl, which pandas too would use: pandas makes every row as wide as the farthest cell of the sheet
before it hands one out, so a file of a few bytes with a cell far down and one far right would take all memory.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from trainer.errors import DataError, printable
from trainer.table import limits

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook as OpenedWorkbook

ZIP_MARK: Final = b"PK\x03\x04"
OLD_MARK: Final = b"\xd0\xcf\x11\xe0"  # OLE: Excel before 2007, and any Excel file under a password
_MOST_MEMBERS: Final = 10_000


class Workbook:
    """An open Excel file."""

    def __init__(self, opened: OpenedWorkbook, name: str) -> None:
        """Hold what openpyxl opened; ``name`` stands in sentences."""
        self._opened = opened
        self._name = name

    @property
    def sheets(self) -> tuple[str, ...]:
        """The names of the sheets that show, or of all where none does."""
        sheets = self._opened.worksheets
        shown = [sheet.title for sheet in sheets if sheet.sheet_state == "visible"]
        return tuple(shown or [sheet.title for sheet in sheets])

    def rows(self, sheet: str, *, first: int | None = None) -> Iterator[tuple[str, ...]]:
        """Yield a sheet's rows up to their last cell, empty ones left out; those of the ``first`` so many alone.

        Raises DataError, also between two rows.
        """
        chosen = next(found for found in self._opened.worksheets if found.title == sheet)
        chosen.reset_dimensions()  # some programs write a sheet's size wrong
        numbered = enumerate(chosen.iter_rows(values_only=True, max_row=first))
        while True:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # of styles and checks that we do not use
                    # A stray cell far down makes a million empty rows: they must cost next to nothing.
                    number, row = next(pair for pair in numbered if pair[0] > limits.MOST_ROWS or _width(pair[1]))
            except StopIteration:
                return
            except Exception as error:  # hostile XML can raise anything inside openpyxl
                raise _damaged(self._name) from error
            if number > limits.MOST_ROWS:
                raise DataError(f"{self._name} has more than {limits.MOST_ROWS:,} rows.")
            yield tuple(_text(value) for value in row[: _width(row)])


def _width(row: Sequence[Any]) -> int:
    """Return up to where a row has cells with something in them, as far right as anybody looks."""
    return next((place for place in range(min(len(row), limits.MOST_COLUMNS), 0, -1) if row[place - 1] is not None), 0)


@contextmanager
def workbook(path: Path) -> Iterator[Workbook]:
    """Open an Excel file. Raises DataError for one that is damaged, too large or none."""
    name = printable(path.name)
    _check(path, name)
    import openpyxl

    with path.open("rb") as file:  # openpyxl would leave a damaged file open
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                opened = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except Exception as error:  # as above
            raise _damaged(name) from error
        found = Workbook(opened, name)
        if not found.sheets:
            raise DataError(f"{name} has no sheet with cells.")
        yield found


def _check(path: Path, name: str) -> None:
    try:
        with zipfile.ZipFile(path) as zipped:
            members = zipped.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise _damaged(name) from error
    if not any(member.filename == "xl/workbook.xml" for member in members):
        raise DataError(f"{name} is not a table but another kind of file. Choose a CSV or Excel file (.xlsx).")
    # What a member says of its size holds: zipfile unpacks no more than that.
    unpacked, packed = sum(each.file_size for each in members), sum(each.compress_size for each in members)
    if len(members) > _MOST_MEMBERS or unpacked > limits.LARGEST_UNPACKED_BYTES:
        raise DataError(
            f"{name} is too large: it unpacks to more than {limits.LARGEST_UNPACKED_BYTES >> 20} MB. "
            "Save the sheet as CSV."
        )
    if unpacked > limits.UNPACKED_ANYWAY_BYTES and unpacked > limits.MOST_SHRUNK * packed:
        raise DataError(f"{name} holds next to nothing but empty cells, millions of them. Save the sheet as CSV.")


def _damaged(name: str) -> DataError:
    return DataError(f"{name} is damaged or no Excel file. Open and save it again, or save it as CSV.")


def _text(value: Any) -> str:
    """Return a cell as it would stand in a CSV; a whole number has no point, so that ids stay ids."""
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    return str(value)
