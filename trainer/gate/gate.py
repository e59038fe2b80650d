"""Gate: a radiograph in, a verdict out; asked before a model is."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from trainer.errors import CheckpointError
from trainer.gate.canvas import SIDE_PX, GateCanvas, to_gate_canvas
from trainer.gate.card import GateCard
from trainer.gate.checks import exposure_checks, refusals, shape_checks
from trainer.gate.gate_file import load_gate
from trainer.gate.kinds import KINDS, SENTENCES, STRANGER, WHOLE
from trainer.gate.network import GateNetwork
from trainer.gate.verdict import GateVerdict
from trainer.radiograph import Radiograph

SELF_TEST_TOLERANCE: Final = 0.01


class Gate:
    """The gate's network and its card, ready to judge."""

    def __init__(self, network: GateNetwork, card: GateCard) -> None:
        """Hold a network that is in evaluation mode."""
        self.card = card
        self._network = network

    @classmethod
    def load(cls, path: Path) -> Gate:
        """Load the gate's file: hash, strict load, self-test. Raises CheckpointError."""
        network, card = load_gate(path)
        gate = cls(network, card)
        if card.self_test_score is not None:
            answer = gate.self_test()
            if not math.isfinite(answer) or abs(answer - card.self_test_score) > SELF_TEST_TOLERANCE:
                raise CheckpointError(
                    f"{path.name} fails its self-test on this computer: it answers {answer:.3f} where "
                    f"{card.self_test_score:.3f} is right. It is not used."
                )
        return gate

    def judge(self, radiograph: Radiograph) -> GateVerdict:
        """Say whether an age may be read from a radiograph; some 5 ms on one core, whatever its size."""
        checks = shape_checks(radiograph)
        nothing_to_see = refusals(checks)
        if nothing_to_see:
            return GateVerdict(kept=False, reasons=nothing_to_see, score=None, kind=None, checks=checks)
        checks = (*checks, *exposure_checks(radiograph))
        shares = self.shares(to_gate_canvas(radiograph.pixels)[None])[0]
        score = float(shares[KINDS.index(WHOLE)])
        badly_exposed = refusals(checks)
        if score >= self.card.least_score:
            return GateVerdict(kept=not badly_exposed, reasons=badly_exposed, score=score, kind=WHOLE, checks=checks)
        kind = _likeliest_fault(shares)
        return GateVerdict(kept=False, reasons=(SENTENCES[kind], *badly_exposed), score=score, kind=kind, checks=checks)

    def shares(self, canvases: npt.NDArray[np.float32], *, batch_size: int = 256) -> npt.NDArray[np.float64]:
        """Return how much each canvas [n, 64, 64] is taken for each kind: float64[n, kinds], rows sum to 1."""
        answers = []
        for start in range(0, len(canvases), batch_size):
            part = torch.from_numpy(canvases[start : start + batch_size])[:, None]
            with torch.inference_mode():
                answers.append(torch.softmax(self._network(part).double(), dim=1).numpy())
        return np.concatenate(answers)

    def self_test(self) -> float:
        """Answer for a fixed pattern: its share of one whole hand and half that of no hand; the card holds it."""
        rows, columns = np.mgrid[:SIDE_PX, :SIDE_PX]
        pattern: GateCanvas = (((rows * 3 + columns * 5 + (rows * columns) // SIDE_PX) % 64) / 63).astype(np.float32)
        shares = self.shares(pattern[None])[0]
        return float(shares[KINDS.index(WHOLE)] + 0.5 * shares[KINDS.index(STRANGER)])


def _likeliest_fault(shares: npt.NDArray[np.float64]) -> str:
    faults = [kind for kind in KINDS if kind != WHOLE]
    return max(faults, key=lambda kind: float(shares[KINDS.index(kind)]))
