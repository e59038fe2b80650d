"""Text tables: commas, semicolons, tabs or bars between the cells, in the encodings that programs write."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from trainer.errors import DataError, printable

_DELIMITERS: Final = (",", ";", "\t", "|")
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def rows_of_text(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the rows as they are, blank ones too. Raises DataError, also between two rows."""
    name = printable(path.name)
    text = _decoded(path.read_bytes(), name)
    # Python's own limit on a cell stands; strict, since a quote that is never closed would swallow the rest.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), skipinitialspace=True, strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(
                f"{name} cannot be read as a table: line {reader.line_num:,} is damaged ({error})."
            ) from error
        yield tuple(row)


def _decoded(data: bytes, name: str) -> str:
    encodings = ("utf-16",) if data.startswith(_UTF_16) else ("utf-8-sig", "latin-1")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise DataError(f"{name} is not a table: it holds no text. Choose a CSV or Excel file.")


def _delimiter(text: str) -> str:
    """Return what stands most often, outside quotes, in the first line that holds anything."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)
