"""Read and clean a table of labelled radiographs. Every dropped row has a reason."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trainer import rsna
from trainer.errors import DataError
from trainer.radiograph import SUFFIXES, Sex

if TYPE_CHECKING:
    import pandas as pd

HIGHEST_AGE_MONTHS: Final = 228.0  # 19 years

_MALE: Final = {"true": Sex.MALE, "1": Sex.MALE, "m": Sex.MALE, "male": Sex.MALE, "1.0": Sex.MALE}
_FEMALE: Final = {
    "false": Sex.FEMALE,
    "0": Sex.FEMALE,
    "f": Sex.FEMALE,
    "female": Sex.FEMALE,
    "0.0": Sex.FEMALE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A labelled radiograph."""

    case_id: str
    image_path: Path
    age_months: float
    sex: Sex | None = None
    patient_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A row that is not used, and why."""

    case_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTable:
    """What cleaning kept and dropped."""

    cases: tuple[Case, ...]
    dropped: tuple[Dropped, ...]


def read_cases(data: Path) -> CaseTable:
    """Read a folder in the RSNA layout, or a CSV (``id,boneage,male``) beside its pictures.

    Raises DataError when there is no table, a column is missing, or nothing is left.
    """
    table_path = _table_path(data)
    rows = _read_table(table_path)
    pictures = _pictures(table_path.parent)
    cases: list[Case] = []
    dropped: list[Dropped] = []
    seen: set[str] = set()
    ages, males = rows["boneage"].tolist(), rows["male"].tolist()
    for case_id, age_text, male_text in zip(rows["id"].tolist(), ages, males, strict=True):
        reason = _reason_to_drop(case_id, age_text, pictures=pictures, seen=seen)
        seen.add(_stem(case_id))
        if reason:
            dropped.append(Dropped(case_id=case_id, reason=reason))
            continue
        cases.append(
            Case(
                case_id=case_id,
                image_path=pictures[_stem(case_id)],
                age_months=float(age_text),
                sex=_sex(male_text),
            )
        )
    if not cases:
        raise DataError(f"No row of {table_path.name} has both a label and a picture beside it.")
    return CaseTable(cases=tuple(cases), dropped=tuple(dropped))


def _table_path(data: Path) -> Path:
    if data.is_file():
        return data
    if not data.is_dir():
        raise DataError(f"There is no folder or table at {data}.")
    named = data / rsna.TABLE
    if named.is_file():
        return named
    tables = sorted(data.glob("*.csv"))
    if len(tables) == 1:
        return tables[0]
    found = "no table" if not tables else f"{len(tables)} tables"
    raise DataError(f"{data} holds {found}; it needs {rsna.TABLE} (columns id, boneage, male), or name the table.")


def _read_table(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        with warnings.catch_warnings():
            # Without index_col, a comma at the end of every row makes the ids an index; with it, pandas warns.
            warnings.simplefilter("ignore", pd.errors.ParserWarning)
            rows = pd.read_csv(path, dtype=str, keep_default_na=False, index_col=False)
    except (OSError, ValueError, pd.errors.ParserError) as error:
        raise DataError(f"{path.name} cannot be read as a table with commas.") from error
    rows.columns = [str(name).strip().lower() for name in rows.columns]
    rows = rows.loc[:, ~rows.columns.duplicated()]
    missing = [name for name in rsna.COLUMNS if name not in rows.columns]
    if missing:
        raise DataError(f"{path.name} has no column named {missing[0]}; it needs id, boneage (months) and male.")
    trimmed: pd.DataFrame = rows[list(rsna.COLUMNS)].apply(lambda column: column.str.strip())
    return trimmed


def _pictures(folder: Path) -> dict[str, Path]:
    """Find the pictures beside a table, in the RSNA folder or directly, by their name without its suffix."""
    found: dict[str, Path] = {}
    inner = folder / rsna.FOLDER
    for place in (inner, inner / rsna.FOLDER, folder):  # Kaggle's archive nests the folder in one of its own name
        try:
            paths = _sorted_files(place.iterdir()) if place.is_dir() else []
        except OSError as error:
            raise DataError(f"The folder {place} cannot be looked into: {error.strerror}.") from error
        for path in paths:
            found.setdefault(path.stem, path)
    return found


def _sorted_files(paths: Iterable[Path]) -> list[Path]:
    return sorted(path for path in paths if path.suffix.lower() in SUFFIXES)


def _stem(case_id: str) -> str:
    return Path(case_id).stem if case_id.lower().endswith(SUFFIXES) else case_id


def _reason_to_drop(case_id: str, age_text: str, *, pictures: dict[str, Path], seen: set[str]) -> str | None:
    if not case_id:
        return "no id"
    if _stem(case_id) in seen:
        return "duplicate id"
    try:
        age_months = float(age_text)
    except ValueError:
        return "no age" if not age_text else "age is not a number"
    if not 0 < age_months <= HIGHEST_AGE_MONTHS:
        return "age outside 0 to 19 years"
    return None if _stem(case_id) in pictures else "no picture"


def _sex(text: str) -> Sex | None:
    key = text.lower()
    return _MALE.get(key) or _FEMALE.get(key)
