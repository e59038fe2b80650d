"""Which file a model's name on the command line means."""

from __future__ import annotations

from pathlib import Path

import resources
from trainer.errors import CheckpointError


def beside_models() -> resources.BesideModels:
    """Return what ships beside models and is used with each of them."""
    return resources.beside_models()


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
