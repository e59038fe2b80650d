"""Which file a model's name on the command line means."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

import resources
from trainer.errors import CheckpointError


class BesideModels(TypedDict):
    """What finds the orientation of a hand, the gate, and folders of what is known of each model.

    ``load_predictor`` of the window's jobs takes these names.
    """

    upright_file: Path | None
    intervals_folder: Path
    gate_file: Path
    likeness_folder: Path


def beside_models() -> BesideModels:
    """Return what ships beside models and is used with each of them."""
    path = resources.upright_path()
    return {
        "upright_file": path if path.is_file() else None,
        "intervals_folder": resources.intervals_folder(),
        "gate_file": resources.gate_path(),
        "likeness_folder": resources.gate_folder(),
    }


def model_path(name: str | None) -> Path:
    """Return the file of a shipped name, or the file itself; None is the default model. Raises CheckpointError."""
    wanted = name or resources.DEFAULT_MODEL
    if wanted in resources.model_names():
        return resources.model_path(wanted)
    path = Path(wanted)
    if not path.is_file():
        shipped = ", ".join(resources.model_names()) or "none"
        raise CheckpointError(f"There is no model file {wanted}, and no shipped model of that name (there: {shipped}).")
    return path
