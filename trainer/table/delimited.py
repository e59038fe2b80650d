"""Text tables: commas, semicolons, tabs or bars between the cells, in the encodings that programs write."""

from __future__ import annotations

import codecs
import io
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from trainer.errors import DataError, printable
from trainer.table import limits

_DELIMITERS: Final = (",", ";", "\t", "|")
_FOR_EXCEL: Final = re.compile(r'\A"?sep=[,;\t|]"?\n')  # tells Excel what stands between the cells
ROWS_AT_ONCE: Final = 5_000  # in memory, however wide they are
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def rows_of_text(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the rows, blank ones left out, all below the first as long as the longest may be.

    Raises DataError, also between two rows.
    """
    name = printable(path.name)
    if path.stat().st_size > limits.LARGEST_TEXT_BYTES:
        raise DataError(f"{name} is too large for a table: more than {limits.LARGEST_TEXT_BYTES >> 20} MB.")
    text = _decoded(path.read_bytes(), name)
    delimiter, width = _first_line(text)
    if width > limits.MOST_COLUMNS:
        raise DataError(f"{name} has more than {limits.MOST_COLUMNS:,} columns.")
    rows = _parsed(text, delimiter, name)
    head = next(rows, None)
    if head is not None:
        named = max((place + 1 for place, cell in enumerate(head) if cell), default=0)
        yield head[: max(named, width)]
        yield from rows


def _parsed(text: str, delimiter: str, name: str) -> Iterator[tuple[str, ...]]:
    import pandas as pd

    # As many columns as any line could have: pandas would refuse a row that is longer than the first.
    longest = max((line.count(delimiter) for line in io.StringIO(text)), default=0) + 1
    try:
        with pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            header=None,
            names=range(min(longest, limits.MOST_COLUMNS + 1)),
            index_col=False,
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            skipinitialspace=True,
            chunksize=ROWS_AT_ONCE,
            engine="c",
        ) as chunks:
            while True:
                with warnings.catch_warnings():
                    warnings.simplefilter("error", pd.errors.ParserWarning)  # "loss of data"
                    chunk = next(chunks, None)
                if chunk is None:
                    return
                yield from chunk.fillna("").itertuples(index=False, name=None)
    except pd.errors.EmptyDataError:
        return
    except (ValueError, pd.errors.ParserError, pd.errors.ParserWarning) as error:
        reason = str(error).rpartition("C error: ")[2].strip().rstrip(".")
        raise DataError(f"{name} is damaged and cannot be read as a table ({printable(reason)}).") from error


def _decoded(data: bytes, name: str) -> str:
    encodings = ("utf-16",) if data.startswith(_UTF_16) else ("utf-8-sig", "latin-1")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        text = text.replace("\r\n", "\n").replace("\r", "\n")  # Excel for Mac ends lines with a return alone
        return _FOR_EXCEL.sub("", text, count=1)
    raise DataError(f"{name} is not a table: it holds no text. Choose a CSV or Excel file.")


def _first_line(text: str) -> tuple[str, int]:
    """Return what stands most often, outside quotes, in the first line of text, and how many cells that line has."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    delimiter = max(_DELIMITERS, key=outside.count)
    return delimiter, outside.count(delimiter) + 1
