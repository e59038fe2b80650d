"""``boneage``: the science from a terminal. Each command lives in ``trainer/commands``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from trainer.commands import (
    averaging,
    card,
    clean,
    compare,
    download,
    evaluate,
    experiment,
    fit,
    gate_train,
    likeness,
    phantom,
    predict,
    publish,
    stress,
    upright_train,
)
from trainer.errors import BoneAgeError, printable
from trainer.prediction import RESEARCH_USE
from trainer.terminal import take_every_letter

if TYPE_CHECKING:
    from trainer.radiograph import Radiograph

OURS = (
    *(predict, evaluate, compare, averaging, stress, card, clean, fit, experiment, publish, phantom, download),
    *(gate_train, likeness, upright_train),
)


def main(
    arguments: Sequence[str] | None = None,
    *,
    more: Sequence[ModuleType] = (),
    reader: Callable[[Path], Radiograph] | None = None,
) -> int:
    """Run one command; return its exit status. A sentence on standard error for what went wrong.

    ``more`` are commands of rooms above this one, which ``boneage`` offers beside ours; ``reader`` reads the
    radiographs that are predicted, elsewhere than here.
    """
    take_every_letter()
    parser = argparse.ArgumentParser(prog="boneage", description=f"Bone age from hand radiographs. {RESEARCH_USE}.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (*OURS, *more):
        module.add(commands)
    options = parser.parse_args(arguments)
    if reader is not None:
        options.reader = reader
    try:
        status: int = options.run(options)
    except BoneAgeError as error:
        print(f"boneage: {printable(str(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our lines has seen enough
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - so that closing down does not write again
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
