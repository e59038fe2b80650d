"""What a reading is, and what it takes to overrule a model."""

from __future__ import annotations

import math

import pytest

from boneage_gui.clinic.reading import LONGEST_REASON, Decision, ReadingError, amended, has_interval, new_reading
from tests.gui.clinic.drawn_readings import prediction, reading


def test_an_accepted_reading_is_the_models_own() -> None:
    made = reading(age_months=100)
    assert made.final_months == 100
    assert made.assessment is not None
    assert made.assessment.sentence.startswith("Bone age 8 years 4 months at a chronological age of 9 years 2 months")
    assert has_interval(made)
    assert not has_interval(reading(age_months=math.nan))


def test_a_modified_reading_keeps_both_values_and_the_reason() -> None:
    made = reading(decision=Decision.MODIFIED, clinician_months=96.0, reason=" sesamoid \n missing ")
    assert (made.age_months, made.clinician_months, made.final_months) == (100.0, 96.0, 96.0)
    assert made.reason == "sesamoid missing"
    assert made.assessment is not None
    assert made.assessment.bone_age_months == 96.0


@pytest.mark.parametrize("own", [None, -1.0, 241.0, math.nan])
def test_a_modification_needs_a_possible_value(own: float | None) -> None:
    with pytest.raises(ReadingError, match="between 0 and 20 years"):
        reading(decision=Decision.MODIFIED, clinician_months=own, reason="x")


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_modification_needs_a_reason(reason: str) -> None:
    with pytest.raises(ReadingError, match="reason"):
        reading(decision=Decision.MODIFIED, clinician_months=90.0, reason=reason)


def test_a_reason_has_its_limit_and_an_acceptance_has_none() -> None:
    long = reading(decision=Decision.MODIFIED, clinician_months=90.0, reason="a" * 2000)
    assert len(long.reason) == LONGEST_REASON
    accepted = new_reading(prediction(), user="x", decision=Decision.ACCEPTED, clinician_months=90.0, reason="no")
    assert (accepted.clinician_months, accepted.reason) == (None, "")


def test_without_sex_age_or_known_table_there_is_no_assessment() -> None:
    assert reading(sex=None).assessment is None
    assert reading(chronological_months=None).assessment is None
    assert reading(reference_key="gone").assessment is None


def test_a_reading_shows_no_patient() -> None:
    shown = repr(reading(label="Doe, Jane"))
    assert "Jane" not in shown
    assert "f" * 64 not in shown
    assert "2026, 3, 1)" not in shown


def test_what_was_said_about_the_number_is_kept_with_it() -> None:
    said = (" This is no hand.\nRead all the same. ", "The image is small.", "The image is small.")
    made = new_reading(prediction(cautions=said), user="x", decision=Decision.ACCEPTED)
    assert made.cautions == ("This is no hand. Read all the same.", "The image is small.")
    assert amended(reading(), by=made).cautions == made.cautions


def test_a_successor_names_what_it_follows() -> None:
    first, second = reading(0), reading(0, age_months=104)
    assert amended(first, by=second).supersedes == first.reading_id
