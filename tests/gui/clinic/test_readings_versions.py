"""The store of readings and its versions: an older file is brought up to date, whole or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from boneage_gui.clinic.reading import ReadingError, amended
from boneage_gui.clinic.readings import Query, ReadingStore, schema
from tests.gui.clinic.drawn_readings import TODAY, reading


def test_a_file_of_a_newer_program_is_refused_not_touched(store: ReadingStore) -> None:
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    with pytest.raises(ReadingError, match="newer version"):
        ReadingStore(store.path).open(today=TODAY)


def test_readings_of_the_first_version_come_back_without_cautions_and_new_ones_with_them(tmp_path: Path) -> None:
    path = tmp_path / "readings.sqlite3"
    old, new = reading(0), replace(reading(1), cautions=("This is no hand. Read all the same.",))
    values = {name: getattr(old, name) for name in schema.FIELDS if name != "cautions"}
    values |= {"read_at": old.read_at.isoformat(), "study_date": "2026-03-01"}
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(schema.STEPS[0])
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        connection.execute(f"INSERT INTO readings ({names}) VALUES ({marks})", list(values.values()))  # noqa: S608
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
    store = ReadingStore(path)
    store.open(today=TODAY)
    store.add(new)
    assert (store.note, store.find(Query())) == (None, [new, old])
    store.add(amended(new, by=replace(reading(1), cautions=new.cautions)))
    assert store.find(Query(), count=1)[0].cautions == new.cautions
    assert schema.STEPS[0].count("cautions") == 0


def test_an_older_file_is_brought_up_to_date_in_steps(store: ReadingStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add(reading())
    steps = (*schema.STEPS, "ALTER TABLE readings ADD COLUMN later TEXT;", "CREATE INDEX by_later ON readings (later);")
    monkeypatch.setattr(schema, "STEPS", steps)
    monkeypatch.setattr(schema, "VERSION", len(steps))
    again = ReadingStore(store.path)
    again.open(today=TODAY)
    with closing(sqlite3.connect(store.path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == len(steps)
        assert connection.execute("SELECT later FROM readings").fetchall() == [(None,)]
    assert again.count(Query()) == 1


def test_a_step_that_fails_leaves_the_older_version_whole(store: ReadingStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add(reading())
    before = schema.VERSION
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, "CREATE TABLE half (x); ", "NONSENSE;"))
    monkeypatch.setattr(schema, "VERSION", before + 2)
    with pytest.raises(ReadingError):
        ReadingStore(store.path).open(today=TODAY)
    with closing(sqlite3.connect(store.path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == before
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone()[0] == 0
