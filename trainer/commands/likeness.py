"""``boneage likeness MODEL --data DATA --out FILE``: what a model knows, so that it can say what is unlike it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from trainer.cases import Case
from trainer.commands.chosen_cases import chosen_model, own_parts
from trainer.commands.data_options import add_data_options, source_of_options
from trainer.commands.gate_train import files_in
from trainer.errors import CheckpointError, RadiographError
from trainer.preprocess import Canvas, Preprocessing, to_canvas
from trainer.radiograph import read

if TYPE_CHECKING:
    from trainer.card import ModelCard
    from trainer.gate.likeness import Likeness
    from trainer.networks import AgeNetwork

Distances = npt.NDArray[np.float64]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "likeness",
        help="measure what a model knows, so that it warns of pictures unlike its training",
        description="Fit the features that a model has of its own training radiographs; the limit is the distance "
        "below which 99.5 % of its validation radiographs lie. DATA must be what the model was trained on.",
    )
    parser.add_argument("model", metavar="MODEL", help="a run folder, a model file, or a shipped model's name")
    parser.add_argument("--data", type=Path, required=True, help="the labelled radiographs it was trained on")
    parser.add_argument("--out", type=Path, required=True, help="the file to write (.safetensors)")
    add_data_options(parser, split="a fixed split that it was trained by (CSV: id, part)")
    parser.add_argument(
        "--measure", type=Path, action="append", default=[], metavar="DIR", help="a folder of pictures to measure on"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Fit, choose the limit, measure, write, print."""
    from trainer.checkpoint import load_checkpoint
    from trainer.gate.card import rate
    from trainer.gate.likeness import KNOWN_SHARE, Likeness

    path = chosen_model(options.model)
    networks, card = load_checkpoint(path)
    parts = own_parts(path, card, source_of_options(options, options.data))
    known = _features(networks[0], card, _paths(parts["training"]))
    likeness = Likeness.fit(known, model_name=card.name, model_sha256=card.weights_sha256)
    limit = float(np.quantile(_distances(likeness, networks[0], card, _paths(parts["validation"])), KNOWN_SHARE))
    measured = {}
    if parts["test"]:  # a fixed split may hold none out
        measured["held-out radiographs"] = _distances(likeness, networks[0], card, _paths(parts["test"]))
    for folder in options.measure:
        measured[folder.name] = _distances(likeness, networks[0], card, files_in(folder))
    figures = {
        name: {**rate(int(np.sum(distances > limit)), len(distances)), "median": round(float(np.median(distances)), 3)}
        for name, distances in measured.items()
    }
    data = {
        "split_sha256": card.data.get("split_sha256"),
        "training": len(known),
        "validation": len(parts["validation"]),
    }
    try:
        likeness.save(options.out, replace(likeness.card, limit=limit, metrics=figures, data=data))
    except OSError as error:
        raise CheckpointError(f"The reference could not be written to {options.out}: {error.strerror}.") from error
    print(f"{card.name}: unlike from a distance of {limit:.3f}")
    for name, row in figures.items():
        interval = f"{row['low']:.2%} to {row['high']:.2%}"
        print(
            f"  {name}: {row['right']:.0f} of {row['n']:.0f} unlike ({interval}), median distance {row['median']:.2f}"
        )
    return 0


def _paths(cases: Sequence[Case]) -> list[Path]:
    return [case.image_path for case in cases]


def _distances(likeness: Likeness, network: AgeNetwork, card: ModelCard, paths: Sequence[Path]) -> Distances:
    return likeness.distances(_features(network, card, paths))


def _features(network: AgeNetwork, card: ModelCard, paths: Sequence[Path]) -> Distances:
    from trainer.gate.likeness import features_of

    print(f"reading {len(paths):,} pictures", file=sys.stderr, flush=True)
    return features_of(network, list(_canvases(paths, card.preprocessing)), card.preprocessing)


def _canvases(paths: Sequence[Path], look: Preprocessing) -> Iterator[Canvas]:
    """Yield the canvases of what can be read."""
    for path in paths:
        try:
            yield to_canvas(read(path), look)
        except RadiographError as error:
            print(f"  {error}", file=sys.stderr, flush=True)
