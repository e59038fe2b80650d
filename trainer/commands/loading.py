"""Loading a model as it ships: with its intervals by sex and age, what turns hands upright, and the gate before it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trainer.commands.models import beside_models

if TYPE_CHECKING:
    from trainer.predictor import Predictor


def loaded(path: Path, *, turning: bool = True, gated: bool = False) -> Predictor:
    """Load a model with the intervals that ship for it and, with ``turning``, what turns hands upright first.

    ``gated``, for reading and not for measuring, puts the gate before it, and warns of what is unlike its training.
    Raises CheckpointError.
    """
    from trainer.predictor import Predictor

    beside = beside_models()
    return Predictor.load_beside(
        path,
        upright_file=beside["upright_file"] if turning else None,
        gate_file=beside["gate_file"] if gated else None,
        likeness_folder=beside["likeness_folder"] if gated else None,
    )
