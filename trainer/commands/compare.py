"""``boneage compare NEW USED [DATA]``: whether a new model is better than the one in use, on held-out radiographs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Final

import numpy as np

from trainer.card import read_card
from trainer.card_text import score_lines
from trainer.commands.chosen_cases import (
    Progress,
    choose,
    chosen_model,
    print_event,
    print_progress,
    read_all,
    run_folder,
    source_given,
)
from trainer.commands.data_options import DATA, add_data_options
from trainer.comparison import Comparison, compare
from trainer.counted import counted
from trainer.data_source import DataSource
from trainer.errors import BoneAgeError, printable
from trainer.events import Preparing
from trainer.held_out import cautions_on
from trainer.history import History, read_history
from trainer.metrics import LEAST_TO_TELL
from trainer.prediction import RESEARCH_USE
from trainer.split import Part
from trainer.whole_file import write_whole

FEW: Final = 30  # below, a bootstrap interval is too narrow


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "compare",
        help="compare two models on held-out radiographs",
        description="Compare two models on the same radiographs by the paired bootstrap of the difference in mean "
        "absolute error.",
    )
    model = "a run folder, a model file, or a shipped model's name"
    parser.add_argument("new", metavar="NEW", help=f"the model in question: {model}")
    parser.add_argument("used", metavar="USED", help=f"the model it is compared with: {model}")
    parser.add_argument(
        "data",
        metavar="DATA",
        nargs="?",
        type=Path,
        help=f"{DATA} (default: what the run NEW was trained on)",
    )
    add_data_options(parser, split="split.csv of a run (default: that of the run NEW, on its own data)")
    parser.add_argument("--part", choices=("training", "validation", "test"), default="test", help="with a split")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the results go (default: the run folder NEW)")
    parser.add_argument("--events", action="store_true", help="print progress and result as JSON, one object a line")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare, write, print."""
    new, used = chosen_model(options.new), chosen_model(options.used)
    progress = print_event if options.events else print_progress
    comparison = compare_models(
        new, used, given=source_given(options), split=options.split, part=options.part, progress=progress
    )
    out = options.out or run_folder(new)
    if out is not None:
        progress(Preparing(what="drawing the figures", done=0, total=1))
        write_results(out, comparison, histories_of(used, new))
    if options.events:
        print(json.dumps({"event": "Comparison", **comparison.to_json()}), flush=True)
        return 0
    for line in as_text(comparison):
        print(line)
    if out is not None:
        print(f"Written: comparison.json, comparison.pdf and figures in {out}.")
    return 0


def compare_models(
    new: Path,
    used: Path,
    *,
    given: DataSource | None = None,
    split: Path | None = None,
    part: Part = "test",
    progress: Progress,
) -> Comparison:
    """Read the same radiographs with two model files and compare the answers.

    Without any ``given``, they are those of the run that the new model lies in; so is the split, on the run's own data.
    Raises BoneAgeError, also where one of the models was trained on some of them.
    """
    from trainer.predictor import Predictor

    chosen = choose(new, given=given, split=split, part=part, progress=progress)
    cards = {path: read_card(path) for path in (new, used)}
    cautions: list[str] = []
    for role, path in (("new model", new), ("model in use", used)):
        cautions += cautions_on(
            f"the {role} ({cards[path].name})",
            cards[path],
            path,
            cases=chosen.table,
            compared=chosen.cases,
            data=chosen.source.data,
            split=chosen.split,
        )
    answers = {path: read_all(Predictor.load(path), chosen.cases, progress) for path in cards}
    unread = {row.case_id for answer in answers.values() for row in answer.unreadable}
    cases = [case for case in chosen.cases if case.case_id not in unread]
    remarks = [f"{len(unread):,} of the radiographs could not be read and do not count."] if unread else []
    if LEAST_TO_TELL <= len(cases) < FEW:  # of fewer the verdict itself says so
        remarks.append(f"{counted(len(cases), 'radiograph')} alone: with {FEW} or more, the interval is worth more.")
    return compare(
        case_ids=[case.case_id for case in cases],
        actual=np.array([case.age_months for case in cases], dtype=np.float64),
        sexes=[case.sex for case in cases],
        new=answers[new].without(unread).compared(cards[new]),
        used=answers[used].without(unread).compared(cards[used]),
        data=chosen.description,
        held_out=not cautions,
        cautions=[*cautions, *chosen.cautions, *remarks],
    )


def histories_of(used: Path, new: Path) -> tuple[History | None, History | None]:
    """Return the runs that two model files are the best of, the one in use first; None where there is none."""
    found: list[History | None] = []
    for path in (used, new):
        folder = run_folder(path)
        try:
            found.append(read_history(folder) if folder is not None else None)
        except BoneAgeError:
            found.append(None)
    return found[0], found[1]


def write_results(
    out: Path, comparison: Comparison, histories: tuple[History | None, History | None] = (None, None)
) -> None:
    """Write comparison.json, comparison.pdf and the figures as pictures; curves where runs are known.

    Each file is whole or not there. Raises DataError.
    """
    from trainer import figures

    write_whole(out / "comparison.json", json.dumps(comparison.to_json(), indent=1) + "\n")
    figures.save_pdf(out / "comparison.pdf", figures.pages(comparison, histories), title="Comparison of two models")
    figures.save_pictures(out, comparison, histories)


def as_text(comparison: Comparison) -> list[str]:
    """Return a comparison as lines for a terminal."""
    written = [comparison.sentence, comparison.bootstrap_line, *(f"Note: {text}" for text in comparison.cautions)]
    for role, model in (("New", comparison.new), ("In use", comparison.used)):
        written += ["", f"{role}: {model.name} {model.sha256[:12]}, on {comparison.data}"]
        written += score_lines({**comparison.score_of(model), "interval_covered": model.interval_covered})
    return [printable(line) for line in (*written, "", f"{RESEARCH_USE}.")]
