"""What a search of the worklist means: words in any case of any alphabet."""

from __future__ import annotations

from pathlib import Path

import pytest

from boneage_gui.clinic.reading import Decision
from boneage_gui.clinic.readings import Query, ReadingStore
from tests.gui.clinic.drawn_readings import reading


@pytest.fixture
def store(tmp_path: Path) -> ReadingStore:
    """An empty store."""
    made = ReadingStore(tmp_path / "readings.sqlite3")
    made.open()
    return made


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
