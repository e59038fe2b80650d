"""``boneage gate-train``: train the gate that refuses pictures which are no whole hand, and measure it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from trainer.errors import DataError


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "gate-train",
        help="train the gate that refuses what is not one whole hand",
        description="Train the gate on labelled radiographs, MedNIST and pictures the program draws; measure it on the "
        "tenth that was held out, and write weights and card. The same seed gives the same gate; about 15 minutes.",
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of hand radiographs with their table")
    parser.add_argument(
        "--mednist", type=Path, required=True, metavar="DIR", help="folder of MedNIST's archives: Hand.zip, CXR.zip ..."
    )
    parser.add_argument("--out", type=Path, required=True, help="the file to write (.safetensors)")
    parser.add_argument(
        "--originals", type=Path, metavar="DIR", help="folder of full-size radiographs to measure on; never trained on"
    )
    parser.add_argument("--others", type=Path, metavar="DIR", help="folder of files that are no hands, to measure on")
    parser.add_argument("--seed", type=int, default=0, help="another seed splits and draws anew (default: 0)")
    parser.add_argument("--steps", type=int, default=6000, help="of 64 pictures each (default: 6000)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read, train, measure, write."""
    import torch

    from trainer.gate.making.pictures import read_pictures
    from trainer.gate.making.shipping import write_gate
    from trainer.gate.making.training import GateTraining, train_gate

    if options.seed < 0 or options.steps < 1:
        raise DataError("The seed must be 0 or more, and the steps 1 or more.")
    torch.set_num_threads(1)  # sums in another order are other sums, and the network is too small to gain by more
    originals, others = files_in(options.originals), files_in(options.others)
    choices = GateTraining(seed=options.seed, steps=options.steps)
    pictures = read_pictures(options.data, options.mednist, held_out=originals, seed=options.seed)
    network = train_gate(pictures["training"], choices, progress=_tell)
    print("measuring", file=sys.stderr, flush=True)
    card = write_gate(options.out, network, pictures, choices, originals=originals, others=others)
    print(card.as_text(), end="")
    return 0


def _tell(step: int, loss: float) -> None:
    print(f"  step {step:,}: loss {loss:.4f}", file=sys.stderr, flush=True)


def files_in(folder: Path | None) -> list[Path]:
    """Return a folder's files but tables, by name; none without a folder. Raises DataError."""
    if folder is None:
        return []
    try:
        found = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix.lower() != ".csv")
    except OSError as error:
        raise DataError(f"The folder {folder} cannot be opened: {error.strerror}.") from error
    if not found:
        raise DataError(f"The folder {folder} holds no pictures.")
    return found
