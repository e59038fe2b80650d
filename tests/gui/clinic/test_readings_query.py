"""What a search of the worklist means: words in any case of any alphabet, and days as the table shows them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from boneage_gui.clinic.reading import Decision
from boneage_gui.clinic.readings import Query, ReadingStore
from tests.gui.clinic.drawn_readings import reading

SetZone = Callable[[str], None]


@pytest.fixture
def store(tmp_path: Path) -> ReadingStore:
    """An empty store."""
    made = ReadingStore(tmp_path / "readings.sqlite3")
    made.open()
    return made


@pytest.fixture
def set_zone() -> Iterator[SetZone]:
    """Let the computer stand somewhere else."""
    if os.name == "nt":
        pytest.skip("Windows has no way to move one program elsewhere")
    before = os.environ.get("TZ")

    def set_to(zone: str) -> None:
        os.environ["TZ"] = zone
        time.tzset()

    yield set_to
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("MÜLLER, ÄNNE (17)", "müller"),
        ("Müller, Änne", "MÜLLER änne"),
        ("Лебедева", "ЛЕБЕДЕВА"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
        ("Łukasz [Ö*?]", "łUKASZ [ö*?]"),
        ("50%_Ö\\^]-!", "50%_ö\\^]-!"),
    ],
)
def test_a_word_is_found_in_any_case_of_any_alphabet(store: ReadingStore, kept: str, typed: str) -> None:
    store.add_all([reading(0, label=kept), reading(1, label="Meier"), reading(2, label="MULLER, MOLLER")])
    assert [found.label for found in store.find(Query(text=typed))] == [kept]


def test_a_letter_is_not_taken_for_another_one(store: ReadingStore) -> None:
    modified = reading(1, decision=Decision.MODIFIED, clinician_months=90.0, reason="Übergröße")
    store.add_all([reading(0, label="Möller"), modified, reading(2, user="weiß")])
    assert store.count(Query(text="müller")) == 0
    assert store.count(Query(text="ü*")) == 0
    assert store.count(Query(text="üb_r")) == 0
    assert [found.reason for found in store.find(Query(text="ÜBERGRÖß"))] == ["Übergröße"]
    assert [found.user for found in store.find(Query(text="WEIß"))] == ["weiß"]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati", "UTC"])
def test_a_day_is_the_one_that_the_table_shows(store: ReadingStore, set_zone: SetZone, zone: str) -> None:
    set_zone(zone)
    hours = [datetime(2026, 3, day, hour, 30, tzinfo=UTC) for day in (8, 9, 10) for hour in range(24)]
    store.add_all([reading(number, now=hour) for number, hour in enumerate(hours)])
    on_the_ninth = [hour for hour in hours if hour.astimezone().date() == date(2026, 3, 9)]
    assert len(on_the_ninth) == 24
    found = store.find(Query(since=date(2026, 3, 9), until=date(2026, 3, 9)))
    assert sorted(one.read_at for one in found) == on_the_ninth


def test_the_first_moment_of_a_day_belongs_to_it(store: ReadingStore, set_zone: SetZone) -> None:
    set_zone("Europe/Berlin")
    store.add(reading(0, now=datetime(2026, 3, 8, 23, 0, tzinfo=UTC)))
    assert store.count(Query(since=date(2026, 3, 9))) == 1
    assert store.count(Query(until=date(2026, 3, 8))) == 0


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Los_Angeles", "UTC"])
def test_the_first_and_the_last_day_of_all_are_days(store: ReadingStore, set_zone: SetZone, zone: str) -> None:
    set_zone(zone)
    store.add(reading(0))
    assert store.count(Query(since=date.min, until=date.max)) == 1
    assert store.count(Query(until=date.min)) == store.count(Query(since=date.max)) == 0
