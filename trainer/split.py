"""Split: which cases train, which choose the best epoch, and which are held out until the end."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

from trainer.cases import Case
from trainer.errors import DataError

Part = Literal["training", "validation", "test"]
PARTS: Final[tuple[Part, ...]] = ("training", "validation", "test")
AGE_BAND_MONTHS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Three disjoint sets of cases; the fingerprint names exactly which case is in which."""

    seed: int
    training: tuple[Case, ...]
    validation: tuple[Case, ...]
    test: tuple[Case, ...]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the sorted pairs of case and part."""
        pairs = sorted(f"{case.case_id}\t{part}" for part in PARTS for case in self.part(part))
        return hashlib.sha256("\n".join(pairs).encode()).hexdigest()

    def part(self, name: Part) -> tuple[Case, ...]:
        """Return one of the three sets."""
        chosen: tuple[Case, ...] = getattr(self, name)
        return chosen


def split_cases(cases: Sequence[Case], *, seed: int) -> Split:
    """Split 80 / 10 / 10, stratified by one-year age band and sex.

    The cases are shuffled, ordered by stratum, and every tenth goes to validation and every tenth to test, so
    even a stratum of three cases is spread as evenly as it can be. Raises DataError under ten cases.
    """
    if len(cases) < 10:
        raise DataError(f"{len(cases)} usable cases are too few to train on; at least 10 are needed.")
    ordered = sorted(cases, key=lambda case: case.case_id)
    shuffled = [ordered[index] for index in np.random.default_rng(seed).permutation(len(ordered))]
    shuffled.sort(key=_stratum)
    return Split(
        seed=seed,
        training=tuple(case for index, case in enumerate(shuffled) if index % 10 not in (4, 9)),
        validation=tuple(shuffled[4::10]),
        test=tuple(shuffled[9::10]),
    )


def write_split(split: Split, path: Path) -> None:
    """Write ``id,part`` for every case."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "part"))
        for part in PARTS:
            writer.writerows((case.case_id, part) for case in split.part(part))


def read_split(path: Path, cases: Iterable[Case], *, seed: int = 0) -> Split:
    """Rebuild a split from its file and the cases. Raises DataError when they do not fit each other."""
    by_id = {case.case_id: case for case in cases}
    parts: dict[str, list[Case]] = {part: [] for part in PARTS}
    placed: set[str] = set()
    try:
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["id"] in placed:
                    raise ValueError("a case in two parts")
                placed.add(row["id"])
                parts[row["part"]].append(by_id[row["id"]])
    except (OSError, KeyError, ValueError, csv.Error) as error:
        raise DataError(
            f"{path.name} does not fit these cases: it needs columns id and part, one row a case."
        ) from error
    return Split(seed=seed, **{part: tuple(parts[part]) for part in PARTS})


def _stratum(case: Case) -> tuple[str, int]:
    return (case.sex or "unknown", int(case.age_months // AGE_BAND_MONTHS))
