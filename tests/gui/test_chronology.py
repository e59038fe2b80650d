"""Chronological age and the words for the difference."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boneage_gui.clinic.chronology import (
    DateError,
    age_months,
    age_on_study_day,
    difference_in_words,
    read_date,
)


@pytest.mark.parametrize("text", ["2015-03-09", "20150309", "09.03.2015", "  2015-03-09 "])
def test_dates_are_read(text: str) -> None:
    assert read_date(text) == date(2015, 3, 9)


@pytest.mark.parametrize("text", ["2015-3-9", "9.3.2015"])
def test_a_zero_may_be_left_out_where_signs_stand_between(text: str) -> None:
    assert read_date(text) == date(2015, 3, 9)


@pytest.mark.parametrize(
    "text",
    ["03/09/2015", "2015-13-01", "2015-02-30", "yesterday", "2015", "20151", "201511", "2015111", "201503091"],
)
def test_what_could_be_two_dates_or_none_is_refused(text: str) -> None:
    with pytest.raises(DateError, match="year-month-day"):
        read_date(text)


@pytest.mark.parametrize("text", ["2014-02-30", "20141301", "31.04.2014"])
def test_a_day_that_does_not_exist_is_said_to_be_none(text: str) -> None:
    with pytest.raises(DateError, match="There is no day"):
        read_date(text)


def test_nothing_typed_is_no_date() -> None:
    assert read_date("  ") is None


@pytest.mark.parametrize(
    ("birth", "study", "months"),
    [
        (date(2010, 3, 10), date(2020, 3, 10), 120),
        (date(2012, 2, 29), date(2013, 2, 28), 12 - 1 / 30.4375),
        (date(2020, 1, 31), date(2020, 1, 31), 0),
    ],
)
def test_ages(birth: date, study: date, months: float) -> None:
    assert age_months(birth=birth, study=study) == pytest.approx(months)


@given(
    birth=st.dates(min_value=date(1990, 1, 1), max_value=date(2020, 1, 1)),
    days=st.integers(min_value=0, max_value=7000),
)
def test_an_age_grows_with_the_days_to_within_one(birth: date, days: int) -> None:
    study = date.fromordinal(birth.toordinal() + days)
    assert age_months(birth=birth, study=study) == pytest.approx(days / 30.4375, abs=0.1)


@pytest.mark.parametrize("birth", [date(2020, 2, 1), date(1850, 1, 1)])
def test_dates_that_make_no_age_are_refused(birth: date) -> None:
    with pytest.raises(DateError, match="Check both dates"):
        age_months(birth=birth, study=date(2020, 1, 1))


@pytest.mark.parametrize(
    ("bone", "chronological", "words"),
    [
        (120.0, 105.6, "Bone age is 1 year 2 months ahead of chronological age."),
        (100.0, 103.0, "Bone age is 3 months behind chronological age."),
        (107.6, 108.4, "Bone age and chronological age are the same to the month."),
        (101.0, 100.0, "Bone age is 1 month ahead of chronological age."),
        (99.0, 100.0, "Bone age is 1 month behind chronological age."),
    ],
)
def test_differences(bone: float, chronological: float, words: str) -> None:
    assert difference_in_words(bone_age_months=bone, chronological_months=chronological) == words


def test_the_age_on_the_day_of_the_study_or_why_there_is_none() -> None:
    birth, study = date(2014, 3, 10), date(2024, 3, 10)
    assert age_on_study_day(birth, study) == (120.0, ())
    assert age_on_study_day(None, study) == age_on_study_day(birth, None) == (None, ())
    months, wrong = age_on_study_day(study, birth)
    assert months is None
    assert wrong == ("The study date lies before the birth date. Check both dates.",)


def test_the_oldest_age_is_120_years() -> None:
    assert age_months(birth=date(1900, 1, 1), study=date(2020, 1, 1)) == 1440.0
    with pytest.raises(DateError, match="over 120 years"):
        age_months(birth=date(1900, 1, 1), study=date(2020, 1, 2))
