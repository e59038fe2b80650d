"""Batch row: what became of one radiograph of a folder, as the table of the folder keeps it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final

from boneage_gui.clinic.readings_csv import harmless
from trainer.prediction import RESEARCH_USE

# Columns of the table, in order. A number is float in the row, text with so many decimals in the table.
DECIMALS: Final = {
    "chronological_months": 2, "age_months": 2, "low_months": 2, "high_months": 2, "coverage": 2, "sds": 2,
    "sd_months": 2, "band_low_months": 2, "band_high_months": 2, "elapsed_s": 3,
}  # fmt: skip
COLUMNS: Final = (
    "file", "sex", "sex_from", "chronological_months", "age_months", "low_months", "high_months", "coverage", "sds",
    "sd_months", "band_low_months", "band_high_months", "standing", "reference", "model", "model_sha256", "cautions",
    "refused", "elapsed_s", "reports", "file_sha256", "note",
)  # fmt: skip
FROM_FILE: Final = "file"
TOLD: Final = "told"
_BETWEEN_REPORTS: Final = " / "  # no name of a file can hold it


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """One radiograph of a folder: read by a model and confirmed by nobody, or refused with a reason."""

    file: str  # below the folder, with slashes
    file_sha256: str = ""
    sex: str = ""
    sex_from: str = ""  # whether the file's header gave the sex, or the user for all whose header does not
    chronological_months: float | None = None
    age_months: float | None = None
    low_months: float | None = None  # None where the model has no interval
    high_months: float | None = None
    coverage: float | None = None
    sds: float | None = None
    sd_months: float | None = None
    band_low_months: float | None = None  # two SD around the chronological age
    band_high_months: float | None = None
    standing: str = ""  # delayed, normal or advanced; empty where there is no reference
    reference: str = ""
    model: str = ""
    model_sha256: str = ""
    cautions: tuple[str, ...] = ()
    refused: str = ""  # the sentence; then there is no age
    elapsed_s: float | None = None
    reports: tuple[str, ...] = ()  # names of files beside the table
    known: bool = False  # it stood in the table before
    number: int = 0  # of the radiographs of this run, from 1
    total: int = 0

    @property
    def question(self) -> tuple[str, ...]:
        """What was asked: two rows with the same question have the same answer."""
        return (harmless(self.file), self.file_sha256, self.model_sha256, self.reference, self.sex, self.sex_from)


def as_cells(row: BatchRow) -> list[str]:
    """Return a row as the cells of a table, none of which a spreadsheet would run."""
    return [_cell(row, column) for column in COLUMNS]


def as_json(row: BatchRow) -> dict[str, Any]:
    """Return a row as JSON has it, numbers as numbers."""
    values: dict[str, Any] = {}
    for column in COLUMNS:
        value: Any = RESEARCH_USE if column == "note" else getattr(row, column)
        if column in DECIMALS and value is not None:
            value = round(value, 3)
        values[column] = list(value) if isinstance(value, tuple) else (None if value == "" else value)
    return values


def of_cells(cells: dict[str, str]) -> BatchRow:
    """Return the row that stands in a table. Raises ValueError, KeyError for what is no such row."""
    values: dict[str, Any] = {}
    for column in COLUMNS:
        text = cells[column]
        if column in DECIMALS:
            values[column] = float(text) if text else None
        elif column == "reports":
            values[column] = tuple(_own(name) for name in text.split(_BETWEEN_REPORTS)) if text else ()
        elif column == "cautions":
            values[column] = (_own(text),) if text else ()
        elif column != "note":
            values[column] = _own(text)
    return BatchRow(**values, known=True)


def numbered(row: BatchRow, number: int, total: int) -> BatchRow:
    """Return a row with its place in the run."""
    return replace(row, number=number, total=total)


def _cell(row: BatchRow, column: str) -> str:
    if column == "note":
        return RESEARCH_USE
    value = getattr(row, column)
    if column in DECIMALS:
        return "" if value is None or not math.isfinite(value) else f"{value:.{DECIMALS[column]}f}"
    if column == "reports":
        value = _BETWEEN_REPORTS.join(value)
    elif column == "cautions":
        value = " ".join(value)
    return harmless(value)


def _own(text: str) -> str:
    """Return a text without the quote that kept a spreadsheet from running it."""
    return text[1:] if text.startswith("'") and harmless(text[1:]) == text else text
