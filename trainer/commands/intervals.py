"""``boneage intervals MODEL DATA``: a model's intervals by sex and age band, and how they hold on held-out cases."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.card import read_card
from trainer.cases import Case
from trainer.commands.chosen_cases import chosen_model, own_parts, print_progress, read_all
from trainer.commands.data_options import add_data_options, source_of_options
from trainer.intervals import Quantiles, Row, coverage_lines, grouped_quantiles, tried, write_text
from trainer.prediction import RESEARCH_USE
from trainer.whole_file import write_whole

if TYPE_CHECKING:
    from trainer.predictor import Predictor


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "intervals",
        help="measure a model's intervals by sex and age band",
        description="Make a model's intervals by sex and band of the predicted age from the validation cases of its "
        "own split, which its card must prove, and try them on the test cases.",
    )
    parser.add_argument("model", metavar="MODEL", help="a run folder, a model file, or a shipped model's name")
    parser.add_argument("data", metavar="DATA", type=Path, help="the labelled radiographs it was trained on")
    add_data_options(parser, split="a fixed split that it was trained by (CSV: id, part)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write them as JSON, to lie beside the model")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure, print, write."""
    from trainer.predictor import Predictor

    path = chosen_model(options.model)
    card = read_card(path)
    parts = own_parts(path, card, source_of_options(options, options.data))
    validation, test = parts["validation"], parts["test"]
    predictor = Predictor.load(path)
    quantiles: dict[str, Row] = {}
    for hidden in (False, True) if card.uses_sex else (False,):
        quantiles |= _measured(predictor, validation, test, hidden=hidden)
    for line in coverage_lines(quantiles, card.coverage):
        print(line)
    print(f"{card.name} {card.weights_sha256[:12]}. {RESEARCH_USE}.")
    if options.out:
        write_whole(options.out, write_text(quantiles, card.weights_sha256))
    return 0


def _measured(predictor: Predictor, validation: Sequence[Case], test: Sequence[Case], *, hidden: bool) -> Quantiles:
    """Make the intervals on validation and try them on test; ``hidden``: the model is told no sex."""
    made, held = (read_all(predictor, cases, print_progress, hide_sex=hidden) for cases in (validation, test))
    sexes = [case.sex for case in made.cases]
    quantiles = grouped_quantiles(made.predicted, made.actual, sexes, hidden=hidden)
    return tried(quantiles, held.predicted, held.actual, [case.sex for case in held.cases], hidden=hidden)
