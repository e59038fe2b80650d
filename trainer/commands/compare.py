"""``boneage compare NEW USED [DATA]``: whether a new model is better than the one in use, on held-out radiographs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from trainer.cases import Case, read_cases
from trainer.commands.evaluate import lines
from trainer.commands.models import model_path
from trainer.comparison import Comparison, compare
from trainer.errors import BoneAgeError, CheckpointError, DataError, printable
from trainer.events import Preparing, to_json
from trainer.held_out import BEST, cautions_on
from trainer.history import History, read_history
from trainer.prediction import RESEARCH_USE
from trainer.prepare import DataSource, read_source
from trainer.split import Part, Split, read_split
from trainer.whole_file import write_whole

if TYPE_CHECKING:
    from trainer.evaluate import Evaluation
    from trainer.predictor import Predictor

FEW: Final = 30  # below, a bootstrap interval is too narrow
Progress = Callable[[Preparing], None]


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
        help="folder in the RSNA layout, or a table beside pictures (default: what the run NEW was trained on)",
    )
    parser.add_argument("--split", type=Path, help="split.csv of a run (default: that of the run NEW, on its own data)")
    parser.add_argument("--part", choices=("training", "validation", "test"), default="test", help="with a split")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the results go (default: the run folder NEW)")
    parser.add_argument("--events", action="store_true", help="print progress and result as JSON, one object a line")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare, write, print."""
    new, used = chosen_model(options.new), chosen_model(options.used)
    comparison = compare_models(
        new,
        used,
        data=options.data,
        split=options.split,
        part=options.part,
        progress=_print_event if options.events else print_progress,
    )
    out = options.out or run_folder(new)
    if out is not None:
        write_results(out, comparison, histories_of(used, new))
    if options.events:
        print(json.dumps({"event": "Comparison", **comparison.to_json()}), flush=True)
        return 0
    for line in as_text(comparison):
        print(line)
    if out is not None:
        print(f"Written: comparison.json, comparison.pdf and figures in {out}.")
    return 0


def chosen_model(name: str) -> Path:
    """Return the file of a run folder's best model, a model file or a shipped name. Raises CheckpointError."""
    folder = Path(name)
    if not (folder / "config.json").is_file():
        return model_path(name)
    if not (folder / BEST).is_file():
        raise CheckpointError(f"The run in {folder} has no model yet: no epoch has ended. Train on, then compare.")
    return folder / BEST


def run_folder(model: Path) -> Path | None:
    """Return the run folder that a model file is the best of, or None."""
    return model.parent if model.name == BEST and (model.parent / "config.json").is_file() else None


def compare_models(
    new: Path, used: Path, *, data: Path | None, split: Path | None, part: Part, progress: Progress
) -> Comparison:
    """Read the same radiographs with two model files and compare the answers.

    Without ``data``, they are those of the run that the new model lies in; so is the split, on the run's own data.
    Raises BoneAgeError, also where one of the models was trained on some of them.
    """
    from trainer.predictor import Predictor

    chosen = _choose(new, data=data, split=split, part=part, progress=progress)
    models = {path: Predictor.load(path) for path in dict.fromkeys((new, used))}
    cautions: list[str] = []
    for role, path in (("new model", new), ("model in use", used)):
        cautions += cautions_on(
            f"the {role} ({models[path].card.name})",
            models[path].card,
            path,
            cases=chosen.table,
            compared=chosen.cases,
            data=chosen.source.data,
            split=chosen.split,
        )
    answers = {path: _evaluate(model, chosen.cases, progress) for path, model in models.items()}
    unread = {row.case_id for answer in answers.values() for row in answer.unreadable}
    cases = [case for case in chosen.cases if case.case_id not in unread]
    remarks = [f"{len(unread):,} of the radiographs could not be read and do not count."] if unread else []
    if len(cases) < FEW:
        remarks.append(f"{len(cases)} radiographs are few: with {FEW} or more, the interval is worth more.")
    return compare(
        case_ids=[case.case_id for case in cases],
        actual=np.array([case.age_months for case in cases], dtype=np.float64),
        sexes=[case.sex for case in cases],
        new=answers[new].without(unread).compared(models[new].card),
        used=answers[used].without(unread).compared(models[used].card),
        data=chosen.description,
        held_out=not cautions,
        cautions=[*cautions, *remarks],
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
    """Write comparison.json, comparison.pdf, figure-4.png, bland-altman.png; curves.png where runs are known.

    Each file is whole or not there. Raises DataError.
    """
    from matplotlib.figure import Figure

    from trainer import figures

    write_whole(out / "comparison.json", json.dumps(comparison.to_json(), indent=1) + "\n")
    figures.save_pdf(out / "comparison.pdf", figures.pages(comparison, histories), title="Comparison of two models")
    look = figures.PRINT
    figure = Figure(figsize=(9, 4.9), layout="constrained")
    figures.draw_figure_4(list(figure.subplots(1, 2)), comparison, look=look)
    figures.save_png(out / "figure-4.png", figure)
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    figures.draw_bland_altman_pair(list(figure.subplots(1, 2)), comparison, look=look)
    figures.save_png(out / "bland-altman.png", figure)
    if any(histories):
        figures.save_png(out / "curves.png", figures.curves_figure(histories, look=look))


def as_text(comparison: Comparison) -> list[str]:
    """Return a comparison as lines for a terminal."""
    written = [comparison.sentence, comparison.bootstrap_line, *(f"Note: {text}" for text in comparison.cautions)]
    for role, model in (("New", comparison.new), ("In use", comparison.used)):
        written += ["", f"{role}: {model.name} {model.sha256[:12]}, on {comparison.data}"]
        written += lines({**comparison.score_of(model), "interval_covered": model.interval_covered})
    return [printable(line) for line in (*written, "", f"{RESEARCH_USE}.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """The radiographs of a comparison, and the table they were chosen from."""

    source: DataSource
    table: Sequence[Case]
    split: Split | None
    cases: Sequence[Case]
    description: str


def _choose(new: Path, *, data: Path | None, split: Path | None, part: Part, progress: Progress) -> _Chosen:
    source, own_split = _source(new, data)
    split = split or own_split
    source.need()
    progress(Preparing(what="reading the table", done=0, total=1))
    table = read_cases(source.data).cases
    name = source.data.resolve().name
    if split is None:
        return _Chosen(source=source, table=table, split=None, cases=table, description=f"all usable cases of {name}")
    parts = read_split(split, table)
    cases = parts.part(part)
    if not cases:
        raise DataError(f"The {part} part of {split.name} is empty: there is nothing to compare on.")
    words = f"the {'held-out test' if part == 'test' else part} part of {name} (split {parts.fingerprint[:12]})"
    return _Chosen(source=source, table=table, split=parts, cases=cases, description=words)


def _source(new: Path, data: Path | None) -> tuple[DataSource, Path | None]:
    """Return where the radiographs lie; with the split of the new model's own run, if they are those of its run."""
    folder = run_folder(new)
    if folder is not None and (data is None or (folder / "data.json").is_file()):
        own = read_source(folder)
        if data is None or data.resolve() == own.data.resolve():
            return own, folder / "split.csv"
    if data is None:
        raise DataError("Name the radiographs to compare on (DATA): the new model lies in no run folder.")
    return DataSource(data=data), None


def _evaluate(predictor: Predictor, cases: Sequence[Case], progress: Progress) -> Evaluation:
    from trainer.evaluate import evaluate

    what = f"{predictor.card.name} reads the radiographs"
    return evaluate(
        predictor, cases, progress=lambda done, total: progress(Preparing(what=what, done=done, total=total))
    )


def _print_event(event: Preparing) -> None:
    print(json.dumps(to_json(event)), flush=True)


def print_progress(event: Preparing) -> None:
    """Show progress on standard error, every 500 radiographs."""
    if event.done and event.done % 500 == 0:
        print(f"  {printable(event.what)}: {event.done:,} of {event.total:,}", file=sys.stderr, flush=True)
