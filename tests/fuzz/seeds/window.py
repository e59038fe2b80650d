"""What the window keeps of its own: settings, readings, their key, tables of folders, DICOM systems."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final


def _settings(folder: Path) -> Iterator[bytes]:
    from boneage_gui.settings import Settings, SettingsFile, ThemeName

    for number, theme in enumerate(ThemeName):
        place = folder / str(number)
        place.mkdir()
        recent = tuple(Path(f"/tmp/{name}.dcm") for name in range(number * 3))  # noqa: S108 - never opened
        geometry = bytes(range(64))
        SettingsFile(place).save(
            Settings(theme=theme, recent_files=recent, last_folder=Path("ä b"), window_geometry=geometry)
        )
        yield (place / "boneage.ini").read_bytes()


def _readings(folder: Path) -> Iterator[bytes]:
    from boneage_gui.clinic.readings import ReadingStore
    from tests.gui.clinic.drawn_readings import reading

    for count in (0, 40):
        path = folder / f"{count}.sqlite3"
        store = ReadingStore(path)
        store.open(today=date(2026, 3, 9))
        store.add_all([reading(number, patient_hash=f"{number // 3:064x}") for number in range(count)])
        yield path.read_bytes()


def _batches(folder: Path) -> Iterator[bytes]:
    from boneage_gui.clinic.batch_row import BatchRow
    from boneage_gui.clinic.batch_table import BatchTable

    table = BatchTable(folder)
    row = BatchRow(file="0.dcm", file_sha256="ab" * 32, model="small", refused="0.dcm is empty.")
    read = replace(row, refused="", sex="male", age_months=100.0, low_months=80.0, high_months=120.0, coverage=0.9)
    for one in (row, replace(read, file="1.dcm"), replace(read, file="2.dcm", cautions=("One.", "Two."))):
        table.add(one)
    yield table.path.read_bytes()


def _nodes(_folder: Path) -> Iterator[bytes]:
    node = {"name": "PACS", "host": "127.0.0.1", "port": 4242, "ae_title": "ORTHANC"}
    yield json.dumps({"version": 1, "nodes": [node], "receiver": {}}).encode()


SEEDS: Final[dict[str, Callable[[Path], Iterator[bytes]]]] = {
    "settings": _settings,
    "readings": _readings,
    "key": lambda _folder: iter([bytes(range(32))]),
    "batch": _batches,
    "nodes": _nodes,
    "note": lambda _folder: iter(["It holds no hand – take another.\n".encode()]),
}
