"""Readings for tests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from boneage_gui.clinic.reading import Decision, Reading, new_reading
from trainer.prediction import Prediction
from trainer.radiograph import Sex

TODAY = date(2026, 3, 9)
BEGUN = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def prediction(age_months: float = 100.0, **changes: Any) -> Prediction:
    """What a model said."""
    values: dict[str, Any] = {
        "age_months": age_months,
        "low_months": age_months - 20,
        "high_months": age_months + 20,
        "coverage": 0.9,
        "sex": Sex.MALE,
        "model_name": "improved-sex",
        "model_sha256": "ab" * 32,
        "elapsed_s": 0.1,
    }
    return Prediction(**(values | changes))


def reading(number: int = 0, *, age_months: float = 100.0, **changes: Any) -> Reading:
    """An accepted reading of a boy, each a day after the one before."""
    values: dict[str, Any] = {
        "user": "radiologist",
        "decision": Decision.ACCEPTED,
        "sex": Sex.MALE,
        "chronological_months": 110.0,
        "study_date": date(2026, 3, 1) + timedelta(days=number),
        "patient_hash": "f" * 64,
        "radiograph_hash": f"{number:064x}",
        "now": BEGUN + timedelta(days=number),
    }
    return new_reading(prediction(age_months), **(values | changes))
