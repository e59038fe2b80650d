"""Shipping: from a trained network to the gate's file and its card, everything measured on the weights as stored."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch

from trainer.errors import CheckpointError
from trainer.gate.card import GateCard
from trainer.gate.gate import Gate
from trainer.gate.gate_file import save_gate
from trainer.gate.making.measuring import limit_for, measure
from trainer.gate.making.pictures import Pictures
from trainer.gate.making.training import GateTraining
from trainer.gate.network import GateNetwork
from trainer.split import PARTS, Part
from trainer.whole_file import write_whole

NOTES: Final = (
    "Learnt from the 100-pixel copies of the RSNA Pediatric Bone Age radiographs (research and education only), "
    "MedNIST (B. J. Erickson, CC BY-SA 4.0), phantoms and pictures that the program draws.",
    "MedNIST's hands are the RSNA radiographs again: each went to the part of the radiograph it is most like, and "
    "those most like one of the full-size originals trained nothing.",
    "No full-size radiograph of another part of the body was at hand: chest, head and abdomen are MedNIST's 64 pixels, "
    "enlarged. Feet, elbows, knees and adult hands have not been measured: a foot may be taken for a hand.",
    "Slices of MedNIST's CT and MRI have no patient; blocks of 50 files in a row stay in one part, so a patient at the "
    "edge of a block may be in two.",
    "The limit is at most 0.2: at a half, one of the 20 originals (a small hand in a corner, score 0.28) was refused. "
    "So the originals chose that bound, and their figure is not a test of it.",
    "“Part of a hand” means a third or more of it gone; a missing fingertip is not noticed.",
)


def write_gate(
    path: Path,
    network: GateNetwork,
    pictures: Mapping[Part, Pictures],
    choices: GateTraining,
    *,
    originals: Sequence[Path],
    others: Sequence[Path],
) -> GateCard:
    """Round the weights to float16, choose the limit on validation, measure on test, write; beside it the card as text.

    The file is loaded again before it is trusted. Raises CheckpointError or DataError where it cannot be written.
    """
    _round(network)
    plain = GateCard(
        least_score=0.5,
        data={"counts": {part: pictures[part].counts() for part in PARTS}},
        training=choices.to_json(),
        notes=NOTES,
        versions={"python": platform.python_version(), "torch": str(torch.__version__)},
    )
    gate = Gate(network, plain)
    gate.card = replace(plain, least_score=limit_for(gate, pictures["validation"]), self_test_score=gate.self_test())
    metrics = measure(gate, pictures["test"], originals=originals, others=others, seed=choices.seed)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        card = save_gate(path, network, replace(gate.card, metrics=metrics))
    except OSError as error:
        raise CheckpointError(f"The gate could not be written to {path}: {error.strerror}.") from error
    Gate.load(path)
    write_whole(path.with_suffix(".md"), card.as_text())
    return card


def _round(network: GateNetwork) -> None:
    state = network.state_dict()
    network.load_state_dict(
        {name: value.half().float() if value.is_floating_point() else value for name, value in state.items()}
    )
