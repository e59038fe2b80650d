"""``boneage stress MODEL DATA``: how far a model's answers move when radiographs are transformed in 33 ways."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from trainer.card import read_card
from trainer.cases import Case
from trainer.commands.chosen_cases import (
    Chosen,
    Progress,
    chosen_model,
    held_out_for,
    limited,
    positive,
    print_event,
    source_given,
)
from trainer.commands.data_options import DATA, add_data_options
from trainer.commands.loading import loaded
from trainer.counted import counted
from trainer.errors import printable
from trainer.events import Preparing
from trainer.held_out import cautions_on
from trainer.prediction import RESEARCH_USE
from trainer.score_rows import signed
from trainer.stress import Steadiness, Stressed, StressRow, Trial, steadiness, stress, trial_of
from trainer.whole_file import write_whole

if TYPE_CHECKING:
    from trainer.predictor import Predictor

BY_CHANCE: Final = (
    "Of so many 95 % intervals, one or two leave out 0 by chance alone, and a model that answers the same for every "
    "radiograph would be the steadiest: read the shifts beside the error."
)
COLUMNS: Final = ("shift_months", "absolute_months", "over_12", "mae_months", "change_months")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "stress",
        help="how far a model's answers move when radiographs are transformed",
        description="Turn, mirror, brighten, blur and otherwise transform labelled radiographs in 33 ways, and measure "
        "how far a model's answers move. Of radiographs whose card says how they were split, the held-out are taken.",
    )
    model = "a run folder, a model file, or a shipped model's name"
    parser.add_argument("model", metavar="MODEL", help=model)
    parser.add_argument("data", metavar="DATA", type=Path, help=DATA)
    parser.add_argument("--against", metavar="MODEL", help=f"compare with another: {model}")
    parser.add_argument("--limit", type=positive, metavar="N", help="take N radiographs, spread over those there are")
    parser.add_argument(
        "--without-turning", action="store_true", help="do not turn hands upright first, as reading them does"
    )
    add_data_options(parser, split="split.csv of a run; only its test part is taken")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--events", action="store_true", help="print progress and result as JSON, one object a line")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write a row for each model and transformation")
    parser.add_argument("--pdf", type=Path, metavar="FILE", help="write pages with curves and tables")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure, write, print."""
    names = [options.model, *([options.against] if options.against else [])]
    paths = [chosen_model(name) for name in names]
    progress = print_event if options.events else _silent
    chosen = limited(
        held_out_for(paths, given=source_given(options), split=options.split, progress=progress), options.limit
    )
    cautions = [*_cautions(paths, chosen), *chosen.cautions, BY_CHANCE]
    answers: list[list[Stressed]] = []
    trials: list[Trial] = []
    for path in paths:
        predictor = loaded(path, turning=not options.without_turning)
        answers.append(_stressed(predictor, chosen.cases, progress, tell=not (options.json or options.events)))
        trials.append(trial_of(answers[-1], name=predictor.card.name, sha256=predictor.card.weights_sha256))
    whole, apart = _compared(trials, answers)
    sentences = [trial.sentence for trial in trials] + ([whole.sentence] if whole else [])
    _write_files(options, trials, data=chosen.description, sentences=sentences, cautions=cautions)
    plain = _plain(trials, whole, apart, data=chosen.description, cautions=cautions)
    if options.events:
        print(json.dumps({"event": "Stress", **plain}), flush=True)
    elif options.json:
        print(json.dumps(plain))
    else:
        _print(trials, apart, sentences, cautions, data=chosen.description)
    return 0


def _silent(event: Preparing) -> None:
    """Say nothing: the rows come as they are measured."""


def _cautions(paths: Sequence[Path], chosen: Chosen) -> list[str]:
    """Return what must be said of radiographs that a model may know. Raises DataError where it was trained on some."""
    found: list[str] = []
    for path in paths:
        card = read_card(path)
        found += cautions_on(
            card.name,
            card,
            path,
            cases=chosen.table,
            compared=chosen.cases,
            data=chosen.source.data,
            split=chosen.split,
        )
    return found


def _stressed(predictor: Predictor, cases: Sequence[Case], progress: Progress, *, tell: bool) -> list[Stressed]:
    """Try a model; ``tell`` prints a row as soon as it is measured."""
    name = printable(predictor.card.name)
    if tell:
        print(f"{name}, {counted(len(cases), 'radiograph')}; months, with 95 % intervals")
        print(_line("", ("mean shift", "mean absolute shift", "over 12", "MAE", "change of MAE")), flush=True)
    found: list[Stressed] = []
    for event in stress(predictor, cases, what=name):
        if isinstance(event, Preparing):
            progress(event)
            continue
        found.append(event)
        rows = trial_of([event], name=name, sha256="").rows if tell else ()
        for _, row in rows:
            print(_line(row.name, _cells(row)) + (f"  refused {row.refused:,}" if row.refused else ""), flush=True)
    return found


def _compared(
    trials: Sequence[Trial], answers: Sequence[Sequence[Stressed]]
) -> tuple[Steadiness | None, list[Steadiness]]:
    """Compare two models over all transformations, and over each that both answered under; nothing of one alone."""
    if len(trials) < 2:
        return None, []

    def compared(ours: Sequence[Stressed], others: Sequence[Stressed]) -> Steadiness:
        return steadiness(ours, others, name=trials[0].name, against=trials[1].name)

    pairs = zip(*answers, strict=True)
    apart = [compared([one], [other]) for one, other in pairs if bool((one.answered & other.answered).any())]
    return compared(answers[0], answers[1]), apart


def _plain(
    trials: Sequence[Trial],
    whole: Steadiness | None,
    apart: Sequence[Steadiness],
    *,
    data: str,
    cautions: Sequence[str],
) -> dict[str, Any]:
    values: dict[str, Any] = {"data": data, "models": [trial.to_json() for trial in trials], "cautions": list(cautions)}
    if whole is not None:
        values |= {"steadiness": whole.to_json() | {"sentence": whole.sentence}}
        values |= {"steadiness_by_transformation": [one.to_json() for one in apart]}
    return values


def _print(
    trials: Sequence[Trial],
    apart: Sequence[Steadiness],
    sentences: Sequence[str],
    cautions: Sequence[str],
    *,
    data: str,
) -> None:
    if apart:
        print(f"\n{printable(trials[0].name)} minus {printable(trials[1].name)}, mean absolute shift, months")
    for one in apart:
        numbers = (one.difference_months, one.difference_low, one.difference_high)
        value, low, high = (signed(number, 2) for number in numbers)
        print(f"{one.over.removeprefix('the '):<21}{f'{value} ({low} to {high})':<26}{one.verdict}")
    print()
    for line in (*sentences, *(f"Note: {text}" for text in cautions), f"On {data}. {RESEARCH_USE}."):
        print(printable(line))


def _line(name: str, cells: Sequence[str]) -> str:
    widths = (27, 25, 23, 25, 25)
    return f"{name:<21}" + "".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def _cells(row: StressRow) -> tuple[str, ...]:
    from trainer.figures.steadiness import cells_of

    return cells_of(row)


def _write_files(
    options: argparse.Namespace,
    trials: Sequence[Trial],
    *,
    data: str,
    sentences: Sequence[str],
    cautions: Sequence[str],
) -> None:
    """Write what was asked for. Raises DataError."""
    if options.csv:
        write_whole(options.csv, _csv(trials))
    if options.pdf:
        from trainer import figures

        pages = figures.stress_pages(trials, data=data, sentences=sentences, cautions=cautions)
        figures.save_pdf(options.pdf, pages, title="Stress test of a bone age model")


def _csv(trials: Sequence[Trial]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    ends = [f"{column}{end}" for column in COLUMNS for end in ("", "_low", "_high")]
    writer.writerow(("model", "model_sha256", "transformation", "n", "refused", *ends))
    for trial in trials:
        for _, row in trial.rows:
            numbers = [f"{end:.4f}" for column in COLUMNS for end in getattr(row, column)]
            writer.writerow((trial.name, trial.sha256, row.name, row.n, row.refused, *numbers))
    return text.getvalue()
