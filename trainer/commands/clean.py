"""``boneage clean DATA``: what a training would take of a table and its pictures, and what not, with every reason."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Final

from trainer.cases import Dropped
from trainer.commands.data_options import DATA, add_data_options, source_of_options
from trainer.commands.fit import add_choices, choices_of
from trainer.config import TrainingConfig, config_for
from trainer.data_summary import DataSummary
from trainer.errors import printable
from trainer.events import Preparing, to_json
from trainer.prepare import Prepared, prepare
from trainer.whole_file import write_whole

LOOK: Final = ("aspect", "sampling", "side_px", "split_seed")  # choices of a run that cleaning depends on
SAID_EVERY: Final = 500  # radiographs, on a terminal
MOST_SHOWN: Final = 20  # dropped rows; --csv writes all


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "clean",
        help="check labelled radiographs before a training",
        description="Read a table of ages and its radiographs as a training would: drop what cannot be used, decode "
        "the rest once for all trainings, split it, and say so.",
    )
    parser.add_argument("data", type=Path, help=DATA)
    add_data_options(parser, split="a fixed split (CSV: id, part) instead of a drawn one")
    add_choices(parser, without=[entry.name for entry in fields(TrainingConfig) if entry.name not in LOOK])
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write every dropped row with its reason: id, reason")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="print one JSON object")
    how.add_argument("--events", action="store_true", help="print progress and summary as JSON, one object a line")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Clean, write, print."""
    try:
        prepared = _prepared(options)
    except KeyboardInterrupt:
        print("Stopped. What was decoded is kept; the same command goes on from here.", file=sys.stderr)
        return 130
    if options.csv:
        write_dropped(options.csv, prepared.table.dropped)
    summary = DataSummary.of(prepared)
    if options.json or options.events:
        print(json.dumps(summary.to_json()), flush=True)
        return 0
    for line in as_text(summary):
        print(printable(line))
    return 0


def write_dropped(path: Path, dropped: Iterable[Dropped]) -> None:
    """Write every dropped row: id, reason. Raises DataError."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("id", "reason"))
    writer.writerows((row.case_id, row.reason) for row in dropped)
    write_whole(path, text.getvalue())


def as_text(summary: DataSummary) -> Iterator[str]:
    """Yield a summary as lines for a terminal."""
    yield f"{summary.data}: {summary.kept:,} of {summary.rows:,} rows can be used."
    for reason, count in summary.dropped.items():
        yield f"  dropped, {reason}: {count:,}"
    for case_id, reason in summary.dropped_rows[:MOST_SHOWN]:
        yield f"    {case_id or '(no id)'}: {reason}"
    left = sum(summary.dropped.values()) - MOST_SHOWN
    if left > 0:
        yield f"    and {left:,} more; --csv FILE writes all."
    for sex, ages in summary.ages_by_sex.items():
        yield f"  {sex}: {len(ages):,}, labelled {min(ages):g} to {max(ages):g} months"
    parts = f"{summary.training:,} training, {summary.validation:,} validation, {summary.test:,} test"
    yield f"Split: {parts} ({summary.split_sha256[:12]})."
    if summary.patients is not None:
        yield f"Patients: {summary.patients:,}."


def _prepared(options: argparse.Namespace) -> Prepared:
    config = config_for("baseline", **choices_of(options))
    source = source_of_options(options, options.data)
    source.need()
    told = 0
    with closing(prepare(source, config.preprocessing, split_seed=config.split_seed)) as preparing:
        while True:
            try:
                event = next(preparing)
            except StopIteration as end:
                prepared: Prepared = end.value
                return prepared
            if options.events:
                print(json.dumps(to_json(event)), flush=True)
            elif not isinstance(event, Preparing):
                print(f"  {printable(event.message)}", file=sys.stderr, flush=True)
            elif event.done and (event.done - told >= SAID_EVERY or event.done == event.total):
                told = event.done
                print(f"  {event.what}: {event.done:,} of {event.total:,}", file=sys.stderr, flush=True)
