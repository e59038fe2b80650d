"""UprightCard: what finds the orientation, what it was trained on and how often it is right; in its file's header."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

from trainer.errors import CheckpointError, printable
from trainer.plain_values import need, number

FORMAT: Final = "boneage-upright-1"
INTENDED_USE: Final = (
    "Turns a radiograph whose hand lies on its side, slanting or upside down until the fingers point up, before its "
    "bone age is read. It knows nothing of age, sex, illness or side. Research use, not a medical device."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UprightCard:
    """Everything but the weights."""

    least_certainty: float  # below it, a radiograph is left as it is
    metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # name -> n, count, share, low, high
    data: Mapping[str, Any] = field(default_factory=dict)  # counts, split fingerprint, terms
    training: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    self_test_degrees: float | None = None
    weights_sha256: str = ""
    intended_use: str = INTENDED_USE

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"format": FORMAT, **asdict(self)}

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> UprightCard:
        """Rebuild a card. Raises CheckpointError for a part that is missing or of the wrong kind."""
        rest = dict(values)
        if rest.pop("format", None) != FORMAT:
            raise CheckpointError("This file's card is not that of the program's finder of orientation.")
        known = {entry.name for entry in fields(UprightCard)}
        try:
            card = UprightCard(**{name: value for name, value in rest.items() if name in known})
            _check(card)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise CheckpointError(
                "The card of the finder of orientation is damaged: a part of it is missing or of the wrong kind."
            ) from error
        return card

    def as_text(self) -> str:
        """Return the card as a page of plain text (Markdown)."""
        page = ["# Finding the orientation", "", self.intended_use, ""]
        page += [f"- {name}: {value}" for name, value in {**self.data, **self.training}.items()]
        page += [f"- A radiograph is turned when the certainty is {self.least_certainty:.2f} or more"]
        page += [f"- Weights SHA-256 {self.weights_sha256}", ""]
        page += ["| measured on | what | n | count | share | 95 % interval |", "|---|---|---|---|---|---|"]
        for name, row in self.metrics.items():
            where, _, what = name.partition(": ")
            page.append(
                f"| {where} | {what} | {row['n']:,.0f} | {row['count']:,.0f} | {row['share']:.2%} | "
                f"{row['low']:.2%} to {row['high']:.2%} |"
            )
        return "\n".join(printable(line) for line in page)


def _check(card: UprightCard) -> None:
    """Raise ValueError or TypeError for what could fail later."""
    numbers: list[Any] = [card.least_certainty]
    numbers += [] if card.self_test_degrees is None else [card.self_test_degrees]
    numbers += [row[key] for row in card.metrics.values() for key in ("n", "count", "share", "low", "high")]
    for value in numbers:
        number(value)
    need(0 < card.least_certainty <= 1)
    for mapping in (card.metrics, card.data, card.training, card.versions):
        need(isinstance(mapping, dict))
    need(isinstance(card.weights_sha256, str) and isinstance(card.intended_use, str))
