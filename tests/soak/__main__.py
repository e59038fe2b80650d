"""``make soak``: the window opened 2,000 times, a training killed 100 times, readings written by 8 processes at once.

``python -m tests.soak [--opens 2000] [--kills 100] [--writers 8] [--minutes 60]``; 0 leaves a part out. Prints a table;
the status is 1 where something grows or was lost. On two cores the window takes about half an hour, the kills a quarter
of one, the writers one minute; no part goes on for longer than ``--minutes``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # exactness is that of one thread, and the machine may be shared
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

from tests.soak.outcome import Outcome, as_markdown


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts that are asked for."""
    options = _options(arguments)
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as name:
        os.environ["BONEAGE_HOME"] = str(Path(name) / "home")  # a user's readings and settings take no part
        for part, count in ((_window, options.opens), (_training, options.kills), (_readings, options.writers)):
            if count:
                print(f"{part.__name__.strip('_')} ...", file=sys.stderr, flush=True)
                folder = Path(name) / part.__name__.strip("_")
                folder.mkdir()
                outcomes.append(part(folder, count, options))
    print(as_markdown(outcomes))
    return 0 if all(outcome.is_well for outcome in outcomes) else 1


Part = Callable[[Path, int, argparse.Namespace], Outcome]


def _window(folder: Path, count: int, options: argparse.Namespace) -> Outcome:
    from tests.soak.window import soak

    return soak(folder, opens=count, limit_s=60 * options.minutes)


def _training(folder: Path, count: int, options: argparse.Namespace) -> Outcome:
    from tests.soak.training import soak

    return soak(folder, kills=count, limit_s=60 * options.minutes, seed=options.seed)


def _readings(folder: Path, count: int, options: argparse.Namespace) -> Outcome:
    from tests.soak.readings import soak

    return soak(folder, writers=count, lasts_s=options.writing_s, seed=options.seed)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--opens", type=int, default=2000, help="radiographs opened and read in the window")
    parser.add_argument("--kills", type=int, default=100, help="kill -9 of a training, each resumed")
    parser.add_argument("--writers", type=int, default=8, help="processes that write readings at once")
    parser.add_argument("--writing-s", type=float, default=60.0, help="how long they write, seconds")
    parser.add_argument("--minutes", type=float, default=60.0, help="most that a part may take")
    parser.add_argument("--seed", type=int, default=0, help="of the moments of the kills")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
