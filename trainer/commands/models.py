"""Which file a model's name on the command line means."""

from __future__ import annotations

from pathlib import Path

import resources
from trainer.config import TrainingConfig
from trainer.errors import CheckpointError, ConfigError


def beside_models() -> resources.BesideModels:
    """Return what ships beside models and is used with each of them."""
    return resources.beside_models()


def first_weights(source: str) -> str:
    """Return what a new run keeps of its first weights: a whole path, since it may be resumed from anywhere.

    A shipped model's name is as good as its file; "none" and "imagenet" stay. Raises ConfigError for no file.
    """
    if source in ("none", "imagenet"):
        return source
    if source in resources.model_names():
        return str(resources.model_path(source))
    path = Path(source).absolute()
    if not path.is_file():
        shipped = ", ".join(resources.model_names()) or "none"
        raise ConfigError(
            f"initial_weights: there is no file {path}, and no shipped model of that name (there: {shipped})."
        )
    return str(path)


def check_first_weights(config: TrainingConfig) -> None:
    """Open the first weights as a training will, before anything is made. Raises ConfigError, CheckpointError."""
    if config.initial_weights == "none":
        return
    from trainer.checkpoint import load_first_weights
    from trainer.networks import build

    load_first_weights(build(config.model, config.backbone), config, mean_months=0.0, std_months=1.0)


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
