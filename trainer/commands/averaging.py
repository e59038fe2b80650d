"""``boneage averaging MODEL DATA``: what averaging over views and networks gains, and what it costs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.averaging import Gain, gains, ways_of
from trainer.commands.chosen_cases import (
    chosen_model,
    held_out_for,
    limited,
    positive,
    print_progress,
    read_all,
    source_given,
)
from trainer.commands.data_options import DATA, add_data_options
from trainer.counted import counted
from trainer.errors import printable
from trainer.prediction import RESEARCH_USE
from trainer.score_rows import signed

if TYPE_CHECKING:
    from trainer.cases import Case
    from trainer.evaluate import Evaluation


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "averaging",
        help="what a model gains by averaging over views of a radiograph, and over networks",
        description="Read labelled radiographs in several ways: a single look, the mirror image too, several sampling "
        "shifts, every network of an ensemble. Compare each with the single look by the paired bootstrap of the "
        "difference in mean absolute error. Of radiographs whose card says how they were split, the held-out are "
        "taken; a way is chosen on those of the validation.",
    )
    parser.add_argument("model", metavar="MODEL", help="a run folder, a model file, or a shipped model's name")
    parser.add_argument("data", metavar="DATA", type=Path, help=DATA)
    parser.add_argument("--limit", type=positive, metavar="N", help="take N radiographs, spread over those there are")
    parser.add_argument("--part", choices=("test", "validation"), default="test", help="of the split (default: test)")
    add_data_options(parser, split="split.csv of a run; only one part of it is taken")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read in every way, compare, print."""
    from trainer.predictor import Predictor

    model = chosen_model(options.model)
    chosen = limited(
        held_out_for(
            [model], given=source_given(options), split=options.split, progress=print_progress, part=options.part
        ),
        options.limit,
    )
    whole = Predictor.load(model)
    card = whole.card
    found: list[Evaluation] = []
    ways = ways_of(card)
    for way in ways:
        predictor = Predictor([whole.networks[number] for number in way.networks], way.card(card))
        found.append(read_all(predictor, chosen.cases, print_progress))
    cases = found[0].cases  # what can be read does not hang on the way
    rows = gains([(way, one.predicted) for way, one in zip(ways, found, strict=True)], found[0].actual, card)
    if options.json:
        print(json.dumps(_plain(rows, cases, model=card.name, sha256=card.weights_sha256, data=chosen.description)))
        return 0
    print(f"{printable(card.name)} {card.weights_sha256[:12]}, {counted(len(cases), 'radiograph')}; months")
    print(f"{'':<26}{'looks':>6}{'MAE':>8}   minus a single look, 95 % interval")
    for row in rows:
        print(_line(row))
    for text in (*chosen.cautions, f"On {chosen.description}. {RESEARCH_USE}."):
        print(printable(text))
    return 0


def _plain(rows: list[Gain], cases: tuple[Case, ...], *, model: str, sha256: str, data: str) -> dict[str, object]:
    return {
        "model": model,
        "model_sha256": sha256,
        "data": data,
        "n": len(cases),
        "ways": [row.to_json() for row in rows],
    }


def _line(row: Gain) -> str:
    value, low, high = (
        signed(number, 2) for number in (row.difference_months, row.difference_low, row.difference_high)
    )
    against = f"   {value} ({low} to {high})" if row.way.passes > 1 or row.way.networks != (0,) else ""
    own = "   as the model reads" if row.is_the_models else ""
    return f"{row.way.name:<26}{row.way.passes:>6}{row.mae_months:>8.2f}{against}{own}"
