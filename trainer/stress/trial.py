"""Trial: what all transformations did to one model's answers, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from trainer.stress.stressed import Estimate, Stressed, StressRow, row_of
from trainer.stress.transformations import Transformation

AIM_MONTHS: Final = 6.0  # no transformation should move the mean by more


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One model's rows, transformation by transformation."""

    name: str
    sha256: str  # of the weights
    rows: tuple[tuple[Transformation, StressRow], ...]

    @property
    def beyond_aim(self) -> tuple[str, ...]:
        """Transformations whose mean shift is over 6 months, either way."""
        return tuple(row.name for _, row in self.rows if abs(row.shift_months[0]) > AIM_MONTHS)

    @property
    def raised(self) -> tuple[str, ...]:
        """Transformations that are shown to raise the MAE: the interval of its change lies above 0."""
        return tuple(row.name for _, row in self.rows if row.raises_error)

    @property
    def sentence(self) -> str:
        """How the model stood the test, in one or two sentences."""
        beyond, count = self.beyond_aim, len(self.rows)
        named = f" ({', '.join(beyond)})" if beyond else ""
        return (
            f"{self.name}: {len(beyond)} of {count} transformations move its mean answer by more than {AIM_MONTHS:g} "
            f"months{named}; {len(self.raised)} of {count} are shown to raise its error.{self._furthest}"
        )

    @property
    def _furthest(self) -> str:
        """The age band whose mean answer moves most, which the mean of all ages may hide; nothing without bands."""
        shifts = [(estimate, row.name, band) for _, row in self.rows for band, estimate in row.by_age.items()]
        if not shifts:
            return ""
        (value, low, high), change, band = max(shifts, key=lambda shift: abs(shift[0][0]))
        interval = f"{value:+.1f} months, {low:+.1f} to {high:+.1f}".replace("-", "−")
        return f" By age it moves most under {change}, at {band.replace('-', '–')} ({interval})."

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "model": self.name,
            "model_sha256": self.sha256,
            "sentence": self.sentence,
            "beyond_6_months": list(self.beyond_aim),
            "shown_to_raise_the_error": list(self.raised),
            "rows": [{"kind": change.kind, "amount": change.amount, **row.to_json()} for change, row in self.rows],
        }


def trial_of(stressed: Sequence[Stressed], *, name: str, sha256: str) -> Trial:
    """Sum up a model's answers; a transformation under which it answered nothing has no row."""
    rows = [(one.change, row_of(one)) for one in stressed]
    return Trial(name=name, sha256=sha256, rows=tuple((change, row) for change, row in rows if row is not None))


def trial_from_json(values: Mapping[str, Any]) -> Trial:
    """Return the trial that ``to_json`` made these values of. Raises ValueError, KeyError or TypeError for others."""
    rows = []
    for row in values["rows"]:
        facts: dict[str, Any] = {
            name: _estimate(value) if isinstance(value, list) else value
            for name, value in row.items()
            if name not in ("kind", "amount", "by_age")
        }
        facts["by_age"] = {str(band): _estimate(ends) for band, ends in dict(row.get("by_age", {})).items()}
        change = Transformation(name=str(row["name"]), kind=row["kind"], amount=float(row["amount"]))
        rows.append((change, StressRow(**facts)))
    return Trial(name=str(values["model"]), sha256=str(values["model_sha256"]), rows=tuple(rows))


def _estimate(ends: Sequence[Any]) -> Estimate:
    value, low, high = (float(end) for end in ends)
    return value, low, high
