"""Read and clean a table of labelled radiographs. Every dropped row has a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from trainer.columns import NONE, Columns, no_sex, resolved
from trainer.counted import counted
from trainer.errors import DataError, printable
from trainer.labels import age_in_months, not_understood, reason_to_drop_age, sex_text, sexes_by_text
from trainer.pictures import NO_PICTURE, Pictures, stem
from trainer.radiograph import Sex
from trainer.table import Table, opened

LONGEST_ID: Final = 200
MOST_DETAIL: Final = 3  # reasons named where nothing is left
# A table whose ages, taken for months, are all below this was likely written in years.
ALL_INFANTS_MONTHS: Final = 20.0
ENOUGH_TO_DOUBT: Final = 10
UNREADABLE: Final = "unreadable picture"
SAME_PICTURE: Final = "same picture as"
LEAST_OF_NOBODY: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A labelled radiograph."""

    case_id: str
    image_path: Path
    age_months: float
    sex: Sex | None = None
    patient_key: str | None = field(default=None, repr=False)  # never logged


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A row that is not used, and why."""

    case_id: str
    reason: str

    @property
    def kind(self) -> str:
        """The reason without what is of this row alone: what rows are counted by."""
        if self.reason.startswith(SAME_PICTURE):
            return f"{SAME_PICTURE} another"
        return UNREADABLE if self.reason.startswith(UNREADABLE) else self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTable:
    """What cleaning kept and dropped."""

    cases: tuple[Case, ...]
    dropped: tuple[Dropped, ...]
    cautions: tuple[str, ...] = ()  # sentences on what the headers say of patients, and the table of sexes


def read_cases(data: Path, columns: Columns | None = None, pictures: Path | None = None) -> CaseTable:
    """Read a table, or the one of a folder, and find its pictures: by name, by path, or by a DICOM header.

    ``columns`` are found by themselves where their names are usual; ``pictures`` is their folder, else that of the
    table. Sex and patient come from a DICOM header where the table says none. No picture is decoded. Raises DataError
    when there is no table, a column is missing, or nothing is left.
    """
    with opened(data, (columns or Columns()).sheet) as table:
        named = resolved(columns or Columns(), table.names, table.name)
        rows = list(_rows(table, named))
        doubts_unit = named.age_unit == "months" and not (columns and columns.age_unit)
        places = Pictures(table.path.parent, pictures)
        kept, dropped = _found(rows, places)
        if not kept:
            raise DataError(_nothing_left(table.name, dropped))
        if doubts_unit:
            _doubt_months(named.age or "", [row.age_months for row in kept], table.name)
        sexes = _sexes(rows, kept, places, named, table)
        keys: list[str | None] = [None] * len(kept)
        if named.patient != NONE:
            keys = _patient_keys(kept, places)
        nobody = _nobody(keys)
        known = [None if key == nobody else key for key in keys]
        cases = tuple(_cases(kept, places, sexes, known))
    patients = _all_nobody(keys.count(nobody)) if nobody is not None and len(keys) > 1 else None
    unclear = not_understood(
        row.sex_text
        for row, case in zip(kept, cases, strict=True)
        if row.sex_text and case.sex is None and sex_text(row.sex_text) not in sexes
    )
    cautions = tuple(caution for caution in (patients, unclear) if caution is not None)
    return CaseTable(cases=cases, dropped=tuple(dropped), cautions=cautions)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A row of the table, before and after its picture is found."""

    case_id: str
    picture: str  # what names the picture
    age_text: str
    age_months: float
    sex_text: str
    patient_text: str
    reason: str | None = None  # to drop it
    path: Path = Path()


def _rows(table: Table, columns: Columns) -> Iterator[_Row]:
    places = {name: index for index, name in reversed(list(enumerate(table.names)))}  # of one name, the first
    seen: set[str] = set()
    for cells in table.rows:

        def cell(name: str | None, cells: Sequence[str] = cells) -> str:
            return cells[places[name]] if name and places[name] < len(cells) else ""

        picture = cell(columns.path or columns.id)
        case_id = cell(columns.id or columns.path)
        age_text = cell(columns.age)
        age_months = age_in_months(age_text, columns.age_unit or "months")
        reason: str | None = None
        if any(cells[len(table.names) :]):  # a comma in a text, not in quotes, has moved every cell after it
            reason = "more cells than columns"
        elif not case_id:
            reason = "no id"
        elif len(case_id) > LONGEST_ID:
            reason = "id too long"
        elif stem(case_id) in seen:
            reason = "duplicate id"
        elif columns.path and not picture:
            reason = NO_PICTURE
        reason = reason or reason_to_drop_age(age_text, age_months)
        if reason is None:  # a row that is of no use does not stand in the way of a good one of its id
            seen.add(stem(case_id))
        yield _Row(
            case_id=case_id[:LONGEST_ID],
            picture=picture,
            age_text=age_text,
            age_months=age_months or 0.0,
            sex_text=cell(columns.sex),
            patient_text=cell(columns.patient),
            reason=reason,
        )


def _found(rows: Iterable[_Row], places: Pictures) -> tuple[list[_Row], list[Dropped]]:
    """Find the rows' pictures, by name first; a header is read only where no name fits."""
    kept: list[_Row] = []
    dropped: list[Dropped] = []
    for row in rows:
        reason = row.reason
        if reason is None:
            found = places.find(row.picture)
            if found == NO_PICTURE:
                found = places.find_by_header(row.picture)
            if isinstance(found, Path):
                kept.append(replace(row, path=found))
                continue
            reason = found
        dropped.append(Dropped(case_id=row.case_id, reason=reason))
    return kept, dropped


def _patient_keys(kept: Sequence[_Row], places: Pictures) -> list[str | None]:
    """Return the patient that each radiograph's header names, where the table names none."""
    headers = [None if row.patient_text else places.identity(row.path) for row in kept]
    return [header.patient_key if header else None for header in headers]


def _cases(
    kept: Sequence[_Row], places: Pictures, sexes: Mapping[str, Sex | None], keys: Sequence[str | None]
) -> Iterator[Case]:
    """Make cases; sex and patient are the header's where the table says none."""
    for row, key in zip(kept, keys, strict=True):
        sex = sexes.get(sex_text(row.sex_text))
        header = places.identity(row.path) if sex is None else None
        yield Case(
            case_id=row.case_id,
            image_path=row.path,
            age_months=row.age_months,
            sex=sex or (header.sex if header else None),
            patient_key=row.patient_text or key,
        )


def _nobody(keys: Sequence[str | None]) -> str | None:
    """Return the key that most headers of an archive bear since it was made anonymous, if there is one.

    All bear it, or more than half of ten and more: no such part of a set is of one child.
    """
    counts = Counter(key for key in keys if key is not None)
    key, count = counts.most_common(1)[0] if counts else (None, 0)
    return key if count == len(keys) or (count >= LEAST_OF_NOBODY and 2 * count > len(keys)) else None


def _all_nobody(count: int) -> str:
    return (
        f"{counted(count, 'DICOM header')} of these radiographs name one and the same patient, so it is taken for "
        "nobody. Radiographs of one child may train and test: a column of patients (--patient-column) keeps them apart."
    )


def _sexes(
    rows: Sequence[_Row], kept: Sequence[_Row], places: Pictures, columns: Columns, table: Table
) -> Mapping[str, Sex | None]:
    """Return what the texts of the sex column mean. Raises DataError where nothing tells the sex and none was said."""
    if columns.sex:
        return sexes_by_text(columns.sex, {row.sex_text for row in rows}, table.name)
    if columns.sex is None and not any(places.identity(row.path) for row in kept):
        raise no_sex(table.name, table.names)
    return {}


def _doubt_months(column: str, ages_months: Sequence[float], table: str) -> None:
    if len(ages_months) >= ENOUGH_TO_DOUBT and max(ages_months) < ALL_INFANTS_MONTHS:
        raise DataError(
            f"All ages in column {printable(column)} of {table} are below {ALL_INFANTS_MONTHS:g}: they look like "
            "years, not months. Say which with --age-unit years or --age-unit months."
        )


def _nothing_left(table: str, dropped: Iterable[Dropped]) -> str:
    reasons = Counter(row.kind for row in dropped).most_common(MOST_DETAIL)
    detail = ", ".join(f"{reason}: {count:,}" for reason, count in reasons) or "it has no rows"
    return (
        f"No row of {table} has both a label and a picture ({detail}). Name the folder of the pictures (--pictures) or "
        "other columns."
    )
