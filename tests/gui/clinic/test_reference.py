"""The reference tables: their rows, what lies between them, and that nothing lies beyond."""

from __future__ import annotations

import pytest

from boneage_gui.clinic.reference import BRUSH, GREULICH_PYLE, REFERENCES, NoReferenceError, Standing, assess
from trainer.radiograph import Sex


@pytest.mark.parametrize(
    ("reference", "sex", "age", "sd"),
    [
        (BRUSH, Sex.MALE, 3, 0.69),
        (BRUSH, Sex.FEMALE, 3, 0.72),
        (BRUSH, Sex.MALE, 108, 9.00),
        (BRUSH, Sex.FEMALE, 192, 7.31),
        (BRUSH, Sex.MALE, 204, 13.05),
        (GREULICH_PYLE, Sex.MALE, 12, 2.1),
        (GREULICH_PYLE, Sex.FEMALE, 180, 11.2),
        (GREULICH_PYLE, Sex.MALE, 204, 15.4),
        # By hand: half-way from 108 (9.00) to 120 (9.79) is 9.395; a third of the way from 60 (8.6) to 66 (8.9) is 8.7.
        (BRUSH, Sex.MALE, 114, 9.395),
        (GREULICH_PYLE, Sex.FEMALE, 62, 8.7),
    ],
)
def test_rows_and_what_lies_between_them(reference, sex: Sex, age: float, sd: float) -> None:  # type: ignore[no-untyped-def]
    assert reference.sd_months(chronological_months=age, sex=sex) == pytest.approx(sd)


@pytest.mark.parametrize(
    ("reference", "sex", "age", "told"),
    [
        (BRUSH, Sex.MALE, 2.9, "boys from 3 months to 17 years"),
        (BRUSH, Sex.FEMALE, 192.1, "girls from 3 months to 16 years"),
        (GREULICH_PYLE, Sex.FEMALE, 181, "girls from 1 year to 15 years"),
        (GREULICH_PYLE, Sex.MALE, 11.9, "boys from 1 year to 17 years"),
        (BRUSH, Sex.MALE, float("nan"), "No reference"),
    ],
)
def test_outside_a_table_there_is_no_reference(reference, sex: Sex, age: float, told: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NoReferenceError, match=told):
        assess(reference, bone_age_months=100, chronological_months=age, sex=sex)


def test_unknown_sex_and_unknown_age_are_said() -> None:
    with pytest.raises(NoReferenceError, match="choose the sex"):
        assess(BRUSH, bone_age_months=100, chronological_months=110, sex=None)
    with pytest.raises(NoReferenceError, match="chronological age"):
        assess(BRUSH, bone_age_months=100, chronological_months=None, sex=Sex.MALE)


def test_the_sentence_of_a_boy_of_nine() -> None:
    # By hand: the SD at 110 months is 9.00 + 2/12 x 0.79 = 9.1317; (100 - 110) / 9.1317 = -1.095.
    found = assess(BRUSH, bone_age_months=100, chronological_months=110, sex=Sex.MALE)
    assert found.sds == pytest.approx(-1.0951, abs=1e-4)
    assert found.standing is Standing.NORMAL
    assert found.band_months == pytest.approx((110 - 18.2633, 110 + 18.2633), abs=1e-3)
    assert found.sentence == (
        "Bone age 8 years 4 months at a chronological age of 9 years 2 months (boy): -1.1 SD, within normal limits "
        "(Brush Foundation)."
    )


def test_the_other_table_is_named_and_marked_as_unverified() -> None:
    # By hand: the SD of girls at 110 months is 9.3 + 2/12 x 1.5 = 9.55; 30 / 9.55 = 3.14.
    found = assess(GREULICH_PYLE, bone_age_months=140, chronological_months=110, sex=Sex.FEMALE)
    assert found.standing is Standing.ADVANCED
    assert "(girl): +3.1 SD, advanced" in found.sentence
    assert found.sentence.endswith("(Greulich-Pyle tables V and VI, not verified against print).")


@pytest.mark.parametrize(
    ("difference_sd", "standing", "words"),
    [
        (0.0, Standing.NORMAL, "0.0 SD"),
        (-0.04, Standing.NORMAL, "0.0 SD"),
        (2.0, Standing.NORMAL, "+2.0 SD"),
        (-2.0, Standing.NORMAL, "-2.0 SD"),
        (2.04, Standing.ADVANCED, "+2.04 SD"),
        (-2.004, Standing.DELAYED, "-2.004 SD"),
        (-2.06, Standing.DELAYED, "-2.1 SD"),
        (3.14, Standing.ADVANCED, "+3.1 SD"),
    ],
)
def test_a_score_is_never_rounded_across_the_limit(difference_sd: float, standing: Standing, words: str) -> None:
    found = assess(BRUSH, bone_age_months=108 + 9 * difference_sd, chronological_months=108, sex=Sex.MALE)
    assert found.standing is standing
    assert found.score_in_words == words
    assert found.score_on_screen == words.replace("-", "−")


def test_a_band_does_not_reach_below_birth() -> None:
    assert assess(GREULICH_PYLE, bone_age_months=6, chronological_months=12, sex=Sex.FEMALE).band_months[0] > 0
    assert all(
        row[0] > row[1]
        for reference in REFERENCES.values()
        for rows in (reference.boys, reference.girls)
        for row in rows
    )


def test_tables_ascend_and_have_the_published_number_of_rows() -> None:
    counts = {key: (len(reference.boys), len(reference.girls)) for key, reference in REFERENCES.items()}
    assert counts == {"brush": (24, 23), "greulich-pyle": (22, 20)}
    for reference in REFERENCES.values():
        for rows in (reference.boys, reference.girls):
            ages = [age for age, _ in rows]
            assert ages == sorted(set(ages))
