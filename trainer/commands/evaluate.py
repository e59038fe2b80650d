"""``boneage evaluate [MODEL] DATA``: how far a model is from the labels of a data set."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.cases import Case, read_cases
from trainer.commands.models import model_path
from trainer.prediction import RESEARCH_USE

if TYPE_CHECKING:
    from trainer.card import ModelCard
    from trainer.evaluate import Evaluation


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("evaluate", help="score a model on labelled radiographs")
    parser.add_argument("model", nargs="?", help="a shipped model's name, or a file (default: the default model)")
    parser.add_argument("data", type=Path, help="folder in the RSNA layout, or a CSV (id,boneage,male) beside pictures")
    parser.add_argument("--split", type=Path, help="split.csv of a run; only one part of it is scored")
    parser.add_argument("--part", choices=("training", "validation", "test"), default="test", help="with --split")
    parser.add_argument("--without-sex", action="store_true", help="tell the model no sex")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--csv", type=Path, metavar="FILE", help="write each radiograph's answer: id, actual, predicted"
    )
    parser.add_argument("--pdf", type=Path, metavar="FILE", help="write a page with figures and scores")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="write predicted against actual age as a PNG")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Score and print."""
    from trainer.evaluate import evaluate
    from trainer.predictor import Predictor

    predictor = Predictor.load(model_path(options.model))
    cases = chosen_cases(options.data, options.split, options.part)
    found = evaluate(predictor, cases, hide_sex=options.without_sex, progress=_show_progress)
    _write_files(options, found, predictor.card)
    score = found.score()
    if options.json:
        print(json.dumps(score))
        return 0
    for line in lines(score):
        print(line)
    print(f"{predictor.card.name} {predictor.card.weights_sha256[:12]}. {RESEARCH_USE}.")
    return 0


def _write_files(options: argparse.Namespace, found: Evaluation, card: ModelCard) -> None:
    """Write what was asked for. Raises DataError."""
    from trainer.evaluate import write_csv

    if options.csv:
        write_csv(options.csv, found)
    if not (options.pdf or options.figure):
        return
    from matplotlib.figure import Figure

    from trainer import figures

    if options.pdf:
        part = f"the {options.part} part of " if options.split else "all usable cases of "
        told = ", sex not told" if options.without_sex else ""
        page = figures.score_page(
            found.compared(card),
            found.actual,
            [case.sex for case in found.cases],
            data=f"{part}{options.data.resolve().name}{told}",
        )
        figures.save_pdf(options.pdf, [page], title="Evaluation of a bone age model")
    if options.figure:
        figure = Figure(figsize=(9, 4.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        title = f"{card.name} {card.weights_sha256[:12]}"
        figures.draw_agreement(left, found.actual, found.predicted, title=title, look=figures.PRINT)
        figures.draw_bland_altman(right, found.actual, found.predicted, look=figures.PRINT)
        figures.save_png(options.figure, figure)


def chosen_cases(data: Path, split_path: Path | None, part: str) -> Sequence[Case]:
    """Return all cases of a data set, or one part of a recorded split of it."""
    from trainer.split import read_split

    cases = read_cases(data).cases
    return cases if split_path is None else getattr(read_split(split_path, cases), part)


def lines(score: dict[str, Any]) -> list[str]:
    """Return a score as lines for a terminal."""
    rows = [("all", score), *score["by_sex"].items(), *score["by_age"].items()]
    written = [f"{'':<10}{'n':>6}{'MAE':>8}  {'95 % interval':<15}{'RMSE':>7}{'bias':>7}{'<=12 m':>8}"]
    for name, row in rows:
        interval = f"{row['mae_low']:.2f} to {row['mae_high']:.2f}"
        written.append(
            f"{name:<10}{row['n']:>6}{row['mae_months']:>8.2f}  {interval:<15}{row['rmse_months']:>7.2f}"
            f"{row['bias_months']:>7.2f}{row['within_12']:>8.0%}"
        )
    written.append("Months.")
    if score.get("interval_covered") is not None:
        written[-1] += f" The 90 % interval held {score['interval_covered']:.1%} of the labelled ages."
    if score.get("spearman") is not None:
        written[-1] += f" Rank correlation with age (Spearman): {score['spearman']:.3f}."
    if score.get("unreadable"):
        written[-1] += f" Not read and not counted: {score['unreadable']:,}."
    return written


def _show_progress(done: int, total: int) -> None:
    if done % 500 == 0:
        print(f"  {done:,} of {total:,}", file=sys.stderr, flush=True)
