"""What the gate says of one radiograph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

READ_ANYWAY: Final = "Read although the gate refused: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One plain measurement that needs no network."""

    name: str
    value: float  # in the unit that the sentence names; shares are 0 to 1
    refusal: str | None = None  # a sentence; None: passed


@dataclass(frozen=True, slots=True, kw_only=True)
class GateVerdict:
    """Whether a number may be given for a radiograph, and why not."""

    kept: bool
    reasons: tuple[str, ...]  # sentences; empty where kept
    score: (
        float | None
    )  # that it is one whole upright hand, 0 to 1; None: a check failed that leaves nothing to look at
    kind: str | None  # what the network takes it for, one of kinds.KINDS
    checks: tuple[Check, ...]

    @property
    def sentence(self) -> str:
        """All reasons in one line; empty where kept."""
        return " ".join(self.reasons)
