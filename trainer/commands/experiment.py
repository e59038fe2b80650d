"""``boneage experiment DIR``: the paper's experiment end to end, on any data: two models, curves, figure 4, verdict."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from trainer import rsna
from trainer.card_text import PAPERS_FIGURE
from trainer.commands.chosen_cases import chosen_model, print_progress
from trainer.commands.compare import as_text, compare_models, histories_of, write_results
from trainer.commands.data_options import DATA, add_data_options, source_of_options, source_of_run
from trainer.commands.fit import add_choices, choices_of, describe, resumed, train_in
from trainer.comparison import Comparison
from trainer.counted import counted
from trainer.data_source import FILE, DataSource, write_source
from trainer.errors import DataError, printable
from trainer.history import BEST, History, read_history
from trainer.overfitting import LEAST_EPOCHS, overfitting_of
from trainer.table import opened

MODELS: Final = ("baseline", "improved")
PHANTOMS: Final = 300
PHANTOM_HEIGHT_PX: Final = 500
PAPER: Final = f"The paper:       {PAPERS_FIGURE} (a tenth of 12,611 RSNA radiographs, ImageNet weights, 30 epochs)"
PAPER_OVERFITTING: Final = "The paper: the baseline overfits after about 15 epochs, the improved model uses all 30."


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command, with the fields of TrainingConfig that both models may share."""
    parser = commands.add_parser(
        "experiment",
        help="the paper's experiment: train baseline and improved, compare them",
        description="Train the paper's two models on the same split, compare them on the held-out tenth and draw the "
        "paper's figures into DIR. Stopped, the same command goes on; what is finished is not done again.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of the experiment: two runs and the results")
    parser.add_argument("--data", type=Path, help=f"{DATA} (default: phantoms, made in DIR/phantoms)")
    parser.add_argument("--phantoms", type=int, metavar="N", help=f"how many, without --data (default: {PHANTOMS})")
    parser.add_argument("--description", default="", help="what the cards say the models were trained on")
    add_data_options(parser, split="a fixed split (CSV: id, part) instead of a drawn one")
    add_choices(parser, without=("model", "recipe"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Train, compare, draw, print."""
    folder: Path = options.folder
    if options.data is not None and options.phantoms is not None:
        raise DataError("--phantoms is of an experiment without --data; leave out one of the two.")
    try:
        data = options.data or _phantoms(folder, options.phantoms)
        source = source_of_options(options, data, description=options.description)
        for model in MODELS:
            _train(folder / model, source, {**choices_of(options), "model": model})
        used, new = (chosen_model(str(folder / model)) for model in MODELS)
        comparison = compare_models(new, used, progress=print_progress)
    except KeyboardInterrupt:
        print("Stopped. The same command goes on from here.", file=sys.stderr)
        return 130
    histories = histories_of(used, new)
    write_results(folder, comparison, histories)
    for line in (*as_text(comparison), "", *_beside_the_paper(comparison, histories)):
        print(line)
    print(f"Written: comparison.json, comparison.pdf, figure-4.png, bland-altman.png and curves.png in {folder}.")
    return 0


def _phantoms(folder: Path, wanted: int | None) -> Path:
    """Return the folder of the experiment's own phantoms, made once. Raises DataError for another count of them."""
    from trainer.phantom import write_dataset

    phantoms = folder / "phantoms"
    if (phantoms / rsna.TABLE).is_file():
        with opened(phantoms) as table:
            drawn = sum(1 for _ in table.rows)
        if wanted not in (None, drawn):
            raise DataError(
                f"{phantoms} holds {counted(drawn, 'phantom')} already, not {wanted:,}; leave --phantoms out to go on "
                "with them, or name another folder for this experiment."
            )
        return phantoms
    count = PHANTOMS if wanted is None else wanted
    print(f"Drawing {count:,} computer-made radiographs, since no --data was given.", flush=True)
    try:
        return write_dataset(phantoms, count=count, height_px=PHANTOM_HEIGHT_PX)
    except OSError as error:
        raise DataError(f"The phantoms could not be written to {phantoms}: {error.strerror}.") from error


def _train(run_dir: Path, source: DataSource, choices: Mapping[str, Any]) -> None:
    """Begin a run, or go on with it, to its end; a finished one is left as it is. Raises BoneAgeError.

    Other choices or other radiographs than it was begun with are refused, finished or not.
    """
    source.need()
    if (run_dir / "config.json").is_file():
        source = source_of_run(run_dir, source)
        history = read_history(run_dir)
        resumed(history.config, choices)
        if history.state == "finished" and (run_dir / BEST).is_file():
            if (run_dir / FILE).is_file():
                write_source(run_dir, source)  # its radiographs may lie elsewhere now
            print(f"{run_dir.name}: finished already.", flush=True)
            return
    with closing(train_in(run_dir, source, choices)) as events:
        for event in events:
            line = describe(event)
            if line:
                print(f"{run_dir.name}: {printable(line.strip())}", flush=True)


def _beside_the_paper(comparison: Comparison, histories: Sequence[History | None]) -> list[str]:
    """Return the experiment's two questions with this run's answers beside the paper's."""
    low, high = comparison.difference_low, comparison.difference_high
    lines = [
        f"This experiment: improved minus baseline, {comparison.difference_months:+.3f} months MAE, 95 % interval "
        f"[{low:+.3f}, {high:+.3f}] ({len(comparison.actual):,} cases, {comparison.data})",
        PAPER,
    ]
    for name, history in zip(MODELS, histories, strict=True):
        found = overfitting_of(history) if history is not None else None
        few = f"{name}: too few epochs to tell whether it overfits ({LEAST_EPOCHS} are needed)."
        lines.append(f"This experiment: {found.sentence(f'the {name}')}" if found else few)
    return [*lines, PAPER_OVERFITTING]
