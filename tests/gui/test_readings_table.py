"""The worklist's table: what stands in the cells of a reading."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from boneage_gui.widgets.readings_table import COLUMNS, ReadingsTable
from tests.gui.clinic.drawn_readings import reading


def _cell(table: ReadingsTable, title: str, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> str:
    column = [name for name, _, _, _ in COLUMNS].index(title)
    return str(table.readings.index(0, column).data(role))


@pytest.fixture
def table(qtbot: QtBot) -> ReadingsTable:
    """An empty one."""
    made = ReadingsTable()
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize(("key", "shown"), [("brush", "Brush"), ("greulich-pyle", "Greulich-Pyle *")])
def test_a_score_stands_beside_the_table_that_it_is_by(table: ReadingsTable, key: str, shown: str) -> None:
    table.readings.begin([reading(reference_key=key)], 1)
    assert _cell(table, "Reference") == shown
    tip = _cell(table, "Score", Qt.ItemDataRole.ToolTipRole)
    assert ("not verified against print" in tip) == ("*" in shown)
    table.readings.begin([reading(reference_key=key, chronological_months=None)], 1)
    assert (_cell(table, "Score"), _cell(table, "Reference")) == ("–", "–")


def test_readings_of_nobody_are_told_apart_by_their_radiographs(table: ReadingsTable) -> None:
    table.readings.begin([reading(patient_hash=None, radiograph_hash="1a2b3c4d5e")], 1)
    assert _cell(table, "Patient") == "Radiograph 1a2b3c4d"
    table.readings.begin([reading(patient_hash="9f8e7d6c5b", radiograph_hash="1a2b3c4d5e")], 1)
    assert _cell(table, "Patient") == "9f8e7d6c"
