"""DataSummary: what is known of labelled radiographs before a training starts, as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from trainer.cases import Case
from trainer.errors import DataError
from trainer.prepare import Prepared
from trainer.radiograph import Sex

KIND: Final = "DataSummary"  # under "event", in the line that ends `boneage clean --events`
UNKNOWN_SEX: Final = "unknown"
DROPPED_ROWS: Final = 200
SAMPLES: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One of the cases, to be looked at."""

    case_id: str
    path: Path
    age_months: float
    sex: Sex | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSummary:
    """Counts, ages and some cases of a data set that was cleaned and split."""

    data: str  # name of the folder or table
    rows: int  # = kept + everything dropped
    kept: int
    dropped: Mapping[str, int]  # by kind of reason, the most frequent first
    dropped_rows: tuple[tuple[str, str], ...]  # id and reason of the first DROPPED_ROWS
    ages_by_sex: Mapping[str, tuple[float, ...]]  # months, under female, male, unknown
    training: int
    validation: int
    test: int
    split_sha256: str
    patients: int | None  # None where patients are not known
    samples: tuple[Sample, ...]  # at most SAMPLES, spread over the ages
    notes: tuple[str, ...] = ()  # sentences on what a training with them should mind

    @staticmethod
    def of(prepared: Prepared) -> DataSummary:
        """Sum up what was prepared."""
        cases, dropped = prepared.table.cases, prepared.table.dropped
        ages = {sex: tuple(case.age_months for case in cases if case.sex == sex) for sex in (*Sex, None)}
        known = {case.patient_key for case in cases if case.patient_key is not None}
        alone = sum(case.patient_key is None for case in cases)
        return DataSummary(
            data=prepared.source.data.resolve().name,
            rows=len(cases) + len(dropped),
            kept=len(cases),
            dropped=dict(Counter(row.kind for row in dropped).most_common()),
            dropped_rows=tuple((row.case_id, row.reason) for row in dropped[:DROPPED_ROWS]),
            ages_by_sex={sex or UNKNOWN_SEX: own for sex, own in ages.items() if own},
            training=len(prepared.split.training),
            validation=len(prepared.split.validation),
            test=len(prepared.split.test),
            split_sha256=prepared.split.fingerprint,
            patients=len(known) + alone if known else None,
            samples=tuple(_samples(cases)),
            notes=prepared.notes,
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain values, with the kind under ``event``."""
        samples = [[sample.case_id, str(sample.path), sample.age_months, sample.sex] for sample in self.samples]
        return {"event": KIND, **asdict(self), "samples": samples}

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> DataSummary:
        """Rebuild a summary written by ``to_json``. Raises DataError for anything else."""
        try:
            rest = {key: value for key, value in values.items() if key != "event"}
            samples = tuple(
                Sample(
                    case_id=str(case_id),
                    path=Path(path),
                    age_months=float(age_months),
                    sex=Sex(sex) if sex else None,
                )
                for case_id, path, age_months, sex in rest.pop("samples")
            )
            ages = {str(sex): tuple(float(age) for age in ages) for sex, ages in rest.pop("ages_by_sex").items()}
            rows = tuple((str(case_id), str(reason)) for case_id, reason in rest.pop("dropped_rows"))
            notes = tuple(str(note) for note in rest.pop("notes", ()))
            return DataSummary(**rest, samples=samples, ages_by_sex=ages, dropped_rows=rows, notes=notes)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise DataError("The summary of the radiographs cannot be read.") from error


def _samples(cases: Sequence[Case]) -> Iterator[Sample]:
    """Pick cases as far apart in age as can be."""
    ordered = sorted(cases, key=lambda case: (case.age_months, case.case_id))
    count = min(SAMPLES, len(ordered))
    for step in range(count):
        case = ordered[step * (len(ordered) - 1) // max(1, count - 1)]
        yield Sample(case_id=case.case_id, path=case.image_path, age_months=case.age_months, sex=case.sex)
