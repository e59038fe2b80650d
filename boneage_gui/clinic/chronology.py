"""Chronological age from birth and study date, and how it compares with the bone age."""

from __future__ import annotations

import re
from datetime import date, datetime

from trainer.errors import BoneAgeError
from trainer.prediction import years_and_months
from trainer.radiograph import months_between

OLDEST_MONTHS = 12 * 120
DATE_FORMATS = ("%Y-%m-%d", "%d.%m.%Y")
SHAPED = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\.\d{1,2}\.\d{4}|\d{8}", re.ASCII)  # as a date, whatever it says
COMPACT, COMPACT_LETTERS = "%Y%m%d", 8


class DateError(BoneAgeError):
    """A date that cannot be read, or two that do not make an age."""


def read_date(text: str) -> date | None:
    """Read a typed date: 2015-03-09, 20150309 or 09.03.2015; nothing typed is None.

    Slashes are refused: 03/09 is March in one country and September in the next. So are digits alone unless they
    are eight: 2015111 is 11 January or 1 November, and what is half typed must not count as another date.
    """
    text = text.strip()
    if not text:
        return None
    for form in (*DATE_FORMATS, COMPACT) if len(text) == COMPACT_LETTERS else DATE_FORMATS:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    if SHAPED.fullmatch(text):
        raise DateError(f"There is no day {text}. Check its month and day, written as year-month-day.")
    raise DateError(f"“{text}” is not a date. Write it as year-month-day, for example 2015-03-09.")


def age_months(*, birth: date, study: date) -> float:
    """Age in months on the day of the study. Raises DateError when the dates do not make an age."""
    if study < birth:
        raise DateError("The study date lies before the birth date. Check both dates.")
    months = months_between(birth, study)
    if months > OLDEST_MONTHS:
        raise DateError("These dates make an age over 120 years. Check both dates.")
    return months


def age_on_study_day(birth: date | None, study: date | None) -> tuple[float | None, tuple[str, ...]]:
    """Return the age in months, None where a date is missing, and what is wrong with the dates where they make none."""
    if birth is None or study is None:
        return None, ()
    try:
        return age_months(birth=birth, study=study), ()
    except DateError as error:
        return None, (str(error),)


def difference_in_words(*, bone_age_months: float, chronological_months: float) -> str:
    """Say how far the bone age is from the chronological age; no judgement.

    Both are rounded to the month first, as they stand on screen: the three must add up for the reader.
    """
    difference = round(bone_age_months) - round(chronological_months)
    if difference == 0:
        return "Bone age and chronological age are the same to the month."
    side = "ahead of" if difference > 0 else "behind"
    return f"Bone age is {years_and_months(abs(difference))} {side} chronological age."
