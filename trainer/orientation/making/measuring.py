"""Measuring: how often orientation is found on radiographs that lie upright, and on the same turned and mirrored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import numpy as np

from trainer.metrics import share_interval
from trainer.orientation.canvas import Window, to_window
from trainer.orientation.turn import TOLERATED_DEGREES, Turn, quarter_of, turn_of
from trainer.orientation.upright import Upright, turned_back
from trainer.radiograph import Radiograph

CERTAINTIES: Final = (0.95, 0.96, 0.97, 0.98, 0.99)
MOST_MISTAKEN: Final = 0.001  # share of upright radiographs that may be turned
ASLANT_DEGREES: Final = 45.0

Row = dict[str, float]


def least_certainty(turns: Sequence[Turn]) -> float:
    """Return the least certainty, 0.95 to 0.99, at which under 0.1 % of upright radiographs are turned over.

    ``turns`` are what was found for radiographs that lie upright.
    """
    for certainty in CERTAINTIES:
        mistaken = sum(turn.certainty >= certainty and abs(turn.degrees) > ASLANT_DEGREES for turn in turns)
        if mistaken < MOST_MISTAKEN * len(turns):
            return float(certainty)
    return float(CERTAINTIES[-1])


def measured(
    upright: Upright, radiographs: Iterable[Radiograph], *, where: str, lying: Collection[str] = (), seed: int = 0
) -> dict[str, Row]:
    """Return the rows of a card for radiographs that lie upright, but for those whose files' names are in ``lying``.

    Each is asked about in four turns and their mirror images, and turned by one angle drawn at random.
    """
    rng, least = np.random.default_rng(seed), upright.card.least_certainty
    right, certain, mistaken, straightened, aslant = [], [], [], [], []
    for radiograph in radiographs:
        degrees = float(rng.uniform(-180.0, 180.0))
        slanting = to_window(turned_back(radiograph, -degrees).pixels)
        shares = upright.shares([*_windows(radiograph), slanting])
        turn = turn_of(shares[0])
        aslant.append(abs(_between(turn_of(shares[-1]).degrees, turn.degrees + degrees)) <= 10.0)
        certain.append(turn.certainty >= least)
        if radiograph.source.stem in lying:
            continue
        right.append(all(quarter_of(row)[0] == place % 4 for place, row in enumerate(shares[:-1])))
        mistaken.append(certain[-1] and abs(turn.degrees) > ASLANT_DEGREES)
        straightened.append(certain[-1] and TOLERATED_DEGREES < abs(turn.degrees) <= ASLANT_DEGREES)
    return {
        f"{where}: right quarter turn, in all four turns and mirrored": _row(right),
        f"{where}: certain": _row(certain),
        f"{where}: upright, but turned over": _row(mistaken),
        f"{where}: slanting in its file by 20 to 45 degrees, straightened": _row(straightened),
        f"{where}: turned by any angle, found within 10 degrees": _row(aslant),
    }


def _windows(radiograph: Radiograph) -> list[Window]:
    """Return the windows of a radiograph in four turns clockwise, then of their mirror images."""
    ways = (radiograph.pixels, radiograph.pixels[:, ::-1])
    return [to_window(np.rot90(pixels, -quarters)) for pixels in ways for quarters in range(4)]


def _between(one: float, other: float) -> float:
    return 180.0 - (180.0 - (one - other)) % 360.0


def _row(hits: Sequence[bool]) -> Row:
    share, low, high = share_interval(sum(hits), len(hits))
    return {"n": len(hits), "count": sum(hits), "share": round(share, 5), "low": round(low, 5), "high": round(high, 5)}
