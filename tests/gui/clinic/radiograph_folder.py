"""A folder of radiographs for tests, at several depths, and the table that is made of it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.factories import hand, write_dicom, write_jpeg, write_png, write_tiff

HEADER: dict[str, Any] = {
    "PatientID": "4711",
    "PatientName": "Muster^Anna",
    "PatientSex": "M",
    "PatientBirthDate": "20100310",
    "StudyDate": "20190310",
    "StudyInstanceUID": "1.2.3.1",
    "SeriesInstanceUID": "1.2.3.2",
    "Laterality": "L",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Radiographs at several depths, a broken one among them, and what is none."""
    made = tmp_path / "in"
    (made / "a" / "b").mkdir(parents=True)
    (made / ".hidden").mkdir()
    write_dicom(made / "hand.dcm", hand(), **HEADER)
    write_png(made / "a" / "hand.png", hand())
    write_jpeg(made / "a" / "b" / "10.jpg", hand())
    write_tiff(made / "a" / "b" / "9.tif", hand())
    write_dicom(made / "a" / "IM000001", hand(), **HEADER)
    write_dicom(made / "a" / "1.2.840.7", hand(), **HEADER)
    write_png(made / ".hidden" / "hand.png", hand())
    (made / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"nonsense")
    (made / "notes.txt").write_text("no radiograph")
    (made / "DICOMDIR").write_bytes(b"\0" * 128 + b"DICM")
    return made


def table_in(out: Path) -> list[dict[str, str]]:
    """Return the rows of the table in a folder of reports."""
    with (out / "bone-age.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
