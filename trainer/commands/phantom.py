"""``boneage phantom --count N DIR``: a labelled data set of computer-made hand radiographs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from trainer.errors import DataError


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("phantom", help="write computer-made radiographs of known age, in the RSNA layout")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--count", type=_between(1, 100_000), default=100, help="how many (default: 100)")
    parser.add_argument(
        "--seed", type=_between(0, 2**31 - 1), default=0, help="another seed makes other children (default: 0)"
    )
    parser.add_argument("--format", choices=("png", "dicom"), default="png", dest="file_format")
    parser.add_argument(
        "--height-px", type=_between(64, 4096), default=1000, help="height of the pictures (default: 1000)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the data set."""
    from trainer.phantom import write_dataset

    try:
        folder = write_dataset(
            options.folder,
            count=options.count,
            seed=options.seed,
            file_format=options.file_format,
            height_px=options.height_px,
        )
    except OSError as error:
        raise DataError(f"The phantoms could not be written to {options.folder}: {error.strerror}.") from error
    print(f"Wrote {options.count} computer-made radiographs; their labels are in {folder}.")
    return 0


def _between(low: int, high: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{value} does not lie between {low:,} and {high:,}")
        return value

    return number
