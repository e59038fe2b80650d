"""Split: which cases train, which choose the best epoch, and which are held out until the end."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final, Literal

import numpy as np

from trainer.cases import Case
from trainer.errors import DataError, printable
from trainer.pictures import stem
from trainer.table import opened

Part = Literal["training", "validation", "test"]
PARTS: Final[tuple[Part, ...]] = ("training", "validation", "test")
AGE_BAND_MONTHS: Final = 12
RULES: Final = (1, 2)  # how a seed draws a split: as until version 1, and as now

MOST_NAMED: Final = 5  # missing cases named in a sentence
MOST_LETTERS: Final = 40  # of what a file says, in a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Three disjoint sets of cases; the fingerprint names exactly which case is in which."""

    seed: int
    training: tuple[Case, ...]
    validation: tuple[Case, ...]
    test: tuple[Case, ...]
    # Of a split from a file: cases it places that are no longer there. They stay in its fingerprint.
    missing: tuple[tuple[str, Part], ...] = ()

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the sorted pairs of case and part."""
        pairs = [f"{case.case_id}\t{part}" for part in PARTS for case in self.part(part)]
        pairs += [f"{case_id}\t{part}" for case_id, part in self.missing]
        return hashlib.sha256("\n".join(sorted(pairs)).encode()).hexdigest()

    @property
    def caution(self) -> str | None:
        """A sentence on the cases that are missing, or None."""
        if not self.missing:
            return None
        named = ", ".join(printable(case_id) for case_id, _ in self.missing[:MOST_NAMED])
        more = ", ..." if len(self.missing) > MOST_NAMED else ""
        count = f"{len(self.missing):,} ({named}{more})"
        return f"Radiographs of the split that are no longer there and are left out: {count}."

    @property
    def patients_apart(self) -> str | None:
        """A sentence on the patients that are in several parts, as only a fixed split can have them; or None."""
        parts_of: dict[str, set[Part]] = {}
        for part in PARTS:
            for case in self.part(part):
                if case.patient_key is not None:
                    parts_of.setdefault(case.patient_key, set()).add(part)
        count = sum(len(parts) > 1 for parts in parts_of.values())
        if not count:
            return None
        return f"Patients in more than one part of the split: {count:,}. A test on them may flatter the model."

    def part(self, name: Part) -> tuple[Case, ...]:
        """Return one of the three sets."""
        chosen: tuple[Case, ...] = getattr(self, name)
        return chosen


def split_cases(cases: Sequence[Case], *, seed: int, rule: int = RULES[-1]) -> Split:
    """Split 80 / 10 / 10, stratified by one-year age band and sex; no patient is in two parts.

    The patients, or the cases where patients are not known, are shuffled, ordered by how many cases each has and by
    stratum, and every tenth goes to validation and every tenth to test, so even a stratum of three cases is spread as
    evenly as it can be. The largest come first, where none is taken yet: one patient of a hundred radiographs trains.
    By rule 2 the seed also draws where the counting begins, or of a few cases the same ones would always be taken; rule
    1 made the splits of earlier models, which are proven by drawing them again. Raises DataError under ten.
    """
    patients = _by_patient(cases)
    if len(cases) < 10:
        raise DataError(f"{len(cases)} usable cases are too few to train on; at least 10 are needed.")
    if len(patients) < 10:
        raise DataError(
            f"The {len(cases)} usable cases are of {len(patients)} patients, too few to keep each in one part; at "
            "least 10 are needed. If the column or the DICOM headers do not tell patients apart, give "
            "--patient-column none."
        )
    ordered = _ordered(patients, seed, rule)
    return Split(
        seed=seed,
        training=tuple(case for index, own in enumerate(ordered) if index % 10 not in (4, 9) for case in own),
        validation=tuple(case for own in ordered[4::10] for case in own),
        test=tuple(case for own in ordered[9::10] for case in own),
    )


def write_split(split: Split, path: Path) -> None:
    """Write ``id,part`` for every case."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "part"))
        for part in PARTS:
            writer.writerows((case.case_id, part) for case in split.part(part))


def read_split(path: Path, cases: Iterable[Case], *, seed: int = 0) -> Split:
    """Rebuild a split from its file and the cases; cases it does not place are left out.

    Ids are compared without the ending of a picture, parts in small letters. Raises DataError for a file that is no
    split, or when fewer than half of the cases it places are there: it is then of other data.
    """
    by_id = {stem(case.case_id): case for case in cases}
    parts: dict[str, list[Case]] = {part: [] for part in PARTS}
    missing: list[tuple[str, Part]] = []
    placed = _placed(path)
    for known, (case_id, part) in placed.items():
        if known in by_id:
            parts[part].append(by_id[known])
        else:
            missing.append((case_id, part))
    if len(missing) * 2 > len(placed):
        raise DataError(
            f"{printable(path.name)} does not fit these cases: of the {len(placed):,} it places, {len(missing):,} are "
            "not there."
        )
    return Split(seed=seed, missing=tuple(missing), **{part: tuple(parts[part]) for part in PARTS})


def _placed(path: Path) -> dict[str, tuple[str, Part]]:
    """Return id and part of every case that a file places, by the id without the ending of a picture."""
    name = printable(path.name)
    if not path.is_file():
        raise DataError(f"There is no split file at {path}.")
    placed: dict[str, tuple[str, Part]] = {}
    with opened(path) as table:
        columns = {column.lower(): index for index, column in reversed(list(enumerate(table.names)))}
        if not {"id", "part"} <= columns.keys():
            raise DataError(
                f"{name} is no split of cases: it needs the columns id and part (training, validation or test), one "
                f"row a case, and has {printable(', '.join(table.names), 4 * MOST_LETTERS)}."
            )
        for row in table.rows:
            case_id, text = row[columns["id"]], row[columns["part"]]
            part = next((known for known in PARTS if known == text.lower()), None)
            if not case_id or part is None:
                raise DataError(
                    f"{name} is no split of cases: a row places “{printable(case_id, MOST_LETTERS)}” in "
                    f"“{printable(text, MOST_LETTERS)}”; a part is training, validation or test."
                )
            if placed.setdefault(stem(case_id), (case_id, part))[1] != part:
                raise DataError(
                    f"{name} is no split of cases: it places {printable(case_id, MOST_LETTERS)} in two parts."
                )
    if not placed:
        raise DataError(f"{name} is no split of cases: it places none.")
    return placed


def _ordered(patients: Sequence[list[Case]], seed: int, rule: int) -> list[list[Case]]:
    """Order patients as every tenth is taken of them: by size and stratum, within which chance decides.

    Seed 0 draws by rule 1 for ever: new runs with it hold out the same radiographs as the models that ship.
    """
    rng = np.random.default_rng(seed)
    shuffled = [patients[index] for index in rng.permutation(len(patients))]
    if rule == 1 or seed == 0:
        return sorted(shuffled, key=lambda own: (-len(own), _stratum(own)))
    turned = dict(zip(("female", "male", "unknown"), rng.choice((1, -1), size=3), strict=True))

    def place(own: Sequence[Case]) -> tuple[int, str, int]:
        sex, band = _stratum(own)
        return (-len(own), sex, band * int(turned[sex]))

    ordered: list[list[Case]] = []
    for _, same_size in groupby(sorted(shuffled, key=place), key=len):
        row = list(same_size)
        begin = int(rng.integers(len(row)))
        ordered += row[begin:] + row[:begin]
    return ordered


def _by_patient(cases: Sequence[Case]) -> list[list[Case]]:
    """Return the cases of each patient, in the order of their ids; a case of nobody known stands alone."""
    patients: dict[tuple[str, str], list[Case]] = {}
    for case in sorted(cases, key=lambda case: case.case_id):
        key = ("patient", case.patient_key) if case.patient_key is not None else ("case", case.case_id)
        patients.setdefault(key, []).append(case)
    return list(patients.values())


def _stratum(cases: Sequence[Case]) -> tuple[str, int]:
    mean_months = sum(case.age_months for case in cases) / len(cases)
    return (cases[0].sex or "unknown", int(mean_months // AGE_BAND_MONTHS))
