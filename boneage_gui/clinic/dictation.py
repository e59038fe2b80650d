"""One reading as a line of text: for the clipboard, the dictation and the command line."""

from __future__ import annotations

import math

from boneage_gui.clinic.chronology import difference_in_words
from boneage_gui.clinic.reference import Assessment
from trainer.prediction import RESEARCH_USE, Prediction, years_and_months

HASH_LETTERS = 8


def has_interval(prediction: Prediction) -> bool:
    """Whether the model came with measured residuals; without them low and high are not numbers."""
    return math.isfinite(prediction.low_months) and math.isfinite(prediction.high_months)


def interval_in_words(prediction: Prediction) -> str:
    """The interval as "90 % interval: 7 years to 9 years 2 months"."""
    if not has_interval(prediction):
        return "Interval not measured for this model"
    low, high = years_and_months(prediction.low_months), years_and_months(prediction.high_months)
    return f"{round(prediction.coverage * 100)} % interval: {low} to {high}"


def reading_text(
    prediction: Prediction,
    *,
    file_name: str,
    chronological_months: float | None = None,
    assessment: Assessment | None = None,
) -> str:
    """Write the bone age with its interval, its origin and its limits; one paragraph, one line."""
    told = f"Sex: {prediction.sex.value}." if prediction.sex else "Sex not given."
    parts = [
        f"{file_name}: bone age {years_and_months(prediction.age_months)}.",
        f"{interval_in_words(prediction)}.",
    ]
    if prediction.sex or not any(sentence.startswith("Sex was not given") for sentence in prediction.cautions):
        parts.append(told)  # else a caution says it, and more
    if chronological_months is not None:
        words = difference_in_words(bone_age_months=prediction.age_months, chronological_months=chronological_months)
        parts.append(f"Chronological age {years_and_months(chronological_months)}. {words}")
    if assessment is not None:
        parts.append(f"{assessment.verdict_in_words}.")
    parts.extend(sentence if sentence.endswith(".") else f"{sentence}." for sentence in prediction.cautions)
    model = f"{prediction.model_name} ({prediction.model_sha256[:HASH_LETTERS]})"
    parts.append(f"Model {model}. {RESEARCH_USE}.")
    return " ".join(parts)
