"""Loading a model as it ships: with its intervals by sex and age, and with what turns hands upright."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trainer.commands.models import beside_models

if TYPE_CHECKING:
    from trainer.predictor import Predictor


def loaded(path: Path, *, turning: bool = True) -> Predictor:
    """Load a model with the intervals that ship for it and, with ``turning``, what turns hands upright first.

    Raises CheckpointError.
    """
    from trainer.orientation import Upright
    from trainer.predictor import Predictor

    beside = beside_models()
    file = beside["upright_file"] if turning else None
    upright = None if file is None else Upright.load(file)
    return Predictor.load(path, upright=upright, intervals_folder=beside["intervals_folder"])
