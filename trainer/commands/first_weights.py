"""First weights of a run on the command line: which file is meant, and whether a training can begin from it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import resources
from trainer.config import TrainingConfig
from trainer.errors import ConfigError
from trainer.events import Note
from trainer.held_out import FirstWeights, begun_from
from trainer.prepare import Prepared
from trainer.whole_file import write_whole

FILE: Final = "first-weights.json"  # in the run's folder


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


def write_first_weights(run_dir: Path, config: TrainingConfig, prepared: Prepared) -> Iterator[Note]:
    """Keep in a new run what the model it begins from had learnt of its radiographs; yield what must be said of it."""
    if config.initial_weights in ("none", "imagenet"):
        return
    found = begun_from(
        Path(config.initial_weights), split=prepared.split, cases=prepared.table.cases, data=prepared.source.data
    )
    if found is None:
        return
    write_whole(run_dir / FILE, json.dumps(found.to_json(), indent=1) + "\n")
    if caution := found.caution("this training"):
        yield Note(message=caution)


def read_first_weights(run_dir: Path) -> dict[str, Any]:
    """Return what a card says of the model that a run began from; nothing where it began from none."""
    try:
        values = json.loads((run_dir / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    found = FirstWeights.from_json(values)
    return {} if found is None else {"first_weights": found.to_json()}
