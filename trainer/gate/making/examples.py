"""Examples: one random picture and its kind after another, the same for the same seed, epoch and index."""

from __future__ import annotations

from typing import Final

import numpy as np

from trainer.gate.canvas import GateCanvas, to_gate_canvas
from trainer.gate.kinds import CUT, KINDS, STRANGER, TURNED, TWO, WHOLE
from trainer.gate.making import hands, strangers
from trainer.gate.making.pictures import Pictures
from trainer.gate.making.wear import Film, Levels, Random, worn

SHARES: Final = {WHOLE: 0.42, TURNED: 0.08, TWO: 0.08, CUT: 0.14, STRANGER: 0.28}
PHANTOM_SHARE: Final = 0.08  # of hands
FOUND_SHARE: Final = 0.5  # of strangers: other parts of the body; the rest is drawn
SHUFFLED_SHARE: Final = 0.08
PLAIN_SHARE: Final = 0.1  # pictures taken as they are


def example(pictures: Pictures, *, seed: tuple[int, ...]) -> tuple[GateCanvas, int]:
    """Draw one picture of a random kind; return its canvas, float32[64, 64], and the kind's index."""
    rng = np.random.default_rng(seed)
    kind = str(rng.choice(KINDS, p=[SHARES[kind] for kind in KINDS]))
    return to_gate_canvas(film_of(kind, pictures, rng)), KINDS.index(kind)


def film_of(kind: str, pictures: Pictures, rng: Random) -> Film:
    """Return one worn film of a kind; now and then a whole hand or a stranger as it lies in its collection."""
    if kind == WHOLE:
        hand = _hand(pictures, rng)
        if rng.random() < PLAIN_SHARE:
            return _plain(hand)
        return worn(hands.whole(hand, rng), rng)
    if kind == TURNED:
        return worn(hands.turned(_hand(pictures, rng), rng), rng)
    if kind == TWO:
        first = _hand(pictures, rng)
        return worn(hands.two(first, first if rng.random() < 0.7 else _hand(pictures, rng), rng), rng)
    if kind == CUT:
        return worn(hands.cut(_hand(pictures, rng), rng), rng)
    return _stranger(pictures, rng)


def _stranger(pictures: Pictures, rng: Random) -> Film:
    if rng.random() < FOUND_SHARE:
        name = str(rng.choice(list(pictures.strangers)))
        picture = pictures.strangers[name][int(rng.integers(len(pictures.strangers[name])))]
        if rng.random() < PLAIN_SHARE:
            return _plain(picture)
        return worn(strangers.found(picture, rng), rng)
    if rng.random() < SHUFFLED_SHARE:
        return worn(strangers.shuffled(_hand(pictures, rng), rng), rng)
    name = str(rng.choice(list(strangers.DRAWN)))
    return worn(strangers.DRAWN[name](rng), rng)


def _hand(pictures: Pictures, rng: Random) -> Levels:
    chance = rng.random()
    if chance < PHANTOM_SHARE:
        found = pictures.phantoms
    else:
        found = pictures.radiographs if chance < (1 + PHANTOM_SHARE) / 2 else pictures.mednist_hands
    return found[int(rng.integers(len(found)))]


def _plain(picture: Levels) -> Film:
    return np.asarray(picture / np.float32(255.0), dtype=np.float32)
