"""Columns: which column of a table means what. Nothing named is found by itself, where names are usual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, get_args

from trainer.errors import DataError

AgeUnit = Literal["months", "years"]
AGE_UNITS: Final[tuple[AgeUnit, ...]] = get_args(AgeUnit)
NONE: Final = ""  # in the place of a column's name: there is no such column, and none is to be looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The names of a table's columns. None: found by itself; ``NONE`` for sex or patient: the table has none."""

    id: str | None = None
    path: str | None = None
    age: str | None = None
    age_unit: AgeUnit | None = None
    sex: str | None = None
    patient: str | None = None
    sheet: str | None = None  # of an Excel file

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> Columns:
        """Rebuild columns from plain values. Raises DataError for anything else."""
        try:
            columns = Columns(**values)
        except TypeError as error:
            raise DataError("What the columns of the table mean cannot be read.") from error
        if any(value is not None and not isinstance(value, str) for value in asdict(columns).values()):
            raise DataError("What the columns of the table mean cannot be read.")
        if columns.age_unit not in (None, *AGE_UNITS):
            raise DataError(f"The unit of the age must be months or years, not {columns.age_unit}.")
        return columns
