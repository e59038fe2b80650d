"""The file of the finder of orientation: float16 weights and card in one safetensors file; nothing is pickled."""

from __future__ import annotations

from pathlib import Path

from trainer.card import card_values, read_header
from trainer.checkpoint import load_network, save_network
from trainer.orientation.card import UprightCard
from trainer.orientation.network import TurnNetwork


def save_upright(path: Path, network: TurnNetwork, card: UprightCard) -> UprightCard:
    """Write weights as float16 and the card; return the card as written, with their hash. OSError passes through."""
    return save_network(path, network, card)


def load_upright(path: Path) -> tuple[TurnNetwork, UprightCard]:
    """Read the network (evaluation mode, float32) and its card, checking hash, names and shapes.

    Raises CheckpointError, one sentence, for a file that is missing, truncated, tampered with or foreign.
    """
    card = UprightCard.from_json(card_values(read_header(path), path))
    named = "the network that finds orientation"
    return load_network(path, TurnNetwork(), card.weights_sha256, named=named), card
