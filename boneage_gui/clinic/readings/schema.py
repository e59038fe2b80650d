"""Schema: the tables of the store, by version. A file of an older version is brought up to date, step by step."""

from __future__ import annotations

import sqlite3
from typing import Final

from boneage_gui.clinic.reading import ReadingError

FIELDS: Final = (
    "reading_id",
    "read_at",
    "user",
    "decision",
    "age_months",
    "low_months",
    "high_months",
    "coverage",
    "model_name",
    "model_sha256",
    "clinician_months",
    "reason",
    "sex",
    "chronological_months",
    "study_date",
    "patient_hash",
    "label",
    "radiograph_hash",
    "reference_key",
    "supersedes",
    "cautions",
)

# Each step is one transaction from the version of its place to the next; a step is never changed once it shipped.
STEPS: Final = (
    """
    CREATE TABLE readings (
        number INTEGER PRIMARY KEY,
        reading_id TEXT NOT NULL UNIQUE,
        read_at TEXT NOT NULL,
        user TEXT NOT NULL,
        decision TEXT NOT NULL CHECK (decision IN ('accepted', 'modified', 'waiting')),
        age_months REAL NOT NULL,
        low_months REAL,
        high_months REAL,
        coverage REAL NOT NULL,
        model_name TEXT NOT NULL,
        model_sha256 TEXT NOT NULL,
        clinician_months REAL,
        reason TEXT NOT NULL,
        sex TEXT CHECK (sex IN ('female', 'male')),
        chronological_months REAL,
        study_date TEXT,
        patient_hash TEXT,
        label TEXT,
        radiograph_hash TEXT NOT NULL,
        reference_key TEXT NOT NULL,
        supersedes TEXT UNIQUE REFERENCES readings (reading_id),
        CHECK ((decision = 'modified') = (clinician_months IS NOT NULL))
    );
    CREATE INDEX readings_by_patient ON readings (patient_hash, study_date) WHERE patient_hash IS NOT NULL;
    CREATE INDEX readings_by_time ON readings (read_at);
    CREATE INDEX readings_by_radiograph ON readings (radiograph_hash);
    CREATE TRIGGER readings_never_change BEFORE UPDATE ON readings
        BEGIN SELECT RAISE(ABORT, 'a reading is never changed'); END;
    CREATE TRIGGER readings_never_go BEFORE DELETE ON readings
        BEGIN SELECT RAISE(ABORT, 'a reading is never deleted'); END;
    """,
    # a sentence a line; what was said about an older reading is not known any more
    """
    ALTER TABLE readings ADD COLUMN cautions TEXT NOT NULL DEFAULT '';
    """,
)
VERSION: Final = len(STEPS)


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Make the tables, or change those of an older version. Raises ReadingError for a file of a newer program."""
    version = _version(connection)
    if version > VERSION:
        raise ReadingError("The readings were kept by a newer version of this program. Use that version.")
    if version == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in range(_version(connection), VERSION):  # asked again: another program may have been first
            for statement in _statements(STEPS[number]):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> list[str]:
    """Cut a script where SQLite says that a statement is whole: a trigger holds semicolons of its own."""
    whole, part = [], ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            whole.append(part)
            part = ""
    return whole
