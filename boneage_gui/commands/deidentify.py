"""``boneage deidentify FILE... --out DIR``: radiographs without their patients, by PS3.15 Annex E."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from trainer.radiograph import shown_name

HELP: Final = "export radiographs without their patients (DICOM PS3.15 Annex E); what is drawn on the picture stays"


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("deidentify", help=HELP, description=f"{HELP[0].upper()}{HELP[1:]}.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="DICOM, PNG, JPEG or TIFF")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the numbered exports")
    parser.add_argument("--keep-characteristics", action="store_true", help="keep sex and age (over 89 becomes 90)")
    parser.add_argument(
        "--shift-dates", action="store_true", help="keep the dates, moved by a number of days that is the patient's own"
    )
    parser.add_argument(
        "--key",
        type=Path,
        metavar="KEYFILE",
        help="a secret, made where there is none, that gives a patient the same pseudonym in every export "
        "(default: a fresh one, so that nobody can link two exports)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Export every file; status 1 when any was refused."""
    from boneage_gui.clinic.deidentify import Choices, Pseudonyms, secret_of_file
    from boneage_gui.work.deidentify import export_files

    pseudonyms = Pseudonyms(secret_of_file(options.key) if options.key else None)
    choices = Choices(keep_characteristics=options.keep_characteristics, shift_dates=options.shift_dates)
    refused = 0
    for exported in export_files(options.files, options.out, pseudonyms, choices):
        if exported.path is None:
            refused += 1
            print(f"{shown_name(exported.source)}: refused. {exported.refused}", flush=True)
            continue
        print(f"{shown_name(exported.source)} -> {exported.path.name}", flush=True)
        for caution in exported.cautions:
            print(f"    CAUTION: {caution}", flush=True)
    return 1 if refused else 0
