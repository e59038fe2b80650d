"""Readings as a table for other programs."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from typing import Final

from boneage_gui.clinic.reading import Reading
from boneage_gui.clinic.reference import REFERENCES
from trainer.prediction import RESEARCH_USE

COLUMNS: Final = (
    "read_at", "user", "decision", "bone_age_months", "model_age_months", "model_low_months", "model_high_months",
    "coverage", "clinician_months", "reason", "sex", "chronological_months", "sds", "standing", "reference",
    "study_date", "patient", "label", "model", "model_sha256", "reading_id", "supersedes", "cautions", "note",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def readings_csv(readings: Iterable[Reading]) -> str:
    """Return readings as CSV with a header; text that a spreadsheet would run as a formula is quoted first."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for reading in readings:
        table.writerow(_row(reading))
    return text.getvalue()


def _row(reading: Reading) -> list[object]:
    assessment = reading.assessment
    reference = REFERENCES.get(reading.reference_key)
    return [
        reading.read_at.isoformat(timespec="seconds"),
        harmless(reading.user),
        reading.decision.value,
        _number(reading.final_months),
        _number(reading.age_months),
        _number(reading.low_months),
        _number(reading.high_months),
        reading.coverage,
        _number(reading.clinician_months),
        harmless(reading.reason),
        reading.sex.value if reading.sex else "",
        _number(reading.chronological_months),
        f"{assessment.sds:.2f}" if assessment else "",
        assessment.standing.value if assessment else "",
        reference.shown_name if assessment and reference else "",
        reading.study_date.isoformat() if reading.study_date else "",
        reading.patient_hash or "",
        harmless(reading.label or ""),
        harmless(reading.model_name),
        reading.model_sha256,
        reading.reading_id,
        reading.supersedes or "",
        harmless(" ".join(reading.cautions)),
        RESEARCH_USE,
    ]


def _number(value: float | None) -> str:
    return "" if value is None or not math.isfinite(value) else f"{value:.2f}"


def harmless(text: str) -> str:
    """Return a text as a spreadsheet takes it for text."""
    return f"'{text}" if text.startswith(_FORMULA) else text
