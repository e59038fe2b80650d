"""Bytes that rot inside a reading: SQLite finds the file sound, and still nothing escapes but a sentence."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from boneage_gui.clinic.reading import ReadingError
from boneage_gui.clinic.readings import Query, ReadingStore
from tests.gui.clinic.drawn_readings import reading

TODAY = date(2026, 3, 9)


def rotten(path: Path, cell: str, value: str) -> ReadingStore:
    """A store with one reading, in which a cell holds what was never written there."""
    store = ReadingStore(path)
    store.open(today=TODAY)
    store.add(reading(0, label="SECRET"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER readings_never_change")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(f"UPDATE readings SET {cell} = {value}")  # noqa: S608 - words of ours
        connection.commit()
    return store


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("label", "CAST(x'53454352455400ff' AS TEXT)"),
        ("label", "x'00ff'"),
        ("study_date", "'2026-13-40'"),
        ("read_at", "'yesterday'"),
        ("reading_id", "CAST(x'00ff' AS TEXT)"),
        ("age_months", "'eighty'"),
        ("age_months", "9e999"),
        ("age_months", "9e9"),
        ("coverage", "x'00'"),
    ],
)
def test_a_rotten_cell_is_a_sentence_that_quotes_nothing(tmp_path: Path, cell: str, value: str) -> None:
    store = rotten(tmp_path / "readings.sqlite3", cell, value)
    store.open(today=TODAY)
    with pytest.raises(ReadingError, match=r"^A reading in the file of the readings is damaged\.") as raised:
        store.find(Query())
    assert "SECRET" not in str(raised.value)


def test_what_sqlite_says_of_a_damaged_file_need_not_be_text(tmp_path: Path) -> None:
    store = ReadingStore(tmp_path / "readings.sqlite3")
    store.open(today=TODAY)
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = store.path.read_bytes()
    assert content.count(b"readings_by_time ON") == 1  # the words that made an index
    store.path.write_bytes(content.replace(b"readings_by_time ON", b"readings_by_time \xff\xff"))
    with closing(sqlite3.connect(store.path)) as connection, pytest.raises(UnicodeDecodeError):
        connection.execute("PRAGMA quick_check")
    again = ReadingStore(store.path)
    again.open(today=TODAY)
    assert again.note is not None
    assert "was damaged" in again.note
    assert again.count(Query()) == 0
