"""What a model says about one radiograph, and how an age is written."""

from __future__ import annotations

from dataclasses import dataclass

from trainer.counted import counted
from trainer.radiograph import Sex

RESEARCH_USE = "Research use, not a medical device"
TURN_IT = "Turn the picture until the fingers point up"  # in a sentence, it asks the reader, whose turn is then read


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The bone age a model reads from one radiograph, with its interval and its origin."""

    age_months: float
    low_months: float
    high_months: float
    coverage: float  # share of cases whose true age the interval is meant to hold, 0 to 1
    sex: Sex | None  # what the model was told; None: it was told nothing
    model_name: str
    model_sha256: str
    elapsed_s: float
    cautions: tuple[str, ...] = ()


def years_and_months(months: float) -> str:
    """Write an age as clinicians do: 100.4 months is "8 years 4 months", 7 is "7 months"."""
    whole = max(0, round(months))
    years, rest = divmod(whole, 12)
    parts = []
    if years:
        parts.append(counted(years, "year"))
    if rest or not years:
        parts.append(counted(rest, "month"))
    return " ".join(parts)
