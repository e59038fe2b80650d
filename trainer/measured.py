"""Measured: one model's answers to labelled cases, as plain values without torch. Ages in months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from trainer.comparison import Compared, Comparison
from trainer.errors import DataError
from trainer.metrics import Months, score, score_in_full


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A model alone: what it answered, and what is right."""

    case_ids: tuple[str, ...]
    actual: Months  # float64[n]
    sexes: tuple[str | None, ...]
    model: Compared
    data: str  # what the cases are, in words
    held_out: bool  # whether it is known that the model was trained on none of them
    cautions: tuple[str, ...] = ()  # sentences that belong beside the numbers

    @property
    def sentence(self) -> str:
        """How far the model is from the labels, as a sentence with its interval."""
        whole = score(self.model.predicted, self.actual)
        kind = "held-out radiographs" if self.held_out else "radiographs"
        if whole.n == 1:
            return f"{self.model.name} is {whole.mae_months:.2f} months off on one radiograph, which says little."
        return (
            f"The mean error of {self.model.name} is {whole.mae_months:.2f} months (95 % interval {whole.mae_low:.2f} "
            f"to {whole.mae_high:.2f}), on {whole.n:,} {kind}."
        )

    @property
    def score(self) -> dict[str, Any]:
        """The whole score with ``by_sex`` and ``by_age``, as a card keeps it."""
        values = score_in_full(self.model.predicted, self.actual, self.sexes)
        return {**values, "interval_covered": self.model.interval_covered}

    def to_json(self) -> dict[str, Any]:
        """Return plain values, as kept in a run folder's ``evaluation.json``."""
        plain = asdict(self)
        plain["model"]["predicted"] = _rounded(self.model.predicted)
        plain["actual"] = _rounded(self.actual)
        return {**plain, "score": self.score, "sentence": self.sentence}

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> Measured:
        """Rebuild what ``to_json`` wrote. Raises DataError for anything else."""
        try:
            rest = {name: value for name, value in values.items() if name not in ("score", "sentence")}
            rest["actual"] = np.asarray(rest["actual"], dtype=np.float64)
            for name in ("case_ids", "sexes", "cautions"):
                rest[name] = tuple(rest.get(name, ()))
            model = {**rest["model"], "predicted": np.asarray(rest["model"]["predicted"], dtype=np.float64)}
            measured = Measured(**{**rest, "model": Compared(**model)})
            _check(measured)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise DataError("This is not the evaluation of a model, or it is damaged.") from error
        return measured


def new_of(comparison: Comparison) -> Measured:
    """Return the new model of a comparison alone."""
    return Measured(
        case_ids=comparison.case_ids,
        actual=comparison.actual,
        sexes=comparison.sexes,
        model=comparison.new,
        data=comparison.data,
        held_out=comparison.held_out,
        cautions=comparison.cautions,
    )


def _check(measured: Measured) -> None:
    """Raise ValueError for values that could not come from an evaluation."""
    count, model = len(measured.actual), measured.model
    texts = (*measured.case_ids, *measured.cautions, measured.data, model.name, model.sha256)
    sound = (
        count >= 1
        and len(measured.case_ids) == len(measured.sexes) == count
        and all(values.shape == (count,) and np.isfinite(values).all() for values in (measured.actual, model.predicted))
        and all(isinstance(text, str) for text in texts)
        and all(sex is None or isinstance(sex, str) for sex in measured.sexes)
        and isinstance(measured.held_out, bool)
        and (model.interval_covered is None or 0 <= model.interval_covered <= 1)
    )
    if not sound:
        raise ValueError("a part of the evaluation is of the wrong kind")


def _rounded(values: Months) -> list[float]:
    return [round(float(months), 3) for months in values]
