"""Measuring: how often orientation is found on radiographs that lie upright, and on the same turned and mirrored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from trainer.metrics import share_interval
from trainer.orientation.turn import TOLERATED_DEGREES, Turn
from trainer.orientation.upright import Upright, turned_back
from trainer.radiograph import Radiograph

CERTAINTIES: Final = tuple(np.round(np.arange(0.90, 0.999, 0.01), 2).tolist())
MOST_MISTAKEN: Final = 0.001  # share of upright radiographs that may be turned
ASLANT_DEGREES: Final = 45.0

Row = dict[str, float]


def least_certainty(turns: Sequence[Turn]) -> float:
    """Return the least certainty, 0.90 to 0.99, at which under 0.1 % of upright radiographs are turned over.

    ``turns`` are what was found for radiographs that count as upright. A hand that does lie turned in its file counts
    as a mistake here, so the share is rather too high.
    """
    for certainty in CERTAINTIES:
        mistaken = sum(turn.certainty >= certainty and abs(turn.degrees) > ASLANT_DEGREES for turn in turns)
        if mistaken < MOST_MISTAKEN * len(turns):
            return float(certainty)
    return float(CERTAINTIES[-1])


def measured(upright: Upright, radiographs: Iterable[Radiograph], *, where: str, seed: int = 0) -> dict[str, Row]:
    """Return the rows of a card for radiographs that lie upright.

    Each is asked about in four turns and their mirror images, and turned by one angle drawn at random.
    """
    rng, least = np.random.default_rng(seed), upright.card.least_certainty
    right, certain, mistaken, straightened, aslant = [], [], [], [], []
    for radiograph in radiographs:
        turn = upright.find_turn(radiograph)
        sure = turn.certainty >= least
        right.append(all(_right(upright, way, quarters) for way, quarters in _ways(radiograph)))
        certain.append(sure)
        mistaken.append(sure and abs(turn.degrees) > ASLANT_DEGREES)
        straightened.append(sure and TOLERATED_DEGREES < abs(turn.degrees) <= ASLANT_DEGREES)
        degrees = float(rng.uniform(-180.0, 180.0))
        found = upright.find_turn(turned_back(radiograph, -degrees))
        aslant.append(abs(_between(found.degrees, turn.degrees + degrees)) <= 10.0)
    return {
        f"{where}: right quarter turn, in all four turns and mirrored": _row(right),
        f"{where}: certain": _row(certain),
        f"{where}: upright, but turned over": _row(mistaken),
        f"{where}: slanting in its file by 20 to 45 degrees, straightened": _row(straightened),
        f"{where}: turned by any angle, found within 10 degrees": _row(aslant),
    }


def _ways(radiograph: Radiograph) -> Iterable[tuple[Radiograph, int]]:
    """Yield the radiograph in four turns clockwise and their mirror images, with the number of quarter turns."""
    for pixels in (radiograph.pixels, radiograph.pixels[:, ::-1]):
        for quarters in range(4):
            yield replace(radiograph, pixels=np.ascontiguousarray(np.rot90(pixels, -quarters))), quarters


def _right(upright: Upright, radiograph: Radiograph, quarters: int) -> bool:
    return upright.find_quarter_turns(radiograph)[0] == quarters


def _between(one: float, other: float) -> float:
    return 180.0 - (180.0 - (one - other)) % 360.0


def _row(hits: Sequence[bool]) -> Row:
    share, low, high = share_interval(sum(hits), len(hits))
    return {"n": len(hits), "count": sum(hits), "share": round(share, 5), "low": round(low, 5), "high": round(high, 5)}
