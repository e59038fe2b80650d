"""The line of text for the clipboard."""

from __future__ import annotations

import math
from dataclasses import replace

from boneage_gui.clinic.dictation import reading_text
from tests.gui.test_prediction_panel import PREDICTION


def test_a_reading_is_one_line_with_everything() -> None:
    assert reading_text(PREDICTION, file_name="hand.dcm", chronological_months=98) == (
        "hand.dcm: bone age 8 years 4 months. 90 % interval: 6 years 8 months to 10 years. Sex: male. "
        "Chronological age 8 years 2 months. Bone age is 2 months ahead of chronological age. "
        "The hand is rotated. Model improved-sex (01234567). Research use, not a medical device."
    )


def test_what_is_not_known_is_said() -> None:
    bare = replace(PREDICTION, sex=None, low_months=math.nan, high_months=math.nan, cautions=())
    assert reading_text(bare, file_name="a.png") == (
        "a.png: bone age 8 years 4 months. Interval not measured for this model. Sex not given. "
        "Model improved-sex (01234567). Research use, not a medical device."
    )


def test_a_missing_sex_is_said_once() -> None:
    caution = "Sex was not given: the model reads without it, and less exactly."
    said = reading_text(replace(PREDICTION, sex=None, cautions=(caution,)), file_name="a.png")
    assert caution in said
    assert "Sex not given." not in said
