"""Columns: which column of a table means what. Nothing named is found by itself, where names are usual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, get_args

from trainer.errors import DataError, printable

AgeUnit = Literal["months", "years"]
AGE_UNITS: Final[tuple[AgeUnit, ...]] = get_args(AgeUnit)
NONE: Final = ""  # in the place of a column's name: there is no such column, and none is to be looked for
MOST_SHOWN: Final = 20  # columns named in a sentence
MEANINGS: Final = {"id": "case", "path": "picture file", "age": "bone age", "sex": "sex", "patient": "patient"}

# Usual names as `plain` writes them, the likeliest first.
_USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "caseid", "imageid", "studyid", "accessionnumber", "accession", "sopinstanceuid", "case"),
    "path": ("path", "filepath", "imagepath", "filename", "file", "image", "imagename", "picture", "dicom"),
    "sex": ("male", "ismale", "sex", "gender", "patientsex", "female", "isfemale"),
    "patient": ("patient", "patientid", "patientkey", "subject", "subjectid"),
}
# A bone age is in months unless its name says years, as in the RSNA's table; any other age must say its unit.
_USUAL_AGES: Final[Mapping[str, AgeUnit | None]] = {
    "boneage": "months",
    "boneagemonths": "months",
    "boneageinmonths": "months",
    "bonageinmonths": "months",
    "boneageyears": "years",
    "boneageinyears": "years",
    "agemonths": "months",
    "ageinmonths": "months",
    "ageyears": "years",
    "ageinyears": "years",
    "age": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The names of a table's columns. None: found by itself; ``NONE``: the table has none."""

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


def plain(name: str) -> str:
    """Return a name as names are compared: letters and digits alone, in small letters."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def proposed(names: Sequence[str], given: Columns | None = None) -> Columns:
    """Fill in, from the names a table has, what ``given`` leaves open; what is not found stays open.

    A column that was given another meaning is no patient, nor a case where the pictures' files are named.
    """
    given = given or Columns()
    by_plain: dict[str, str] = {}
    for name in names:
        by_plain.setdefault(plain(name), name)
    found: dict[str, Any] = {
        part: next((by_plain[usual] for usual in usuals if usual in by_plain), None) for part, usuals in _USUAL.items()
    }
    found["age"] = next((by_plain[usual] for usual in _USUAL_AGES if usual in by_plain), None)
    told = {getattr(given, part) for part in MEANINGS}
    for part in ("patient", "id") if given.path or found["path"] else ("patient",):
        found[part] = None if found[part] in told else found[part]
    filled = replace(given, **{part: name for part, name in found.items() if getattr(given, part) is None})
    return replace(filled, age_unit=given.age_unit or (_unit_of(filled.age) if filled.age else None))


def two_meanings(columns: Columns) -> str | None:
    """Return a sentence where one column is to mean two things; None where none is.

    A case may be named by its picture's file.
    """
    part_of: dict[str, str] = {}
    for part, meaning in MEANINGS.items():
        name = getattr(columns, part)
        other = part_of.setdefault(name, part) if name else part
        if other != part and (other, part) != ("id", "path"):
            return f"“{printable(name)}” cannot be both {MEANINGS[other]} and {meaning}."
    return None


def resolved(given: Columns, names: Sequence[str], table: str) -> Columns:
    """Return the columns of a table by the names it has itself. Raises DataError, naming the columns there are.

    Afterwards ``age`` and ``age_unit`` are set, and one of ``id`` and ``path``; the others are None where there is no
    such column, but ``NONE`` stays where it was given. ``table`` is the table's name in sentences.
    """
    exact: dict[str, Any] = {
        part: _found(getattr(given, part), names, table, part)
        for part in ("id", "path", "age", "sex", "patient")
        if getattr(given, part)
    }
    if exact.get("id") and given.path is None:  # whoever names the id alone wants no other column to decide
        exact["path"] = NONE
    columns = proposed(names, replace(given, **exact))
    there = f"Its columns are: {_listed(names)}."
    if not columns.id and not columns.path:
        raise DataError(
            f"{table} has no column that names the radiographs, such as id or path. {there} "
            "Name it with --id-column or --path-column."
        )
    if not columns.age:
        raise DataError(f"{table} has no column named boneage or the like. {there} Name it with --age-column.")
    if problem := two_meanings(columns):
        raise DataError(f"{problem} Name another column of {table}. {there}")
    if columns.age_unit is None:
        raise DataError(
            f"Column {printable(columns.age)} of {table} does not say whether it holds months or years. "
            "Say it with --age-unit months or --age-unit years."
        )
    return columns


def no_sex(table: str, names: Sequence[str]) -> DataError:
    """Return what to say where neither a column nor a picture's header tells the sex."""
    return DataError(
        f"{table} has no column named male, sex or the like. Its columns are: {_listed(names)}. "
        "Name it with --sex-column, or give --sex-column none to train without."
    )


def _found(wanted: str, names: Sequence[str], table: str, part: str) -> str:
    if wanted in names:
        return wanted
    for name in names:
        if name.strip().lower() == wanted.strip().lower():
            return name
    raise DataError(
        f"{table} has no column named {printable(wanted)}. Its columns are: {_listed(names)}. "
        f"Name another with --{part}-column."
    )


def _unit_of(name: str) -> AgeUnit | None:
    usual = _USUAL_AGES.get(plain(name))
    if usual is not None:
        return usual
    says_months = "month" in plain(name)
    says_years = "year" in plain(name)
    if says_months == says_years:
        return None
    return "months" if says_months else "years"


def _listed(names: Sequence[str]) -> str:
    shown = [printable(name)[:40] for name in names if name]
    more = f" and {len(shown) - MOST_SHOWN} more" if len(shown) > MOST_SHOWN else ""
    return ", ".join(shown[:MOST_SHOWN]) + more
