"""``boneage report FOLDER --out DIR``: a folder of radiographs to a table and reports."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from boneage_gui.clinic.reference import BRUSH, REFERENCES
from trainer.commands.models import beside_models, model_path
from trainer.prediction import RESEARCH_USE, years_and_months
from trainer.radiograph import Sex

if TYPE_CHECKING:
    from boneage_gui.clinic.batch_row import BatchRow

HELP: Final = "read a folder of radiographs into a table and reports; the same command goes on where it stopped"


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("report", help=HELP, description=f"{HELP[0].upper()}{HELP[1:]}. {RESEARCH_USE}.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="PNG, JPEG, TIFF or DICOM files at any depth")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the table and the reports")
    parser.add_argument("--model", help="a shipped model's name, or a file (default: the default model)")
    parser.add_argument(
        "--reference",
        choices=list(REFERENCES),
        default=BRUSH.key,
        help="table of standard deviations (default: %(default)s)",
    )
    parser.add_argument(
        "--sex", choices=[sex.value for sex in Sex], help="sex of the children whose files do not say (never guessed)"
    )
    parser.add_argument("--pdf", action=argparse.BooleanOptionalAction, default=True, help="a page for each radiograph")
    parser.add_argument(
        "--dicom", action="store_true", help="structured report, picture and page of each DICOM file, for its study"
    )
    parser.add_argument("--xlsx", action="store_true", help="the table as an Excel file too")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read every radiograph; status 1 when any was refused."""
    from boneage_gui import work
    from boneage_gui.clinic.batch_row import as_json
    from boneage_gui.clinic.batch_table import CSV_NAME
    from boneage_gui.work.batch import BatchOptions, read_folder

    predictor = work.load_predictor(model_path(options.model), **beside_models())
    chosen = BatchOptions(
        reference_key=options.reference,
        told_sex=Sex(options.sex) if options.sex else None,
        pdf=options.pdf,
        dicom=options.dicom,
        excel=options.xlsx,
    )
    rows = read_folder(predictor, options.folder, options.out, chosen)
    refused = count = 0
    with closing(rows):
        for row in rows:
            count += 1
            refused += bool(row.refused)
            print(json.dumps(as_json(row)) if options.json else _line(row), flush=True)
    if not options.json:
        print(f"{count - refused} read, {refused} refused. The table is {options.out / CSV_NAME}.")
        print(f"{predictor.card.name} {predictor.card.weights_sha256[:12]}: {predictor.card.accuracy_line()}")
        print(f"Nobody has confirmed these readings. {RESEARCH_USE}.")
    return 1 if refused else 0


def _line(row: BatchRow) -> str:
    said = row.refused
    if row.age_months is not None:
        said = (
            f"{years_and_months(row.age_months):<20} {row.standing or 'no reference':<14} sex {row.sex or 'not given'}"
        )
    before = "  (was there)" if row.known else ""
    return f"[{row.number}/{row.total}] {row.file:<32} {said}{before}"
