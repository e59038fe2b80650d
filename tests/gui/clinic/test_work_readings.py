"""What opening the readings finds: a store and the key that its hashes were made with, or a sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from boneage_gui.clinic.reading import ReadingError
from boneage_gui.work.readings import history, open_readings
from tests.gui.clinic.drawn_readings import reading


def test_a_key_that_is_gone_is_said_and_not_replaced_while_readings_need_it(tmp_path: Path) -> None:
    folder = tmp_path / "readings"
    opened = open_readings(folder)
    patient = opened.keys.of_patient("4711")
    assert patient is not None
    opened.store.add(replace(reading(), patient_hash=patient))
    key = folder / "readings.key"
    away = key.replace(tmp_path / "away.key")
    for _ in range(2):
        with pytest.raises(ReadingError, match=r"is missing: .* Put it back from a copy\. If there is none"):
            open_readings(folder)
    assert not key.exists()

    away.replace(key)
    assert len(history(open_readings(folder), patient)) == 1

    key.unlink()
    folder.replace(tmp_path / "former")
    assert open_readings(folder).note is None


def test_a_key_that_nothing_was_kept_with_is_made_anew(tmp_path: Path) -> None:
    first = open_readings(tmp_path).keys.of_patient("4711")
    (tmp_path / "readings.key").unlink()
    assert open_readings(tmp_path).keys.of_patient("4711") != first
