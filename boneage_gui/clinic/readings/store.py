"""ReadingStore: one SQLite file in the user's data folder. Readings are added, never changed, never deleted."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from boneage_gui.clinic.reading import Decision, Reading, ReadingError
from boneage_gui.clinic.readings.copies import COPIES, FIRST_ID, DailyCopies, day_of
from boneage_gui.clinic.readings.query import Query
from boneage_gui.clinic.readings.schema import FIELDS, bring_up_to_date
from trainer.radiograph import Sex

OWNER_ONLY: Final = 0o600
WAIT_S: Final = 10.0  # for another program that writes
PAGE: Final = 500
BEGINNING_S: Final = 10.0  # an empty file younger than that is another window's, which is about to fill it
FARTHEST_MONTHS: Final = 12_000.0  # an age beyond is none

DAMAGED: Final = (
    "A reading in the file of the readings is damaged. The daily copies lie in the folder “backups” beside the file."
)
_NUMBERS: Final = ("age_months", "low_months", "high_months", "coverage", "clinician_months", "chronological_months")
_NEEDED: Final = (
    "reading_id", "read_at", "decision", "age_months", "coverage", "reason", "radiograph_hash", "cautions",
)  # fmt: skip
_COLUMNS: Final = ", ".join(FIELDS)
_ADD: Final = f"INSERT INTO readings ({_COLUMNS}) VALUES ({', '.join('?' * len(FIELDS))})"  # noqa: S608 - names of ours


class ReadingStore:
    """Opened for each question, so that any thread may ask; what ``add`` returned from survives a killed program."""

    def __init__(self, path: Path) -> None:
        """Name the file; ``open`` makes it or brings it up to date."""
        self.path = path
        self.note: str | None = None  # a sentence about what opening found
        self._copied_on: date | None = None
        self._day = _today

    @property
    def backups(self) -> Path:
        """Folder of the daily copies."""
        return self.path.parent / "backups"

    def open(self, *, today: date | None = None) -> None:
        """Check the file, put a damaged one aside for its newest copy, bring it up to date, copy it once a day.

        Raises ReadingError where the folder cannot be used or the file is of a newer program.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            emptied = self._was_emptied()
            self._make_for_owner_only()
            if emptied or not self._is_sound():
                self._replace_damaged()
            with self._connected() as connection:
                bring_up_to_date(connection)
        except OSError as error:
            raise ReadingError(f"The readings in {self.path.parent} cannot be opened: {error.strerror}.") from error
        if today is not None:
            self._day = lambda: today
        self._copy_of_today(self._day())

    def add(self, reading: Reading) -> None:
        """Keep a reading; when this returns it is on the disk. Raises ReadingError."""
        self.add_all([reading])

    def add_all(self, readings: Sequence[Reading]) -> None:
        """Keep several readings, all or none."""
        with self._connected() as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(_ADD, [_row(reading) for reading in readings])
                connection.execute("COMMIT")
            except sqlite3.IntegrityError as error:
                raise ReadingError(
                    "This reading was amended meanwhile. Look at the patient's history and amend the newest one."
                ) from error
        day = self._day()
        if self._copied_on != day:  # a program that runs for weeks is opened once
            self._copy_of_today(day)

    def find(self, query: Query, *, first: int = 0, count: int = PAGE) -> list[Reading]:
        """Return readings, the newest first."""
        condition, values = query.condition()
        words = f"SELECT {_COLUMNS} FROM readings WHERE {condition} ORDER BY number DESC LIMIT ? OFFSET ?"  # noqa: S608
        with self._connected() as connection:
            rows = connection.execute(words, [*values, count, first]).fetchall()
        return [_reading(row) for row in rows]

    def count(self, query: Query) -> int:
        """Return how many readings a query finds."""
        condition, values = query.condition()
        words = f"SELECT count(*) FROM readings WHERE {condition}"  # noqa: S608 - names of ours, values as parameters
        with self._connected() as connection:
            return int(connection.execute(words, values).fetchone()[0])

    def of_patient(self, patient_hash: str, *, superseded_too: bool = False) -> list[Reading]:
        """Return a patient's readings, the oldest study first; those of one day in the order they were kept."""
        query = Query(patient_hash=patient_hash, superseded_too=superseded_too)
        kept = reversed(self.find(query, count=10_000))  # not by the clock, which may have been set back
        return sorted(kept, key=lambda reading: reading.study_date or reading.read_at.date())

    def of_radiograph(self, radiograph_hash: str) -> Reading | None:
        """Return the reading of a radiograph that stands; None where it was never read."""
        found = self.find(Query(radiograph_hash=radiograph_hash), count=1)
        return found[0] if found else None

    def copy_to(self, path: Path) -> None:
        """Write a whole copy of the store, whatever is being written meanwhile. Raises ReadingError."""
        beside = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside.touch(mode=OWNER_ONLY)
            with self._connected() as connection, closing(sqlite3.connect(beside)) as copy:
                connection.backup(copy)
            beside.replace(path)
        except (OSError, sqlite3.Error) as error:
            raise ReadingError(
                f"The readings could not be copied to {path}. Is there room, and may you write?"
            ) from error
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=WAIT_S, isolation_level=None)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")  # confirmed means on the disk
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("PRAGMA trusted_schema = OFF")
                yield connection
        except sqlite3.OperationalError as error:
            raise ReadingError(_in_words(error)) from error
        except sqlite3.DatabaseError as error:
            raise ReadingError(
                "The file of the readings is damaged. Start the program again: it goes back to the newest copy."
            ) from error

    def _make_for_owner_only(self) -> None:
        if not self.path.exists():
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, OWNER_ONLY))
        if os.name != "nt":
            self.path.chmod(OWNER_ONLY)

    def _was_emptied(self) -> bool:
        """Say whether a full disk or a repair of it left nothing of the file: to SQLite it would be a new one."""
        try:
            facts = self.path.stat()
        except FileNotFoundError:
            return False  # moved away or deleted by someone: a new one begins
        left_over = facts.st_size == 0 and time.time() - facts.st_mtime > BEGINNING_S
        return left_over and any(self.backups.glob(COPIES))

    def _is_sound(self) -> bool:
        try:
            with closing(sqlite3.connect(self.path, timeout=WAIT_S)) as connection:
                whole = connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                begun = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0
                return bool(whole and (version > 0 if begun else version == 0))
        except sqlite3.OperationalError:
            return True  # locked, or no room: not damaged; whoever asks hears about it
        except (sqlite3.DatabaseError, UnicodeDecodeError):  # what is wrong is told with bytes of the file
            return False

    def _replace_damaged(self) -> None:
        copies, said = DailyCopies(self.backups).for_damaged(self._readable_ids())
        aside = self.path.with_name(f"damaged-{datetime.now(UTC):%Y%m%d-%H%M%S}-{self.path.name}")
        self.path.replace(aside)
        for ending in ("-wal", "-shm"):
            with suppress(OSError):
                self.path.with_name(self.path.name + ending).replace(aside.with_name(aside.name + ending))
        kept = f"The file of the readings was damaged and is kept as {aside.name}."
        for copy in copies:
            shutil.copyfile(copy, self.path)
            self._make_for_owner_only()
            if self._is_sound():
                self.note = (
                    f"{kept} The copy of {day_of(copy)} took its place; readings since then may be missing.{said}"
                )
                return
        self.path.unlink(missing_ok=True)
        self._make_for_owner_only()
        self.note = f"{kept} There was no copy; a new one begins.{said}"

    def _readable_ids(self) -> set[str]:
        """Return the ids of a damaged file's readings, from both ends as far as they can be read."""
        ids: set[str] = set()
        for order in ("ASC", "DESC"):
            words = f"SELECT hex(reading_id) FROM readings ORDER BY number {order}"  # noqa: S608 - words of ours
            with suppress(sqlite3.Error, UnicodeDecodeError), closing(sqlite3.connect(self.path)) as connection:
                for row in connection.execute(words):
                    ids.add(row[0])
        return ids

    def _copy_of_today(self, today: date) -> None:
        first_id = self.first_id()
        if first_id is None:
            return
        copies = DailyCopies(self.backups)
        copy = copies.of_day(today, first_id)
        try:
            if not copy.exists():
                self.copy_to(copy)
                copies.prune(copy)
            self._copied_on = today
        except (ReadingError, OSError):
            self.note = f"The daily copy of the readings could not be written to {self.backups}. Make room there."

    def first_id(self) -> str | None:
        """Return the id of the reading that was kept first, which tells this store from others; None without any."""
        with self._connected() as connection:
            row = connection.execute(FIRST_ID).fetchone()
        return None if row is None else str(row[0])


def _today() -> date:
    return datetime.now(UTC).date()


def _in_words(error: sqlite3.OperationalError) -> str:
    code = getattr(error, "sqlite_errorname", "")
    if code == "SQLITE_FULL":
        return "The disk is full: the reading is not kept. Make room and confirm it again."
    if code.startswith("SQLITE_BUSY"):
        return "Another program is writing the readings. Try again in a moment."
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
        return "The file of the readings cannot be written: is its folder there, and may you write in it?"
    return f"The readings cannot be used ({code})." if code else DAMAGED  # without a code it is a text that is none


def _row(reading: Reading) -> list[Any]:
    values = {name: getattr(reading, name) for name in FIELDS}
    values["read_at"] = reading.read_at.astimezone(UTC).isoformat(timespec="milliseconds")
    values["decision"] = reading.decision.value
    values["sex"] = reading.sex.value if reading.sex else None
    values["study_date"] = reading.study_date.isoformat() if reading.study_date else None
    values["cautions"] = "\n".join(reading.cautions)
    return [values[name] for name in FIELDS]  # SQLite keeps nan as NULL


def _reading(row: Sequence[Any]) -> Reading:
    """Rebuild a reading. Raises ReadingError where a cell holds what was never written there."""
    values = dict(zip(FIELDS, row, strict=True))
    try:
        return _rebuilt(values)
    except (ValueError, OverflowError) as error:
        raise ReadingError(DAMAGED) from error


def _rebuilt(values: dict[str, Any]) -> Reading:
    for name, value in values.items():
        number = isinstance(value, float) and abs(value) <= FARTHEST_MONTHS
        if not (number if name in _NUMBERS else isinstance(value, str)) and (value is not None or name in _NEEDED):
            raise ValueError(name)
    values["read_at"] = datetime.fromisoformat(values["read_at"])
    values["decision"] = Decision(values["decision"])
    values["sex"] = Sex(values["sex"]) if values["sex"] else None
    values["study_date"] = date.fromisoformat(values["study_date"]) if values["study_date"] else None
    values["cautions"] = tuple(values["cautions"].splitlines())
    for name in ("low_months", "high_months"):
        values[name] = float("nan") if values[name] is None else values[name]
    return Reading(**values)
