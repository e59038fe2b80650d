"""Measuring: how often the gate is right, on pictures that trained nothing: shares with Wilson's intervals, and n."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from trainer.errors import RadiographError
from trainer.gate.canvas import to_gate_canvas
from trainer.gate.card import rate
from trainer.gate.gate import Gate
from trainer.gate.kinds import CUT, KINDS, TURNED, TWO, WHOLE
from trainer.gate.making import hands, strangers
from trainer.gate.making.pictures import Pictures
from trainer.gate.making.wear import Film, Levels, Random, worn
from trainer.gate.verdict import GateVerdict
from trainer.radiograph import Radiograph, read

Rates = dict[str, dict[str, float]]

KEPT_SHARE: Final = 0.998  # of validation hands; the limit leaves some room to the 99.5 % that are promised
HIGHEST_LIMIT: Final = 0.2  # above it, validation loses hands and refuses hardly more
LEAST_SIDE_PX: Final = 64  # made films are enlarged to it, so that they are not refused for their size
DRAWN: Final = 300  # of each kind that the program makes
FULL_SIZE_PX: Final = 2000
FULL_SIZE_KINDS: Final = ("CXR", "ChestCT", "AbdomenCT", "HeadCT")


def limit_for(gate: Gate, validation: Pictures) -> float:
    """Return the score that keeps nearly all validation hands, real ones and phantoms alike; at most a fifth."""
    canvases = np.stack([to_gate_canvas(hand) for hand in (*validation.hands, *validation.phantoms)])
    scores = np.sort(gate.shares(canvases)[:, KINDS.index(WHOLE)])
    return float(min(HIGHEST_LIMIT, 0.999 * scores[int((1.0 - KEPT_SHARE) * len(scores))]))


def measure(gate: Gate, test: Pictures, *, originals: Sequence[Path], others: Sequence[Path], seed: int) -> Rates:
    """Return every figure of the card: what was kept of hands, and what was refused of the rest."""
    found = {**_hands_kept(gate, test, originals, seed=seed), **_collections_refused(gate, test, seed=seed)}
    found |= _full_size_refused(gate, test, others)
    found |= _drawn_refused(gate, test, seed=seed)
    return found


def _hands_kept(gate: Gate, test: Pictures, originals: Sequence[Path], *, seed: int) -> Rates:
    def laid(hand: Levels, rng: Random) -> Film:
        return hands.whole(hand, rng, turn_degrees=20.0)

    rows = {
        "kept: held-out 100-pixel radiographs": _verdicts(gate, test.radiographs),
        "kept: held-out MedNIST hands": _verdicts(gate, test.mednist_hands),
        "kept: both, turned up to 20°, mirrored, scaled, of other proportions": _verdicts(
            gate, _made(test.hands, laid, seed=seed)
        ),
        "kept: the same, with noise, blur, JPEG, shutters, markers, inverted": _verdicts(
            gate, _made(test.hands, lambda hand, rng: worn(laid(hand, rng), rng), seed=seed)
        ),
        "kept: held-out phantoms": _verdicts(gate, test.phantoms),
    }
    if originals:
        rows["kept: full-size originals"] = _of_files(gate, originals)
    return {name: _rate(verdicts, lambda verdict: verdict.kept) for name, verdicts in rows.items()}


def _collections_refused(gate: Gate, test: Pictures, *, seed: int) -> Rates:
    everything = [picture for found in test.strangers.values() for picture in found]
    rows = {f"refused: held-out MedNIST {name}": _verdicts(gate, found) for name, found in test.strangers.items()}
    rows["refused: held-out MedNIST, all that is no hand"] = _verdicts(gate, everything)
    rows["refused: the same, turned, scaled, with noise, blur, JPEG, inverted"] = _verdicts(
        gate, _made(everything, lambda picture, rng: worn(strangers.found(picture, rng), rng), seed=seed)
    )
    return {name: _refused(verdicts) for name, verdicts in rows.items()}


def _full_size_refused(gate: Gate, test: Pictures, others: Sequence[Path]) -> Rates:
    small = [picture for name in FULL_SIZE_KINDS for picture in test.strangers[name]]
    name = f"refused: chest, head and abdomen, enlarged to {FULL_SIZE_PX:,} pixels"
    found = {name: _refused(_verdicts(gate, (_enlarged(picture) for picture in small)))}
    if others:
        found["refused: other files that are no hands, as they are"] = _refused(_of_files(gate, others))
    return found


def _drawn_refused(gate: Gate, test: Pictures, *, seed: int) -> Rates:
    rng = np.random.default_rng([seed, 2026])
    found = {
        f"refused: drawn, {name}": _refused(_verdicts(gate, (worn(make(rng), rng) for _ in range(DRAWN))))
        for name, make in strangers.DRAWN.items()
    }
    pool = test.hands
    chosen = [pool[int(index)] for index in rng.integers(len(pool), size=DRAWN)]
    partners = [pool[int(index)] for index in rng.integers(len(pool), size=DRAWN)]
    found["refused: hands in shuffled pieces"] = _refused(
        _verdicts(gate, [strangers.shuffled(hand, rng) for hand in chosen])
    )
    both = zip(chosen, partners, strict=True)
    made = {
        TWO: _verdicts(gate, [hands.two(hand, hand if rng.random() < 0.7 else other, rng) for hand, other in both]),
        CUT: _verdicts(gate, [hands.cut(hand, rng) for hand in chosen]),
        TURNED: _verdicts(gate, [hands.turned(hand, rng) for hand in chosen]),
    }
    for kind, verdicts in made.items():
        found[f"refused: {kind}, made from held-out hands"] = _refused(verdicts)
        found[f"refused as {kind}"] = _rate(verdicts, lambda verdict, kind=kind: verdict.kind == kind)  # type: ignore[misc]
    exposures: dict[str, Callable[[Film], Film]] = {
        "exposed to a fiftieth": lambda film: film / np.float32(50.0),
        "exposed eightfold": lambda film: np.minimum(film * np.float32(8.0) + np.float32(0.1), np.float32(1.0)),
    }
    for name, change in exposures.items():
        changed = [change(hand.astype(np.float32) / np.float32(255.0)) for hand in chosen]
        found[f"refused: hands {name}"] = _refused(_verdicts(gate, changed))
    return found


def _made(pictures: Iterable[Levels], make: Callable[[Levels, Random], Film], *, seed: int) -> Iterator[Film]:
    rng = np.random.default_rng([seed, 1969])
    return (make(picture, rng) for picture in pictures)


def _verdicts(gate: Gate, pictures: Iterable[npt.NDArray[Any]]) -> list[GateVerdict]:
    return [gate.judge(_radiograph(picture)) for picture in pictures]


def _of_files(gate: Gate, paths: Sequence[Path]) -> list[GateVerdict]:
    """Return verdicts on files; one that is no radiograph to the reader gives no number, so it counts as refused."""
    verdicts = []
    for path in paths:
        try:
            verdicts.append(gate.judge(read(path)))
        except RadiographError as error:
            verdicts.append(GateVerdict(kept=False, reasons=(str(error),), score=None, kind=None, checks=()))
    return verdicts


def _radiograph(picture: npt.NDArray[Any]) -> Radiograph:
    scale = np.float32(255.0) if picture.dtype == np.uint8 else np.float32(1.0)
    pixels = np.asarray(picture, dtype=np.float32) / scale
    share = LEAST_SIDE_PX / min(pixels.shape)
    if share > 1:
        size = (round(pixels.shape[1] * share), round(pixels.shape[0] * share))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    return Radiograph(pixels=pixels, source=Path("made"))


def _enlarged(picture: Levels) -> Levels:
    share = FULL_SIZE_PX / max(picture.shape)
    size = (round(picture.shape[1] * share), round(picture.shape[0] * share))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _refused(verdicts: Sequence[GateVerdict]) -> dict[str, float]:
    return _rate(verdicts, lambda verdict: not verdict.kept)


def _rate(verdicts: Sequence[GateVerdict], right: Callable[[GateVerdict], bool]) -> dict[str, float]:
    return rate(sum(map(right, verdicts)), len(verdicts))
