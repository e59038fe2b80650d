"""``boneage publish RUN...``: turn finished runs into one model file with its measured card.

Several runs (seeds) of one kind become an ensemble. Weights are rounded to float16 first, and everything in the card
is measured on the rounded ones.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.card_text import as_text
from trainer.cases import Case, read_cases
from trainer.commands.data_options import read_as_run
from trainer.counted import counted
from trainer.data_source import DataSource
from trainer.errors import DataError
from trainer.intervals import Quantiles, Row, grouped_quantiles, tried

if TYPE_CHECKING:
    from trainer.card import ModelCard
    from trainer.evaluate import Evaluation
    from trainer.networks import AgeNetwork
    from trainer.predictor import Predictor
    from trainer.run import Run


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("publish", help="make one model file, with its measured card, from finished runs")
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="run folders that share one split")
    parser.add_argument("--data", type=Path, required=True, help="the labelled radiographs the runs were trained on")
    parser.add_argument("--out", type=Path, required=True, help="the model file to write (.safetensors)")
    parser.add_argument("--name", required=True, help="the model's name")
    parser.add_argument("--originals", type=Path, help="table of full-size radiographs to measure on as well")
    parser.add_argument("--phantoms", type=Path, help="folder of phantoms to measure on as well")
    parser.add_argument(
        "--shifts-per-side",
        type=int,
        choices=range(1, 17),
        default=1,
        metavar="1..16",
        help="sampling shifts averaged over, squared",
    )
    parser.add_argument("--flip", action="store_true", help="average with the mirror image")
    parser.add_argument(
        "--last",
        action="store_true",
        help="take the weights of the last epoch, not of the best on validation: what a recipe harder than the "
        "validation radiographs teaches does not show on them",
    )
    parser.add_argument("--description", help="what the model was trained on, in words (default: as the runs say)")
    parser.add_argument("--note", action="append", default=[], help="a sentence for the card")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Merge, round, measure, write."""
    from trainer.model_file import round_weights, write_model
    from trainer.predictor import Predictor

    networks, card = _merged(options)
    round_weights(networks)
    print(as_text(write_model(options.out, networks, _measured(Predictor(networks, card), options))))
    return 0


def _merged(options: argparse.Namespace) -> tuple[list[AgeNetwork], ModelCard]:
    from trainer.checkpoint import load_checkpoint
    from trainer.run import Run

    loaded = [
        _last_of(Run(folder)) if options.last else load_checkpoint(Run(folder).best_path) for folder in options.runs
    ]
    first = loaded[0][1]
    for _, card in loaded[1:]:
        if _kind(card) != _kind(first):
            raise DataError("These runs cannot be averaged: network, preprocessing, split and data must be the same.")
    data = first.data if options.description is None else {**first.data, "description": options.description}
    card = replace(
        first,
        name=options.name,
        data=data,
        members=len(loaded),
        shifts_per_side=options.shifts_per_side,
        averages_flip=options.flip,
        self_test_months=None,
        notes=(*dict.fromkeys(note for _, card in loaded for note in card.notes), *options.note),
    )
    return [network for networks, _ in loaded for network in networks], card


def _last_of(run: Run) -> tuple[list[AgeNetwork], ModelCard]:
    """Return the network as the last epoch left it, and its card. Raises DataError, CheckpointError."""
    from trainer.checkpoint import load_checkpoint
    from trainer.training_state import kept_weights

    networks, card = load_checkpoint(run.best_path)
    state = run.read_last()
    if state is None or len(networks) > 1:
        raise DataError(f"{run.folder} has no last weights of one network; publish its best, without --last.")
    tensors, progress = state
    if progress.step:
        raise DataError(
            f"The last weights of {run.folder} are of the midst of epoch {progress.epoch}. Resume it until that has "
            "ended, or publish its best, without --last."
        )
    networks[0].load_state_dict(kept_weights(tensors))
    side_px = run.config().network_px_in(progress.epoch - 1)  # the best may be of an epoch of smaller pictures
    card = replace(card, preprocessing=replace(card.preprocessing, network_px=side_px))
    said = f"Weights of epoch {progress.epoch - 1} of {card.config['epochs']}, the last one."
    return networks, replace(card, notes=(*card.notes[:-1], said))


def _kind(card: ModelCard) -> tuple[Any, ...]:
    """What models must share for their answers to be averaged."""
    split = card.data.get("split_sha256")
    return card.architecture, card.backbone, card.preprocessing, split, card.label_mean_months


def _measured(predictor: Predictor, options: argparse.Namespace) -> ModelCard:
    from trainer.run import Run

    source = read_as_run(options.runs[0], DataSource(data=options.data))
    split = Run(options.runs[0]).split(source.cases().cases)
    told = _evaluate(predictor, split.validation, "validation")
    quantiles = _quantiles(told)
    if predictor.card.uses_sex:
        untold = _evaluate(predictor, split.validation, "validation, sex hidden", hide_sex=True)
        quantiles |= _quantiles(untold, hidden=True)
    predictor.card = replace(predictor.card, residual_quantiles=quantiles)
    metrics: dict[str, Any] = {"validation": told.score()}
    test = _evaluate(predictor, split.test, "test")
    metrics["test"], quantiles = test.score(), _tried(quantiles, test)
    if predictor.card.uses_sex:
        test = _evaluate(predictor, split.test, "test, sex hidden", hide_sex=True)
        metrics["test, sex not given"], quantiles = test.score(), _tried(quantiles, test, hidden=True)
    predictor.card = replace(predictor.card, residual_quantiles=quantiles)
    for name, data in (("originals", options.originals), ("phantoms", options.phantoms)):
        if data is not None:
            metrics[name] = _evaluate(predictor, read_cases(data).cases, name).score()
    return replace(predictor.card, metrics=metrics)


def _quantiles(found: Evaluation, *, hidden: bool = False) -> dict[str, Row]:
    sexes = [case.sex for case in found.cases]
    return grouped_quantiles(found.predicted, found.actual, sexes, hidden=hidden)


def _tried(quantiles: Quantiles, found: Evaluation, *, hidden: bool = False) -> dict[str, Row]:
    return tried(quantiles, found.predicted, found.actual, [case.sex for case in found.cases], hidden=hidden)


def _evaluate(predictor: Predictor, cases: tuple[Case, ...], name: str, *, hide_sex: bool = False) -> Evaluation:
    from trainer.evaluate import evaluate

    print(f"measuring on {name}: {counted(len(cases), 'radiograph')}", file=sys.stderr, flush=True)
    return evaluate(predictor, cases, hide_sex=hide_sex)
