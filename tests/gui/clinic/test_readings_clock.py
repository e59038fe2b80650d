"""A clock that stands wrong, or is set forward or back: the order of readings and copies does not follow it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from boneage_gui.clinic.reading import Decision, amended
from boneage_gui.clinic.readings import Query, ReadingStore
from tests.gui.clinic.drawn_readings import reading

TODAY = date(2026, 3, 9)
WRONG = date(2031, 1, 1)  # an empty battery, or a finger's slip
NOON = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> ReadingStore:
    """An empty store."""
    made = ReadingStore(tmp_path / "readings.sqlite3")
    made.open(today=TODAY)
    return made


@pytest.mark.parametrize("shift", [timedelta(hours=-3), timedelta(days=-400), timedelta(days=400)])
def test_the_newest_is_the_one_that_was_kept_last_whatever_the_clock_says(
    store: ReadingStore, shift: timedelta
) -> None:
    first = reading(1, now=NOON)
    store.add(first)
    second = reading(1, now=NOON + shift, decision=Decision.MODIFIED, clinician_months=90.0, reason="late")
    store.add(amended(first, by=second))
    third = reading(1, now=NOON + timedelta(minutes=1), radiograph_hash="c" * 64)
    store.add(third)
    kept = [found.reading_id for found in store.find(Query(superseded_too=True))]
    assert kept == [third.reading_id, second.reading_id, first.reading_id]
    standing = store.of_radiograph(first.radiograph_hash)
    assert standing is not None
    assert standing.reading_id == second.reading_id
    history = [found.reading_id for found in store.of_patient("f" * 64, superseded_too=True)]
    assert history == [first.reading_id, second.reading_id, third.reading_id]


def test_copies_of_a_wrong_day_neither_push_out_the_right_ones_nor_take_the_place_of_newer_ones(
    store: ReadingStore,
) -> None:
    store.add(reading(1))
    for day in range(20):  # more than are kept
        store.open(today=WRONG + timedelta(days=day))
    store.add(reading(2))
    store.open(today=TODAY)  # the clock is right again
    today = store.backups / f"readings-{TODAY}.sqlite3"
    assert today.exists()
    store.open(today=TODAY + timedelta(days=1))
    assert today.exists()
    store.path.write_bytes(b"\x07" * store.path.stat().st_size)
    again = ReadingStore(store.path)
    again.open(today=TODAY + timedelta(days=1))
    assert again.note is not None
    assert f"The copy of {TODAY + timedelta(days=1)} took its place" in again.note
    assert again.count(Query()) == 2


def test_a_copy_that_cannot_be_read_counts_least(store: ReadingStore) -> None:
    store.add(reading(1))
    store.open(today=TODAY)
    (store.backups / "readings-2099-01-01.sqlite3").write_bytes(b"no database")
    store.path.write_bytes(b"\x07" * store.path.stat().st_size)
    again = ReadingStore(store.path)
    again.open(today=TODAY)
    assert again.count(Query()) == 1
