"""The gate before a number: is this one whole, upright hand, exposed so that bones show, like those a model knows?"""

from __future__ import annotations

from trainer.gate.gate import Gate
from trainer.gate.likeness import Likeness
from trainer.gate.verdict import Check, GateVerdict

__all__ = ["Check", "Gate", "GateVerdict", "Likeness"]
