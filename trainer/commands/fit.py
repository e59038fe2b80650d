"""``boneage fit DATA --run-dir DIR --model ...``: train, or go on training."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Generator, Mapping
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from trainer.config import OF_THE_MACHINE, TrainingConfig, config_for, recipe_named
from trainer.errors import RunError
from trainer.events import (
    CheckpointSaved,
    EpochRecord,
    Note,
    Preparing,
    RunFinished,
    RunStarted,
    StepReport,
    TrainingEvent,
)
from trainer.prepare import DataSource, prepare
from trainer.whole_file import write_whole


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command, with every field of TrainingConfig as an option."""
    parser = commands.add_parser("fit", help="train a model on a folder of labelled radiographs")
    parser.add_argument("data", type=Path, help="folder in the RSNA layout, or a CSV (id,boneage,male) beside pictures")
    parser.add_argument("--run-dir", type=Path, required=True, help="folder of the run; made, or resumed")
    parser.add_argument("--description", help="what the card says the model was trained on")
    add_choices(parser)
    parser.set_defaults(run=run)


def add_choices(parser: argparse.ArgumentParser, *, without: Collection[str] = ()) -> None:
    """Add the fields of TrainingConfig as options, but for some."""
    for entry in fields(TrainingConfig):
        if entry.name in without:
            continue
        option = "--" + entry.name.replace("_", "-")
        meta = entry.metadata
        unit = f" [{meta['unit']}]" if meta.get("unit") else ""
        default = "set by the model" if entry.name in ("recipe", "model") else entry.default
        parser.add_argument(
            option,
            type=_kind(entry.default),
            choices=meta.get("choices") or None,
            default=None,
            metavar=None if meta.get("choices") else entry.name.upper(),
            help=f"{meta['meaning']}{unit} (default: {default})",
        )


def run(options: argparse.Namespace) -> int:
    """Train to the end; ended early, the run can be resumed with the same command."""
    with closing(train(options)) as events:
        try:
            for event in events:
                line = describe(event)
                if line:
                    print(line, flush=True)
        except KeyboardInterrupt:
            print("Stopped. The same command goes on from here.", file=sys.stderr)
            return 130
    return 0


def train(options: argparse.Namespace) -> Generator[TrainingEvent]:
    """Prepare cases, split and canvases, then fit. Raises BoneAgeError."""
    source = DataSource(data=options.data, description=options.description or "")
    yield from train_in(options.run_dir, source, choices_of(options))


def train_in(run_dir: Path, source: DataSource, choices: Mapping[str, Any]) -> Generator[TrainingEvent]:
    """Begin a run with some choices of TrainingConfig, or go on with it; a finished one says so again.

    Raises BoneAgeError.
    """
    from trainer.fit import fit
    from trainer.run import Run

    folder = Run(run_dir)
    config = resumed(folder.config(), choices) if folder.exists else _begun(choices)
    source.need()
    with folder.held():
        prepared = yield from prepare(
            source,
            config.preprocessing,
            split_seed=config.split_seed,
            recorded_split=folder.split_path if folder.exists else None,
            cache_folder=run_dir / "cache",
        )
        if not folder.exists:
            write_whole(run_dir / "data.json", json.dumps(source.to_json(), indent=1) + "\n")
            folder.begin(config, prepared.split, prepared.table.dropped)
        yield from fit(config, prepared.training, prepared.validation, folder, data=prepared.facts())


def describe(event: TrainingEvent) -> str:
    """Return an event as one line for a terminal; nothing for what is only of use in a file."""
    match event:
        case RunStarted():
            return (
                f"{event.run_name}: epochs {event.first_epoch} to {event.epochs}, {event.training_cases:,} training "
                f"and {event.validation_cases:,} validation cases, {event.device}"
            )
        case StepReport():
            step = f"{event.step}/{event.steps_per_epoch}"
            return f"  epoch {event.epoch} step {step} {event.images_per_s:.0f} images/s"
        case EpochRecord():
            return (
                f"epoch {event.epoch}: training {event.training_mae_months:.2f}, validation "
                f"{event.validation_mae_months:.2f} months MAE{' (best)' if event.is_best else ''}, "
                f"{event.elapsed_s / 60:.1f} min"
            )
        case RunFinished() | Note():
            return event.message
        case Preparing():
            return f"{event.what}: {event.done:,} of {event.total:,}" if event.done else ""
        case CheckpointSaved():
            return ""


def _begun(choices: Mapping[str, Any]) -> TrainingConfig:
    rest = dict(choices)
    return config_for(rest.pop("model", "improved"), **rest)


def resumed(config: TrainingConfig, given: Mapping[str, Any]) -> TrainingConfig:
    """Go on with the run's own choices; another value on the command line would be a different run."""
    recorded = config.to_json()
    for name, value in given.items():
        if name in OF_THE_MACHINE:
            continue
        same = recipe_named(value) == config.recipe if name == "recipe" else value == recorded[name]
        if not same:
            recorded["recipe"] = config.recipe.name
            raise RunError(
                f"This run was begun with {name} {recorded[name]}; to use {value}, begin another run folder."
            )
    return replace(config, **{name: value for name, value in given.items() if name in OF_THE_MACHINE})


def choices_of(options: argparse.Namespace) -> dict[str, Any]:
    """Return the choices that were made on the command line, by the names of TrainingConfig's fields."""
    names = [entry.name for entry in fields(TrainingConfig)]
    return {name: value for name in names if (value := getattr(options, name, None)) is not None}


def _kind(default: Any) -> Any:
    if isinstance(default, (int, float)):
        return type(default)
    return str
