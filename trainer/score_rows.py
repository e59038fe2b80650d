"""Score rows: one model or two by sex and age band, every number written with its 95 % interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from trainer.counted import OF_ONE
from trainer.metrics import Months, groups_by_age, groups_by_sex, intervals

COLUMNS: Final = (
    "MAE, months",
    "RMSE, months",
    "bias, months",
    "within 6 months",
    "within 12 months",
    "within 24 months",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """One model's score on one group of cases."""

    group: str  # "all", a sex, an age band such as "5–9 y"
    role: str  # what the model is: "New", "In use"; empty where there is one alone
    place: int  # of the model among those compared
    n: int
    cells: tuple[str, ...]  # in the order of COLUMNS


def score_rows(actual: Months, sexes: Sequence[str | None], answers: Mapping[str, Months]) -> list[ScoreRow]:
    """Return the rows, group by group; ``answers`` holds predicted months, float64[n], under what each model is."""
    everybody = {"all": np.ones(len(actual), dtype=np.bool_)}
    groups = {**everybody, **groups_by_sex(sexes), **groups_by_age(actual)}
    return [
        ScoreRow(
            group=name.replace("-", "–"),
            role=role,
            place=place,
            n=int(chosen.sum()),
            cells=_written(predicted[chosen], actual[chosen]),
        )
        for name, chosen in groups.items()
        for place, (role, predicted) in enumerate(answers.items())
    ]


def signed(months: float, digits: int = 1) -> str:
    """Write a difference with its sign, a true minus included; what rounds to 0 has none."""
    rounded = round(months, digits)
    return f"{rounded:+.{digits}f}".replace("-", "−") if rounded else f"{0:.{digits}f}"


def _written(predicted: Months, actual: Months) -> tuple[str, ...]:
    cells = []
    for name, (value, low, high) in intervals(predicted, actual).items():
        if name.startswith("within"):
            cells.append(f"{value * 100:.0f} % ({low * 100:.0f} to {high * 100:.0f})")
        else:
            largest, signs = max(abs(low), abs(high)), name == "bias_months"
            digits = 0 if largest >= 100 else 1 if largest >= (10 if signs else 20) else 2  # as the column is wide
            ends = [signed(end, digits) if signs else f"{end:.{digits}f}" for end in (value, low, high)]
            cells.append(f"{ends[0]} ({ends[1]} to {ends[2]})" if len(actual) > 1 else f"{ends[0]} {OF_ONE}")
    return tuple(cells)
