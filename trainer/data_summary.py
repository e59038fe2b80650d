"""DataSummary: what is known of labelled radiographs before a training starts, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from trainer.errors import DataError
from trainer.radiograph import Sex

KIND: Final = "DataSummary"  # under "event", in the line that ends `boneage clean --events`
UNKNOWN_SEX: Final = "unknown"


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
            return DataSummary(**rest, samples=samples, ages_by_sex=ages, dropped_rows=rows)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise DataError("The summary of the radiographs cannot be read.") from error
