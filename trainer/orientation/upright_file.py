"""The file of the finder of orientation: float16 weights and card in one safetensors file; nothing is pickled."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import torch

from trainer.card import HASH_KEY, METADATA_KEY, card_values, read_header, text_sha256
from trainer.checkpoint import read_tensors, tensors_sha256, write_tensors
from trainer.errors import CheckpointError
from trainer.orientation.card import UprightCard
from trainer.orientation.network import TurnNetwork


def save_upright(path: Path, network: TurnNetwork, card: UprightCard) -> UprightCard:
    """Write weights as float16 and the card; return the card as written, with their hash. OSError passes through."""
    tensors = {
        name: value.half() if value.is_floating_point() else value
        for name, value in ((name, value.detach().cpu().contiguous()) for name, value in network.state_dict().items())
    }
    whole = replace(card, weights_sha256=tensors_sha256(tensors))
    text = json.dumps(whole.to_json())
    write_tensors(path, tensors, {METADATA_KEY: text, HASH_KEY: text_sha256(text)})
    return whole


def load_upright(path: Path) -> tuple[TurnNetwork, UprightCard]:
    """Read the network (evaluation mode, float32) and its card, checking hash, names and shapes.

    Raises CheckpointError, one sentence, for a file that is missing, truncated, tampered with or foreign.
    """
    card = UprightCard.from_json(card_values(read_header(path), path))
    tensors, _ = read_tensors(path)
    if tensors_sha256(tensors) != card.weights_sha256:
        raise CheckpointError(f"The weights in {path.name} are not the ones its card describes; the file was changed.")
    if not all(bool(torch.isfinite(value).all()) for value in tensors.values()):
        raise CheckpointError(f"Some weights in {path.name} are not numbers; they are not used.")
    network = TurnNetwork()
    try:
        network.load_state_dict(tensors, strict=True)
    except RuntimeError as error:
        raise CheckpointError(f"The weights in {path.name} do not fit the network that finds orientation.") from error
    return network.eval(), card
