"""Which model file and which radiographs a command means: a run folder's best, on its own held-out cases or others."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from trainer.card import ModelCard, read_card
from trainer.cases import Case
from trainer.columns import Columns
from trainer.commands.data_options import own_source, read_as_run, refuse_without_data, source_of_options
from trainer.commands.models import model_path
from trainer.data_source import DataSource, read_source
from trainer.errors import CheckpointError, DataError, printable
from trainer.events import Preparing, to_json
from trainer.held_out import seen_by
from trainer.history import BEST
from trainer.split import PARTS, Part, Split, read_split

if TYPE_CHECKING:
    from trainer.evaluate import Evaluation
    from trainer.predictor import Predictor

SAID_EVERY: Final = 500  # radiographs, on a terminal
Progress = Callable[[Preparing], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The radiographs that models are asked about, and the table they were chosen from."""

    source: DataSource
    table: Sequence[Case]
    split: Split | None
    cases: Sequence[Case]
    description: str
    own_test: bool  # whether they are the held-out part of the run that the model lies in
    cautions: tuple[str, ...] = ()


def chosen_model(name: str | None) -> Path:
    """Return the file of a run folder's best model, a model file or a shipped name; None is the default model.

    Raises CheckpointError.
    """
    if name is None or not is_run(Path(name)):
        return model_path(name)
    folder = Path(name)
    if not (folder / BEST).is_file():
        raise CheckpointError(f"The run in {folder} has no model yet: no epoch has ended. Train on, then try again.")
    return folder / BEST


def is_run(folder: Path) -> bool:
    """Say whether a run was begun in a folder."""
    return (folder / "config.json").is_file()


def run_folder(model: Path) -> Path | None:
    """Return the run folder that a model file is the best of, or None."""
    return model.parent if model.name == BEST and is_run(model.parent) else None


def source_given(options: argparse.Namespace) -> DataSource | None:
    """Return the radiographs that were named on the command line, or None. Raises DataError for options without."""
    if options.data is not None:
        return source_of_options(options, options.data)
    refuse_without_data(options)
    return None


def choose(
    model: Path, *, given: DataSource | None, split: Path | None, part: Part, progress: Progress, whole: bool = False
) -> Chosen:
    """Choose the radiographs for a model: those ``given``, else those of the run that it lies in.

    On its run's own radiographs, the run's split says which of them are in the ``part``, unless another ``split`` is
    named or ``whole`` asks for all that were given. Raises DataError.
    """
    source, own_split = _source(model, given)
    if split is None and not (whole and given is not None):
        split = own_split
    source.need()
    progress(Preparing(what="reading the table", done=0, total=1))
    table = source.cases().cases
    name = source.data.resolve().name
    if split is None:
        return Chosen(
            source=source,
            table=table,
            split=None,
            cases=table,
            description=f"all usable cases of {name}",
            own_test=False,
        )
    parts = read_split(split, table)
    cases = parts.part(part)
    if not cases:
        raise DataError(f"The {part} part of {split.name} is empty: there are no radiographs to measure on.")
    words = f"{_part_in_words(part)} of {name} (split {parts.fingerprint[:12]})"
    return Chosen(
        source=source,
        table=table,
        split=parts,
        cases=cases,
        description=words,
        own_test=part == "test" and split == own_split,
        cautions=tuple(caution for caution in (parts.caution, parts.patients_apart) if caution is not None),
    )


def held_out_for(
    models: Sequence[Path],
    *,
    given: DataSource | None,
    split: Path | None,
    progress: Progress,
    part: Part = "test",
) -> Chosen:
    """Choose radiographs: of a split that is named or that the first model's card proves, the held-out ones.

    Where a choice is still to be made, ``part`` asks for those of the validation. Raises DataError.
    """
    chosen = choose(models[0], given=given, split=split, part=part, progress=progress, whole=True)
    if chosen.split is None:
        seen = seen_by(read_card(models[0]), models[0], cases=chosen.table, data=chosen.source.data, split=None)
        cases = [] if seen is None else [case for case in chosen.cases if seen.parts.get(case.case_id) == part]
        if seen is not None and seen.same_data and cases:
            name = chosen.source.data.resolve().name
            chosen = replace(
                chosen, cases=cases, description=f"{_part_in_words(part)} of {name}", own_test=part == "test"
            )
    return chosen


def own_parts(model: Path, card: ModelCard, source: DataSource) -> dict[Part, list[Case]]:
    """Return which of the radiographs that a model was trained on are in which part of its own split.

    Of a run's best model, columns and pictures that are left out are those of the run. Raises DataError where the
    split is not known, or is one of other radiographs.
    """
    folder = run_folder(model)
    if folder is not None:
        source = read_as_run(folder, source)
    source.need()
    cases = source.cases().cases
    fixed = None if folder is not None or source.split is None else read_split(source.split, cases)
    seen = seen_by(card, model, cases=cases, data=source.data, split=fixed)
    if seen is None or not seen.same_data:
        raise DataError(
            f"It is not known which of these radiographs {card.name} was trained on, and this needs it. Name the "
            "table that it was trained on, with the options that say how it is read and its --split, if it had one."
        )
    return {part: [case for case in cases if seen.parts.get(case.case_id) == part] for part in PARTS}


def _part_in_words(part: Part) -> str:
    return f"the {'held-out test' if part == 'test' else part} part"


def limited(chosen: Chosen, limit: int | None) -> Chosen:
    """Take every so manyth case, so that ages and sexes stay as they are mixed."""
    if limit is None or limit >= len(chosen.cases):
        return chosen
    return replace(chosen, cases=evenly(chosen.cases, limit), description=f"{limit:,} of {chosen.description}")


def evenly(cases: Sequence[Case], most: int) -> list[Case]:
    """Return at most so many of the cases, spread over all of them."""
    if most >= len(cases):
        return list(cases)
    return [cases[place] for place in np.linspace(0, len(cases) - 1, most).round().astype(int)]


def positive(text: str) -> int:
    """Read a count from the command line."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value


def read_all(predictor: Predictor, cases: Sequence[Case], progress: Progress, *, hide_sex: bool = False) -> Evaluation:
    """Ask a model about every case, telling how far it is."""
    from trainer.evaluate import evaluate

    what = f"{predictor.card.name} reads the radiographs"

    def tell(done: int, total: int) -> None:
        progress(Preparing(what=what, done=done, total=total))

    return evaluate(predictor, cases, hide_sex=hide_sex, progress=tell)


def print_event(event: Preparing) -> None:
    """Print progress as JSON, one object a line."""
    print(json.dumps(to_json(event)), flush=True)


def print_progress(event: Preparing) -> None:
    """Show progress on standard error, every so many radiographs."""
    if event.done and event.done % SAID_EVERY == 0:
        print(f"  {printable(event.what)}: {event.done:,} of {event.total:,}", file=sys.stderr, flush=True)


def _source(model: Path, given: DataSource | None) -> tuple[DataSource, Path | None]:
    """Return where the radiographs lie; with the split of the model's own run, if they are those of its run."""
    folder = run_folder(model)
    if folder is None or (given is not None and not (folder / "data.json").is_file()):
        if given is None:
            raise DataError("Name the radiographs (DATA): the model lies in no run folder.")
        return given, None
    own_split = folder / "split.csv"
    if given is None:
        return own_source(folder), own_split
    own = read_source(folder)
    found = own.found_at(given.data)
    if found is None:
        return given, None
    told = given.columns != Columns() or given.pictures is not None
    return (given if told else replace(found, split=None)), own_split
