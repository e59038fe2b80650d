"""What the tests of the clinic share: an empty store of readings."""

from __future__ import annotations

from pathlib import Path

import pytest

from boneage_gui.clinic.readings import ReadingStore
from tests.gui.clinic.drawn_readings import TODAY


@pytest.fixture
def store(tmp_path: Path) -> ReadingStore:
    """An empty store."""
    made = ReadingStore(tmp_path / "data" / "readings.sqlite3")
    made.open(today=TODAY)
    return made
