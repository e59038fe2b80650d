"""What jobs do with readings: open the store, find a radiograph's reading, keep a new one."""

from __future__ import annotations

import getpass
from dataclasses import dataclass, replace
from pathlib import Path

from boneage_gui.clinic.reading import Reading, amended
from boneage_gui.clinic.readings import PatientKeys, Query, ReadingStore
from boneage_gui.clinic.readings_csv import readings_csv
from boneage_gui.work.file_stamp import need_unchanged
from trainer.errors import RadiographError
from trainer.radiograph import Radiograph, shown_name
from trainer.whole_file import write_whole

NOBODY = "unknown user"


@dataclass(frozen=True, slots=True)
class OpenedReadings:
    """The store, the secret of its hashes, and what opening it found."""

    store: ReadingStore
    keys: PatientKeys
    note: str | None = None


def open_readings(folder: Path) -> OpenedReadings:
    """Open the user's readings. Raises ReadingError, also where there are readings and their key is gone."""
    store = ReadingStore(folder / "readings.sqlite3")
    store.open()
    keys = PatientKeys(folder / "readings.key", was_used=store.first_id() is not None)
    return OpenedReadings(store, keys, store.note)


def find_reading(opened: OpenedReadings, radiograph: Radiograph) -> tuple[str, Reading | None]:
    """Return the hash of a radiograph's file, and the reading of it that stands. Raises RadiographError."""
    try:
        content = radiograph.source.read_bytes()
    except OSError as error:
        raise RadiographError(f"“{shown_name(radiograph.source)}” can no longer be read: {error.strerror}.") from error
    need_unchanged(radiograph)
    radiograph_hash = opened.keys.of_radiograph(content)
    return radiograph_hash, opened.store.of_radiograph(radiograph_hash)


def keep_reading(opened: OpenedReadings, reading: Reading, radiograph: Radiograph, *, readable: bool) -> Reading:
    """Keep a reading of a radiograph, as the successor of the one that stands; return it as it was kept.

    Raises ReadingError, RadiographError.
    """
    radiograph_hash, former = find_reading(opened, radiograph)
    study = radiograph.study
    made = replace(
        reading,
        radiograph_hash=radiograph_hash,
        patient_hash=opened.keys.of_patient(study.patient_key),
        label=_label(radiograph) if readable else None,
    )
    if former is not None:
        made = amended(former, by=made)
    opened.store.add(made)
    return made


def user_name() -> str:
    """Return who is logged in; a reading says who confirmed it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return NOBODY


def _label(radiograph: Radiograph) -> str:
    study = radiograph.study
    number = study.patient_number
    known = [part for part in (study.patient_name, f"({number})" if number else None) if part]
    return " ".join(known) or shown_name(radiograph.source)


def search(opened: OpenedReadings, query: Query, *, first: int = 0) -> tuple[list[Reading], int | None]:
    """Return readings from ``first`` on, one page, the newest first; with the first page how many there are."""
    total = opened.store.count(query) if first == 0 else None
    return opened.store.find(query, first=first), total


def history(opened: OpenedReadings, patient_hash: str) -> list[Reading]:
    """Return the readings of a patient that stand, the oldest study first."""
    return opened.store.of_patient(patient_hash)


def export(opened: OpenedReadings, query: Query, path: Path) -> int:
    """Write every reading of a search as CSV; return how many. Raises ReadingError, DataError."""
    found = opened.store.find(query, count=opened.store.count(query))
    write_whole(path, readings_csv(found))
    return len(found)
