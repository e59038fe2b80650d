"""``boneage fit DATA --run-dir DIR --model ...``: train, or go on training; ``--follow`` for a program that watches."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import fields, replace
from io import FileIO
from pathlib import Path
from typing import Any

from trainer.augment import read_recipe
from trainer.commands.data_options import (
    DATA,
    add_data_options,
    own_source_of_options,
    source_of_options,
    source_of_run,
)
from trainer.commands.first_weights import (
    check_first_weights,
    first_weights,
    read_first_weights,
    write_first_weights,
)
from trainer.commands.follow import follow
from trainer.config import OF_THE_MACHINE, TrainingConfig, config_for, config_from_json, recipe_named, refuse_unknown
from trainer.data_source import DataSource, write_source
from trainer.errors import ConfigError, RunError
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
from trainer.orders import Ordered, Orders
from trainer.prepare import Prepared, prepare, recognise


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command, with every field of TrainingConfig as an option."""
    parser = commands.add_parser("fit", help="train a model on a folder of labelled radiographs")
    parser.add_argument("data", type=Path, nargs="?", metavar="DATA", help=DATA)
    parser.add_argument("--run-dir", type=Path, required=True, help="folder of the run; made, or resumed")
    parser.add_argument("--resume", action="store_true", help="go on with the run's own DATA and choices")
    parser.add_argument("--config", type=Path, metavar="FILE", help="choices as JSON; single options go over them")
    parser.add_argument(
        "--follow",
        action="store_true",
        help="for a program that watches: events as JSON lines on standard output; takes the lines pause and stop "
        "on standard input, whose end is a pause",
    )
    parser.add_argument("--description", help="what the card says the model was trained on")
    add_data_options(parser, split="a fixed split (CSV: id, part) instead of a drawn one")
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
        default = "set by the model" if entry.name == "recipe" else entry.default
        if isinstance(entry.default, bool):
            parser.add_argument(option, action=argparse.BooleanOptionalAction, default=None, help=meta["meaning"])
            continue
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
    from trainer.distributed import group_of_torchrun

    orders = Orders()
    with group_of_torchrun(_device_asked(options)) as group, closing(train(options, orders)) as events:
        if options.follow:
            orders.listen(FileIO(0, closefd=False))
            follow(events, options.run_dir)
            return 0
        with _interrupt_pauses(orders):
            for event in events:
                line = describe(event)
                if line and group.writes:
                    print(line, flush=True)
    if isinstance(event, RunFinished) and event.reason == "paused":
        print("The same command goes on from here.", file=sys.stderr)
        return 130
    return 0


def _device_asked(options: argparse.Namespace) -> str:
    """Return the device of the command line, or else of the run that goes on. Raises ConfigError."""
    given = chosen(options).get("device")
    try:
        recorded = (options.run_dir / "config.json").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return str(given or "auto")
    return str(given or config_from_json(recorded).device)


def train(options: argparse.Namespace, orders: Orders) -> Generator[TrainingEvent]:
    """Prepare cases, split and canvases, then fit, as the command line says. Raises BoneAgeError."""
    choices = chosen(options)
    if options.resume:
        if not (options.run_dir / "config.json").is_file():
            raise RunError(f"{options.run_dir} holds no training run that could be resumed.")
        source = source_of(options) if options.data is not None else own_source_of_options(options)
    elif options.data is None:
        raise RunError("Name the radiographs to train on (DATA), or resume a run with --resume.")
    else:
        source = source_of(options)
    yield from train_in(options.run_dir, source, choices, orders=orders)


def source_of(options: argparse.Namespace) -> DataSource:
    """Return the data that the command line names."""
    return source_of_options(options, options.data, description=options.description or "")


def train_in(
    run_dir: Path, source: DataSource, choices: Mapping[str, Any], *, orders: Orders | None = None
) -> Generator[TrainingEvent]:
    """Begin a run with some choices of TrainingConfig, or go on with it; a finished one says so again.

    In the group of processes that this one is in, if any. Raises BoneAgeError.
    """
    from trainer.batches import refuse_lone_values
    from trainer.device import choose_device
    from trainer.distributed import current
    from trainer.fit import fit
    from trainer.run import Run

    folder, orders, group = Run(run_dir), orders or Orders(), current()
    if not group.writes:
        group.wait()  # until the first process has begun the run and decoded the radiographs
    config = resumed(folder.config(), choices) if folder.exists else begun(choices)
    if folder.exists:
        source = source_of_run(run_dir, source)
    else:
        check_first_weights(config)
    choose_device(config.device)  # one that is not here is known before hours of decoding
    refuse_lone_values(config, group)
    source.need()
    with folder.held() if group.writes else nullcontext():
        preparing = prepare(
            source,
            config.preprocessing,
            split_seed=config.split_seed,
            uses_sex=config.uses_sex,
            recorded_split=folder.split_path if folder.exists else None,
        )
        try:
            # In a group the others are waiting for the first step: an order waits for it too.
            prepared = yield from _until_ordered(preparing, orders if group.size == 1 else Orders())
        except Ordered as ordered:
            yield folder.leave(ordered.order)
            return
        if group.writes:
            if folder.exists:
                yield from recognise(run_dir, prepared)
            else:
                write_source(run_dir, prepared.known)
                yield from write_first_weights(run_dir, config, prepared)
                folder.begin(config, prepared.split, prepared.table.dropped)
            group.wait()
        yield from fit(
            config,
            prepared.training,
            prepared.validation,
            folder,
            data={**prepared.facts(), **read_first_weights(run_dir)},
            notes=prepared.notes,
            orders=orders,
            group=group,
        )


def _until_ordered(
    preparing: Generator[Preparing | Note, None, Prepared], orders: Orders
) -> Generator[TrainingEvent, None, Prepared]:
    """Pass on what is prepared and return it. Raises Ordered when the training is to be paused or stopped."""
    with closing(preparing):
        while True:
            if orders.wanted:
                raise Ordered(orders.wanted)
            try:
                event = next(preparing)
            except StopIteration as end:
                prepared: Prepared = end.value
                return prepared
            yield event


@contextmanager
def _interrupt_pauses(orders: Orders) -> Iterator[None]:
    """Take the first Ctrl-C as a pause, so that no step in hand is lost; the second one ends the program."""

    def pause(*_: object) -> None:
        orders.give("pause")
        signal.signal(signal.SIGINT, former)
        print("Pausing after this step ...", file=sys.stderr, flush=True)

    former = signal.signal(signal.SIGINT, pause)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


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
            member = f"member {event.member}, " if event.member > 1 else ""
            return (
                f"{member}epoch {event.epoch}: training {event.training_mae_months:.2f}, validation "
                f"{event.validation_mae_months:.2f} months MAE{' (best)' if event.is_best else ''}, "
                f"{event.elapsed_s / 60:.1f} min"
            )
        case RunFinished() | Note():
            return event.message
        case Preparing():
            return f"{event.what}: {event.done:,} of {event.total:,}" if event.done else ""
        case CheckpointSaved():
            return ""


def begun(choices: Mapping[str, Any]) -> TrainingConfig:
    """Return the config of a new run: the model's preset, but for what was chosen. Raises ConfigError."""
    rest = dict(choices)
    config = config_for(rest.pop("model", "improved"), **rest)
    return replace(config, initial_weights=first_weights(config.initial_weights))


def resumed(config: TrainingConfig, given: Mapping[str, Any]) -> TrainingConfig:
    """Go on with the run's own choices; another value on the command line would be a different run."""
    refuse_unknown(given)
    recorded = config.to_json()
    for name, value in given.items():
        if name in OF_THE_MACHINE:
            continue
        if not _same(name, value, config):
            recorded["recipe"] = config.recipe.name
            wanted = recipe_named(value).name if name == "recipe" else value
            raise RunError(
                f"This run was begun with {name} {recorded[name]}; to use {wanted}, begin another run folder."
            )
    return replace(config, **{name: value for name, value in given.items() if name in OF_THE_MACHINE})


def _same(name: str, value: Any, config: TrainingConfig) -> bool:
    """Say whether a choice is the one that a run was begun with, however it is written."""
    if name == "recipe":
        return recipe_named(value) == config.recipe
    recorded = getattr(config, name)
    if name == "initial_weights" and value != recorded and isinstance(value, str):
        return bool(first_weights(value) == recorded)
    return bool(value == recorded)


def chosen(options: argparse.Namespace) -> dict[str, Any]:
    """Return the choices of ``--config`` with those of single options over them. Raises ConfigError."""
    if options.config is None:
        return choices_of(options)
    try:
        values = json.loads(options.config.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"The choices in {options.config} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{options.config.name} is not readable JSON.") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{options.config.name} does not hold the choices of a training.")
    return {**values, **choices_of(options)}


def choices_of(options: argparse.Namespace) -> dict[str, Any]:
    """Return the choices that were made on the command line, by the names of TrainingConfig's fields.

    A recipe's file, as the augmentation window exports it, is read here: what a config holds is never a path to read.
    Raises ConfigError when it is no recipe.
    """
    names = [entry.name for entry in fields(TrainingConfig)]
    choices = {name: value for name in names if (value := getattr(options, name, None)) is not None}
    recipe = choices.get("recipe", "")
    if recipe.endswith(".json"):
        choices["recipe"] = read_recipe(Path(recipe))
    return choices


def _kind(default: Any) -> Any:
    if isinstance(default, (int, float)):
        return type(default)
    return str
