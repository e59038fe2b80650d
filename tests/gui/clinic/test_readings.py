"""The store of readings: nothing confirmed is lost, nothing is overwritten, nobody else reads it."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from boneage_gui.clinic.reading import Decision, ReadingError, amended
from boneage_gui.clinic.readings import PatientKeys, Query, ReadingStore
from tests.gui.clinic.drawn_readings import TODAY, reading
from trainer.radiograph import Sex

ROOT = Path(__file__).parents[3]


def test_what_is_kept_comes_back_as_it_was(store: ReadingStore) -> None:
    full = reading(1, decision=Decision.MODIFIED, clinician_months=90.5, reason="thumb “sesamoid”", label="Döe, J.")
    full = replace(full, cautions=("This is no hand. Read all the same.", "The image is “small”."))
    bare = reading(2, sex=None, chronological_months=None, study_date=None, patient_hash=None)
    store.add_all([full, bare])
    newest, oldest = store.find(Query())
    assert (oldest, newest) == (full, bare)
    no_interval = replace(reading(3), low_months=float("nan"), high_months=float("nan"))
    store.add(no_interval)
    assert str(store.find(Query(), count=1)[0]) == str(no_interval)


def test_it_opens_again_with_everything_in_it(store: ReadingStore) -> None:
    store.add(reading())
    again = ReadingStore(store.path)
    again.open(today=TODAY)
    assert again.count(Query()) == 1
    assert again.note is None


@pytest.mark.skipif(os.name == "nt", reason="permissions of Unix")
def test_nobody_else_may_read_it(store: ReadingStore) -> None:
    store.add(reading())
    store.open(today=TODAY)  # makes the daily copy
    PatientKeys(store.path.parent / "readings.key")
    for path in (store.path, store.path.parent / "readings.key", *store.backups.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    store.path.chmod(0o644)
    store.open(today=TODAY)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("words", ["UPDATE readings SET age_months = 1", "DELETE FROM readings"])
def test_nothing_is_overwritten_even_past_the_program(store: ReadingStore, words: str) -> None:
    store.add(reading())
    with closing(sqlite3.connect(store.path)) as connection, pytest.raises(sqlite3.IntegrityError, match="never"):
        connection.execute(words)
    assert store.find(Query())[0].age_months == 100


def test_an_amendment_supersedes_and_keeps_the_former(store: ReadingStore) -> None:
    first = reading(0)
    second = amended(first, by=reading(0, decision=Decision.MODIFIED, clinician_months=96.0, reason="late"))
    store.add(first)
    store.add(second)
    assert store.find(Query()) == [second]
    assert store.find(Query(superseded_too=True)) == [second, first]
    assert store.of_radiograph(first.radiograph_hash) == second
    with pytest.raises(ReadingError, match="amended meanwhile"):
        store.add(amended(first, by=reading(0)))
    with pytest.raises(ReadingError):
        store.add(amended(reading(5), by=reading(6)))  # of a reading that nobody knows
    assert store.count(Query(superseded_too=True)) == 2


def test_of_several_all_are_kept_or_none(store: ReadingStore) -> None:
    twice = reading(0)
    with pytest.raises(ReadingError):
        store.add_all([reading(1), twice, twice])
    assert store.count(Query()) == 0


def test_readings_are_found_by_what_is_in_them(store: ReadingStore) -> None:
    store.add_all(
        [
            reading(0, label="Muster, Anna", sex=Sex.FEMALE, patient_hash="a1" * 32),
            reading(1, label="100%_x", user="second reader"),
            reading(2, decision=Decision.MODIFIED, clinician_months=90.0, reason="growth plate"),
        ]
    )

    def numbers(**conditions: object) -> list[int]:
        return [int(found.radiograph_hash, 16) for found in store.find(Query(**conditions))]  # type: ignore[arg-type]

    assert numbers() == [2, 1, 0]
    assert numbers(text="muster anna") == [0]
    assert numbers(text="plate") == [2]
    assert numbers(text="second") == [1]
    assert numbers(text="a1a1") == [0]
    assert numbers(text="1a1") == []  # a hash is known by its beginning
    assert numbers(text="100%_") == [1]
    assert numbers(text="%") == [1]  # a sign that SQL knows is a letter here
    assert numbers(text="' OR 1 --") == []
    assert numbers(sex=Sex.FEMALE) == [0]
    assert numbers(decision=Decision.MODIFIED) == [2]
    assert numbers(since=date(2026, 3, 2)) == [2, 1]
    assert numbers(until=date(2026, 3, 2)) == [1, 0]
    assert numbers(since=date(2026, 3, 2), until=date(2026, 3, 2)) == [1]
    assert len(store.find(Query(), first=1, count=1)) == 1
    assert store.count(Query(sex=Sex.MALE)) == 2


def test_a_patients_readings_come_in_the_order_of_the_studies(store: ReadingStore) -> None:
    store.add_all([reading(5), reading(1), reading(3, patient_hash="b" * 64)])
    assert [int(found.radiograph_hash, 16) for found in store.of_patient("f" * 64)] == [1, 5]


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from boneage_gui.clinic.readings import ReadingStore
from tests.gui.clinic.drawn_readings import TODAY, reading
store = ReadingStore(Path({path!r}))
store.open()
for number in range(100_000):
    made = reading(number % 1000)
    store.add(made)
    print(made.reading_id, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
def test_a_kill_during_a_write_loses_nothing_that_was_confirmed(tmp_path: Path) -> None:
    path = tmp_path / "readings.sqlite3"
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER.format(root=str(ROOT), path=str(path))], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        confirmed = {child.stdout.readline().strip() for _ in range(40)}
        os.kill(child.pid, signal.SIGKILL)
        confirmed |= {line.strip() for line in child.stdout if line.endswith("\n")}
        child.wait()
        child.stdout.close()
        store = ReadingStore(path)
        store.open()
        assert store.note is None
        assert confirmed <= {found.reading_id for found in store.find(Query(), count=1_000_000)}


FULL = """
import resource, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from boneage_gui.clinic.reading import ReadingError
from boneage_gui.clinic.readings import ReadingStore
from tests.gui.clinic.drawn_readings import TODAY, reading
store = ReadingStore(Path({path!r}))
store.open()
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
try:
    store.add_all([reading(number, label="x" * 1000) for number in range(1000)])
except ReadingError as error:
    print(error)
"""


@pytest.mark.skipif(os.name == "nt", reason="limits of Unix")
def test_no_room_is_a_sentence_and_what_was_kept_stays(store: ReadingStore) -> None:
    store.add(reading())
    done = subprocess.run(
        [sys.executable, "-c", FULL.format(root=str(ROOT), path=str(store.path))],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip()
    assert "Traceback" not in done.stderr
    store.open(today=TODAY)
    assert (store.note, store.count(Query())) == (None, 1)


def test_several_writers_at_once_lose_nothing(store: ReadingStore) -> None:
    failed: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            own = ReadingStore(store.path)
            for number in range(25):
                own.add(reading(writer * 100 + number))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert store.count(Query()) == 150


def test_a_damaged_file_is_put_aside_for_its_newest_copy(store: ReadingStore) -> None:
    store.add(reading(0))
    store.open(today=TODAY)
    store.add(reading(1))
    content = bytearray(store.path.read_bytes())
    content[:] = b"\x07" * len(content)
    store.path.write_bytes(content)
    again = ReadingStore(store.path)
    again.open(today=TODAY)
    assert again.note is not None
    assert "The copy of 2026-03-09 took its place" in again.note
    assert again.count(Query()) == 1
    assert [path.read_bytes() for path in store.path.parent.glob("damaged-*")] == [bytes(content)]


def test_a_damaged_file_without_a_copy_is_kept_and_said(tmp_path: Path) -> None:
    path = tmp_path / "readings.sqlite3"
    path.write_bytes(b"not a database, but nobody throws it away" * 100)
    store = ReadingStore(path)
    store.open(today=TODAY)
    assert store.note is not None
    assert "no copy" in store.note
    store.add(reading())
    assert len(list(tmp_path.glob("damaged-*"))) == 1


def test_copies_are_made_once_a_day_and_the_oldest_go(store: ReadingStore) -> None:
    store.open(today=TODAY)
    assert not store.backups.exists()  # of nothing there is no copy
    store.add(reading())
    for day in range(1, 21):
        store.open(today=date(2026, 4, day))
        store.open(today=date(2026, 4, day))
    assert [path.name for path in sorted(store.backups.iterdir())] == [
        f"readings-2026-04-{day:02}.sqlite3" for day in range(7, 21)
    ]
    copy = ReadingStore(store.backups / "readings-2026-04-20.sqlite3")
    assert copy.count(Query()) == 1


def test_a_patients_hash_needs_this_computers_secret(tmp_path: Path) -> None:
    keys = PatientKeys(tmp_path / "a" / "readings.key")
    assert keys.of_patient("4711") == PatientKeys(tmp_path / "a" / "readings.key").of_patient("4711")
    assert keys.of_patient("4711") != PatientKeys(tmp_path / "b" / "readings.key").of_patient("4711")
    assert keys.of_patient("4711") != keys.of_patient("4712")
    assert keys.of_patient(None) is None
    assert "4711" not in str(keys.of_patient("4711"))
    assert keys.of_radiograph(b"pixels") != keys.of_patient("pixels")


def test_a_damaged_secret_is_refused_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "readings.key"
    path.write_bytes(b"short")
    with pytest.raises(ReadingError, match="Put it back from a copy"):
        PatientKeys(path)
    assert path.read_bytes() == b"short"


def test_a_folder_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ReadingError, match="cannot be opened"):
        ReadingStore(tmp_path / "file" / "readings.sqlite3").open()
    with pytest.raises(ReadingError, match="cannot be used"):
        PatientKeys(tmp_path / "file" / "readings.key")
