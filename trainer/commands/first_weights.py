"""First weights of a run on the command line: which file is meant, and whether a training can begin from it."""

from __future__ import annotations

from pathlib import Path

import resources
from trainer.config import TrainingConfig
from trainer.errors import ConfigError


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
