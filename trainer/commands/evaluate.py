"""``boneage evaluate [MODEL] DATA``, ``boneage evaluate RUN``: how far a model is from the labels of radiographs."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.card_text import score_lines
from trainer.commands.chosen_cases import (
    Chosen,
    choose,
    chosen_model,
    is_run,
    print_event,
    print_progress,
    read_all,
    run_folder,
    source_given,
)
from trainer.commands.data_options import DATA, add_data_options
from trainer.errors import DataError
from trainer.held_out import cautions_on_score
from trainer.prediction import RESEARCH_USE
from trainer.split import PARTS, Part
from trainer.whole_file import write_whole

if TYPE_CHECKING:
    from trainer.card import ModelCard
    from trainer.evaluate import Evaluation
    from trainer.measured import Measured


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "evaluate",
        help="score a model on labelled radiographs",
        description="Score a model on labelled radiographs; a run folder alone stands for its best model on the "
        "radiographs that were held out from its training.",
    )
    parser.add_argument(
        "model",
        metavar="MODEL",
        nargs="?",
        help="a run folder, a model file, or a shipped model's name (default: the default model)",
    )
    parser.add_argument("data", metavar="DATA", type=Path, help=f"{DATA}; or a run folder alone")
    add_data_options(parser, split="split.csv of a run; only one part of it is scored")
    parser.add_argument("--part", choices=PARTS, help="with a split, or of a run folder alone (default: test)")
    parser.add_argument("--without-sex", action="store_true", help="tell the model no sex")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--events", action="store_true", help="print progress and result as JSON, one object a line")
    parser.add_argument(
        "--csv", type=Path, metavar="FILE", help="write each radiograph's answer: id, actual, predicted"
    )
    parser.add_argument("--pdf", type=Path, metavar="FILE", help="write a page with figures and scores")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="write predicted against actual age as a PNG")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Score and print."""
    from trainer.predictor import Predictor

    if options.model is None and is_run(options.data):
        options.model, options.data = str(options.data), None
    model = chosen_model(options.model)
    progress = print_event if options.events else print_progress
    part: Part = options.part or "test"
    chosen = choose(model, given=source_given(options), split=options.split, part=part, progress=progress, whole=True)
    if options.part and chosen.split is None:
        raise DataError(
            f"Which of these radiographs are the {part} part is not said: give their split with --split (split.csv of "
            "a run), name a run folder alone, or leave --part out to score all of them."
        )
    predictor = Predictor.load(model)
    found = read_all(predictor, chosen.cases, progress, hide_sex=options.without_sex)
    card = predictor.card
    seen = cautions_on_score(card.name, card, model, cases=chosen.table, scored=found.cases, data=chosen.source.data)
    chosen = replace(chosen, cautions=(*chosen.cautions, *seen))
    measured = _measured(found, card, chosen, told_sex=not options.without_sex)
    _write_files(options, found, measured)
    folder = run_folder(model)
    if folder is not None and chosen.own_test and not options.without_sex:
        write_whole(folder / "evaluation.json", json.dumps(measured.to_json(), indent=1) + "\n")
    _print(options, found, measured)
    return 0


def _measured(found: Evaluation, card: ModelCard, chosen: Chosen, *, told_sex: bool) -> Measured:
    unread = len(found.unreadable)
    remarks = [f"{unread:,} of the radiographs could not be read and do not count."] if unread else []
    return found.measured(
        card,
        data=chosen.description if told_sex else f"{chosen.description}, sex not told",
        held_out=chosen.own_test,
        cautions=(*chosen.cautions, *remarks),
    )


def _print(options: argparse.Namespace, found: Evaluation, measured: Measured) -> None:
    if options.events:
        print(json.dumps({"event": "Measured", **measured.to_json()}), flush=True)
    elif options.json:
        print(json.dumps(found.score()))
    else:
        for line in (*score_lines(found.score()), *(f"Note: {text}" for text in measured.cautions)):
            print(line)
        print(f"{measured.model.name} {measured.model.sha256[:12]}, on {measured.data}. {RESEARCH_USE}.")


def _write_files(options: argparse.Namespace, found: Evaluation, measured: Measured) -> None:
    """Write what was asked for. Raises DataError."""
    from trainer.evaluate import write_csv

    if options.csv:
        write_csv(options.csv, found)
    if not (options.pdf or options.figure):
        return
    from matplotlib.figure import Figure

    from trainer import figures

    if options.pdf:
        figures.save_pdf(options.pdf, [figures.score_page(measured)], title="Evaluation of a bone age model")
    if options.figure:
        figure = Figure(figsize=(9, 4.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        title = f"{measured.model.name} {measured.model.sha256[:12]}"
        figures.draw_agreement(left, found.actual, found.predicted, title=title, look=figures.PRINT)
        figures.draw_bland_altman(right, found.actual, found.predicted, look=figures.PRINT)
        figures.save_png(options.figure, figure)
