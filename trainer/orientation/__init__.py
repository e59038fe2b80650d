"""Orientation: how far a hand lies away from upright, and turning its radiograph back where that is certain."""

from __future__ import annotations

from trainer.orientation.card import UprightCard
from trainer.orientation.turn import Turn
from trainer.orientation.upright import Upright

__all__ = ["Turn", "Upright", "UprightCard"]
