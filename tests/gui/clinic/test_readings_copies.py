"""A store that began anew beside the copies of another: each is copied, and a damaged file gets its own back."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from boneage_gui.clinic.readings import Query, ReadingStore
from tests.gui.clinic.drawn_readings import reading

TODAY = date(2026, 2, 1)


def _open(path: Path, day: date) -> ReadingStore:
    store = ReadingStore(path)
    store.open(today=day)
    return store


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """Where a store with thirty readings and all its copies was, until it was moved away."""
    path = tmp_path / "readings.sqlite3"
    store = _open(path, TODAY - timedelta(days=20))
    store.add_all([reading(number) for number in range(30)])
    for days in range(19, 0, -1):
        _open(path, TODAY - timedelta(days=days))
    for file in path.parent.glob("readings.sqlite3*"):
        file.unlink()
    return path


def _copies_with(path: Path, user: str) -> int:
    copies = [ReadingStore(copy) for copy in (path.parent / "backups").iterdir()]
    return sum(copy.count(Query(text=user)) > 0 for copy in copies)


def _begin_anew(path: Path) -> ReadingStore:
    store = _open(path, TODAY)
    for days in range(5):
        store.add(reading(100 + days, user="NEW"))
        store = _open(path, TODAY + timedelta(days=days))
    return store


def test_a_store_that_began_anew_is_copied_and_the_copies_of_the_former_stay(former: Path) -> None:
    store = _begin_anew(former)
    assert _copies_with(former, "NEW") == 5
    assert _copies_with(former, "radiologist") == 14
    for days in range(5, 30):
        store = _open(former, TODAY + timedelta(days=days))
    assert store.note is None
    assert _copies_with(former, "NEW") == 14
    assert _copies_with(former, "radiologist") == 14


def test_a_store_that_stays_open_for_days_is_copied_every_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = [TODAY]
    monkeypatch.setattr("boneage_gui.clinic.readings.store._today", lambda: days[-1])
    store = ReadingStore(tmp_path / "readings.sqlite3")
    store.open()
    assert not (tmp_path / "backups").exists()
    for number in range(6):
        store.add(reading(number))
        if number % 2:
            days.append(TODAY + timedelta(days=number))
    copies = [ReadingStore(copy) for copy in sorted((tmp_path / "backups").iterdir())]
    assert [copy.count(Query()) for copy in copies] == [1, 3, 5]  # what was there after the day's first reading


def test_two_stores_have_each_a_copy_of_one_day(former: Path) -> None:
    store = _open(former, TODAY - timedelta(days=1))
    store.add(reading(100, user="NEW"))
    for _ in range(2):
        store = _open(former, TODAY - timedelta(days=1))
    assert _copies_with(former, "NEW") == 1
    former.write_bytes(b"\x07" * former.stat().st_size)
    store = _open(former, TODAY)
    assert "The copy of 2026-01-31 took its place" in str(store.note)
    assert store.count(Query(text="NEW")) == 1


@pytest.mark.parametrize("tells", [True, False], ids=["some can be read", "nothing can be read"])
def test_a_damaged_file_gets_its_own_readings_back_not_the_fuller_ones_of_another(former: Path, tells: bool) -> None:
    store = _begin_anew(former)
    if tells:
        _spoil_index(store.path)
    else:
        store.path.write_bytes(b"damaged!" * 1000)
    store = _open(former, TODAY + timedelta(days=5))
    assert "The copy of 2026-02-05 took its place" in str(store.note)
    assert ("the one copied last" in str(store.note)) is not tells
    assert (store.count(Query()), store.count(Query(text="NEW"))) == (5, 5)


def test_copies_of_others_alone_do_not_take_its_place(former: Path) -> None:
    store = _open(former, TODAY)
    store.add(reading(100, user="NEW"))
    (own,) = [copy for copy in store.backups.iterdir() if ReadingStore(copy).count(Query(text="NEW"))]
    own.unlink()
    _spoil_index(store.path)
    store = _open(former, TODAY)
    assert store.count(Query()) == 0
    assert "no copy; a new one begins. The copies in the folder “backups” are of other readings." in str(store.note)
    assert _copies_with(former, "radiologist") == 14


def test_todays_copy_stays_when_many_of_a_wrong_clock_hold_as_much(tmp_path: Path) -> None:
    path = tmp_path / "readings.sqlite3"
    _open(path, TODAY).add(reading(1))
    for days in range(20):
        _open(path, date(2031, 1, 1) + timedelta(days=days))
    store = _open(path, TODAY)
    assert (store.backups / f"readings-{TODAY}.sqlite3").exists()
    assert len(list(store.backups.iterdir())) == 14


def _spoil_index(path: Path) -> None:
    """Damage a file so that its readings can still be read."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'readings_by_time'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = b"\x07" * size
    path.write_bytes(content)


def _left(path: Path, *, seconds_ago: float) -> None:
    os.utime(path, (time.time() - seconds_ago,) * 2)


def test_an_emptied_file_gets_its_copy_back_and_a_new_one_of_another_window_is_left_alone(former: Path) -> None:
    former.touch()  # another window is about to fill it
    assert _open(former, TODAY).note is None
    for file in former.parent.glob("readings.sqlite3*"):
        file.unlink()
    former.touch()
    _left(former, seconds_ago=3600)
    store = _open(former, TODAY)
    assert store.note is not None
    assert "was damaged" in store.note
    assert store.count(Query()) == 30


def test_an_empty_file_without_copies_is_a_beginning(tmp_path: Path) -> None:
    path = tmp_path / "readings.sqlite3"
    path.touch()
    _left(path, seconds_ago=3600)
    assert _open(path, TODAY).note is None


@pytest.mark.parametrize("version", [-1, 0])
def test_a_file_whose_version_was_lost_gets_its_copy_back(former: Path, version: int) -> None:
    store = _begin_anew(former)
    with closing(sqlite3.connect(former)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    store = _open(former, TODAY + timedelta(days=9))
    assert store.note is not None
    assert "was damaged" in store.note
    assert store.count(Query()) == 5
