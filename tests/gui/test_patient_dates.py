"""Typed dates: what is wrong with them is said and marked, and an accepted one is written as all are."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from boneage_gui.widgets.patient_dates import PatientDates
from trainer.radiograph import Study


@pytest.fixture
def dates(qtbot: QtBot) -> PatientDates:
    """Empty fields of a radiograph whose header gives no dates."""
    made = PatientDates()
    qtbot.addWidget(made)
    made.show_study(Study())
    made.show()
    return made


def _fields(dates: PatientDates) -> list[QLineEdit]:
    return dates.findChildren(QLineEdit)


def _looks(dates: PatientDates) -> tuple[list[bool], str]:
    (age,) = [line for line in dates.findChildren(QLabel) if line.text() and line.text() in dates.spoken]
    return [bool(field.property("wrong")) for field in _fields(dates)], str(age.property("rank"))


def test_a_day_that_does_not_exist_is_marked(dates: PatientDates) -> None:
    dates.type_dates(birth="2014-02-30", study="2020-03-10")
    assert dates.spoken.startswith("There is no day 2014-02-30")
    assert _looks(dates) == ([True, False], "caution")


def test_a_study_before_birth_is_marked_until_it_is_mended(dates: PatientDates) -> None:
    dates.type_dates(birth="2020-03-10", study="2014-02-20")
    assert "before the birth date" in dates.spoken
    assert _looks(dates) == ([True, True], "caution")
    dates.type_dates(birth="2010-03-10", study="2014-02-20")
    assert _looks(dates) == ([False, False], "figure")
    dates.type_dates(birth="", study="")
    assert _looks(dates) == ([False, False], "muted")


@pytest.mark.parametrize("typed", ["09.03.2015", "20150309", "2015-3-9"])
def test_an_accepted_date_is_written_as_all_are_when_the_field_is_left(
    qtbot: QtBot, dates: PatientDates, typed: str
) -> None:
    birth = _fields(dates)[0]
    qtbot.keyClicks(birth, typed)
    assert birth.text() == typed
    qtbot.keyClick(birth, Qt.Key.Key_Return)
    assert birth.text() == "2015-03-09"


def test_what_is_half_typed_stays_as_it_is(qtbot: QtBot, dates: PatientDates) -> None:
    birth = _fields(dates)[0]
    birth.setFocus()
    qtbot.waitUntil(birth.hasFocus)
    qtbot.keyClicks(birth, "2015-0")
    assert "Write dates as year-month-day" in dates.spoken
    assert not birth.property("wrong")
