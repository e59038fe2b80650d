"""The score in the table of a folder says what stands beside it, by the rule of the whole program."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from boneage_gui.clinic.batch_row import BatchRow
from boneage_gui.widgets.batch.table import COLUMNS, BatchTableView

SCORE = next(place for place, column in enumerate(COLUMNS) if column[0] == "Score")


@pytest.mark.parametrize(
    ("sds", "standing", "shown"),
    [
        (2.03, "advanced", "+2.03 SD"),
        (-2.003, "delayed", "−2.003 SD"),
        (2.0, "normal", "+2.0 SD"),
        (-0.04, "normal", "0.0 SD"),
        (-1.26, "normal", "−1.3 SD"),
        (None, "", "–"),
    ],
)
def test_a_score_neither_contradicts_its_standing_nor_is_less_than_nothing(
    qtbot: QtBot, sds: float | None, standing: str, shown: str
) -> None:
    table = BatchTableView()
    qtbot.addWidget(table)
    table.add(BatchRow(file="1.dcm", sds=sds, standing=standing))
    assert table.batch.index(0, SCORE).data() == shown
