"""Tables of cases and archives of pictures."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.factories import write_png
from tests.fuzz.seeds.radiographs import HAND

ROWS: Final = (("id", "boneage", "male"), ("1", "120", "True"), ("2", "80.5", "False"), ("3", "10 years", ""))


def write_pictures(folder: Path) -> None:
    """Write the pictures of the rows: their first bytes, since no picture is decoded for its table."""
    for number in range(1, 4):
        (folder / f"{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n")


def _csv(_folder: Path) -> Iterator[bytes]:
    for delimiter in (",", ";", "\t"):
        text = "\n".join(delimiter.join(row) for row in ROWS) + "\n"
        yield text.encode()
        yield text.encode("utf-16")
        yield text.replace("10 years", '"1""0,\n3"').encode("utf-8-sig")


def _xlsx(folder: Path) -> Iterator[bytes]:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for row in ROWS:
        sheet.append(row)
    book.create_sheet("second").append(["id", "age", "sex"])
    path = folder / "seed.xlsx"
    book.save(path)
    yield path.read_bytes()


def _zip(folder: Path) -> Iterator[bytes]:
    picture = write_png(folder / "seed.png", HAND).read_bytes()
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w", method) as zipped:
            for name in ("train/1.png", "train/2.png", "cases.csv", "a\\b.png"):
                zipped.writestr(name, picture)
        yield written.getvalue()


SEEDS: Final[dict[str, Callable[[Path], Iterator[bytes]]]] = {"csv": _csv, "xlsx": _xlsx, "zip": _zip}
