"""The gate's file: weights and card in one safetensors file, as models are kept: hashed, strict, nothing pickled."""

from __future__ import annotations

from pathlib import Path

from trainer.card import card_values, read_header
from trainer.checkpoint import load_network, save_network
from trainer.gate.card import GateCard
from trainer.gate.network import GateNetwork


def read_gate_card(path: Path) -> GateCard:
    """Read the card from the file's header, without touching the weights. Raises CheckpointError."""
    return GateCard.from_json(card_values(read_header(path), path))


def save_gate(path: Path, network: GateNetwork, card: GateCard) -> GateCard:
    """Write weights as float16 and the card; return the card as written, with their hash. OSError passes through."""
    return save_network(path, network, card)


def load_gate(path: Path) -> tuple[GateNetwork, GateCard]:
    """Read the network (evaluation mode, float32) and its card, checking hash, names and shapes.

    Raises CheckpointError, one sentence, for a file that is missing, truncated, tampered with or foreign.
    """
    card = read_gate_card(path)
    return load_network(path, GateNetwork(), card.weights_sha256, named="the gate's network"), card
