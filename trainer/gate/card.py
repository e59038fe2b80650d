"""GateCard: what the gate is, what it was trained on and how often it is right; JSON in its file's header."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

from trainer.errors import CheckpointError, printable
from trainer.gate.kinds import KINDS
from trainer.plain_values import need, number

FORMAT: Final = "boneage-gate-1"
INTENDED_USE: Final = (
    "Refuses to have a bone age read from pictures that are not one whole, upright, visible hand. It knows nothing of "
    "age, sex or illness, and a picture it keeps may still be a wrong one. Research use, not a medical device."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCard:
    """Everything about the gate but its weights."""

    least_score: float  # of one whole upright hand, 0 to 1; below it a picture is refused
    kinds: tuple[str, ...] = KINDS
    metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # name -> n, right, share, low, high
    data: Mapping[str, Any] = field(default_factory=dict)  # counts of every part, terms
    training: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    self_test_score: float | None = None
    weights_sha256: str = ""
    intended_use: str = INTENDED_USE

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"format": FORMAT, **asdict(self)}

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> GateCard:
        """Rebuild a card. Raises CheckpointError for a part that is missing or of the wrong kind."""
        rest = dict(values)
        if rest.pop("format", None) != FORMAT:
            raise CheckpointError("The gate's card is of a format this program does not know.")
        known = {entry.name for entry in fields(GateCard)}
        try:
            rest = {name: value for name, value in rest.items() if name in known}
            for name in ("kinds", "notes"):
                rest[name] = tuple(str(text) for text in rest.get(name, ()))
            card = GateCard(**rest)
            _check(card)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise CheckpointError(
                "The gate's card is damaged: a part of it is missing or of the wrong kind."
            ) from error
        return card

    def as_text(self) -> str:
        """Return the card as a page of plain text (Markdown)."""
        page = ["# The gate", "", self.intended_use, ""]
        page += [f"- Refused below a score of {self.least_score:.4f} (0 to 1, that it is one whole upright hand)"]
        page += [f"- {note}" for note in self.notes]
        page += [f"- Weights SHA-256 {self.weights_sha256}", "", "## Pictures it learnt from and was tested on", ""]
        page += [f"- {part}: {_counted(counts)}" for part, counts in self.data.get("counts", {}).items()]
        page += ["", "## How often it is right", "", "| what | n | right | share | 95 % interval (Wilson) |"]
        page += ["|---|---:|---:|---:|---|"]
        for name, row in self.metrics.items():
            share = f"{row['share']:.2%} | {row['low']:.2%} to {row['high']:.2%}"
            page.append(f"| {name} | {row['n']:,.0f} | {row['right']:,.0f} | {share} |")
        return "\n".join(printable(line) for line in page) + "\n"


def rate(right: int, n: int) -> dict[str, float]:
    """Return a share with Wilson's 95 % interval, 0 to 1, as a card keeps it. n must be at least one."""
    from scipy.stats import binomtest

    interval = binomtest(right, n).proportion_ci(method="wilson")
    return {
        "n": n,
        "right": right,
        "share": round(right / n, 5),
        "low": round(float(interval.low), 5),
        "high": round(float(interval.high), 5),
    }


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def _check(card: GateCard) -> None:
    """Raise ValueError or TypeError for what could later fail in the hands of a reader of the card."""
    need(card.kinds == KINDS and isinstance(card.weights_sha256, str) and isinstance(card.intended_use, str))
    need(0.0 < number(card.least_score) < 1.0)
    if card.self_test_score is not None:
        number(card.self_test_score)
    for mapping in (card.metrics, card.data, card.training, card.versions):
        need(isinstance(mapping, dict))
    for row in card.metrics.values():
        for name in ("n", "right", "share", "low", "high"):
            number(row[name])
