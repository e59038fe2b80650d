"""Batch table: the rows of a folder as CSV that grows line by line, and as an Excel file of the same rows.

A row that holds an age never leaves the table: another model, another table of reference or a changed file make new
rows. A refusal goes when its file is read again.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from boneage_gui.clinic.batch_row import COLUMNS, DECIMALS, BatchRow, as_cells, of_cells
from boneage_gui.clinic.readings_csv import harmless
from trainer.errors import DataError
from trainer.whole_file import write_whole

CSV_NAME: Final = "bone-age.csv"
EXCEL_NAME: Final = "bone-age.xlsx"
_SHEET: Final = "Bone age"


class BatchTable:
    """The table in a folder of reports. Whoever opens it must be alone with it."""

    def __init__(self, folder: Path) -> None:
        """Read what is there, without the half line that a killed program may leave. Raises DataError."""
        self.path = folder / CSV_NAME
        self._excel = folder / EXCEL_NAME
        self._rows: dict[str, list[BatchRow]] = {}  # by the file's name as it stands in the table
        for row in _read(self.path):
            self._rows.setdefault(harmless(row.file), []).append(row)
        self._write()

    @property
    def rows(self) -> list[BatchRow]:
        """Every row, those of one file together."""
        return [row for rows in self._rows.values() for row in rows]

    def of_file(self, file: str) -> list[BatchRow]:
        """Return the rows of a file of the folder."""
        return list(self._rows.get(harmless(file), ()))

    def add(self, row: BatchRow) -> None:
        """Write one more row, whole, in the place of a refusal or of the same question's answer. Raises DataError."""
        before = self.of_file(row.file)
        kept = [one for one in before if not one.refused and one.question != row.question]
        self._rows[harmless(row.file)] = [*kept, row]
        if len(kept) < len(before):
            self._write()
        else:
            _append(self.path, _line(as_cells(row)))

    def write_excel(self) -> Path:
        """Write the rows as an Excel file. Raises DataError."""
        write_whole(self._excel, lambda beside: _write_excel(beside, self.rows))
        return self._excel

    def _write(self) -> None:
        write_whole(self.path, "".join(_line(cells) for cells in (COLUMNS, *map(as_cells, self.rows))))


def _append(path: Path, line: str) -> None:
    size = None
    try:
        size = path.stat().st_size
        with path.open("ab") as file:
            file.write(line.encode())
    except OSError as error:
        if size is not None:
            with suppress(OSError):
                os.truncate(path, size)  # of a full disk, so that no half of a line stays
        raise DataError(f"{path} could not be written: {error.strerror}.") from error


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _read(path: Path) -> list[BatchRow]:
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise _foreign(path) from error
    whole = text[: text.rfind("\n") + 1]  # no cell holds a line break
    if not whole:
        return []
    reader = csv.DictReader(io.StringIO(whole))
    try:
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise _foreign(path)
        return [of_cells(cells) for cells in reader]
    except (ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
        raise _foreign(path) from error


def _foreign(path: Path) -> DataError:
    return DataError(
        f"{path} is a table that this program did not write, or was changed. Choose another folder for the reports."
    )


def _write_excel(path: Path, rows: Sequence[BatchRow]) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_SHEET)
    sheet.freeze_panes = "B2"

    def cell(text: str, column: str) -> Any:
        if column in DECIMALS and text:
            return float(text)
        made = WriteOnlyCell(sheet, text)
        made.data_type = "s"  # whatever it begins with, it is text
        return made

    sheet.append(list(COLUMNS))
    for row in rows:
        sheet.append([cell(text, column) for text, column in zip(as_cells(row), COLUMNS, strict=True)])
    with path.open("wb") as file:  # by its name openpyxl would look for an ending
        book.save(file)
