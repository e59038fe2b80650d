"""Model file: what is handed on of trained networks: float16 weights, the card measured on them, the card as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from trainer.card import ModelCard
from trainer.card_text import as_text
from trainer.checkpoint import save_checkpoint
from trainer.errors import CheckpointError
from trainer.networks import AgeNetwork
from trainer.predictor import Predictor
from trainer.whole_file import write_whole


def round_weights(networks: Sequence[AgeNetwork]) -> None:
    """Round weights to float16, as the file will hold them, so that everything is measured on what is handed on."""
    for network in networks:
        state = network.state_dict()
        network.load_state_dict(
            {name: value.half().float() if value.is_floating_point() else value for name, value in state.items()}
        )


def write_model(path: Path, networks: Sequence[AgeNetwork], card: ModelCard) -> ModelCard:
    """Write rounded networks in evaluation mode and their card, with its self-test; beside it the card as text.

    The file is loaded again before it is trusted. Returns the card as written. Raises CheckpointError or DataError
    where the folder cannot be written to.
    """
    card = replace(card, self_test_months=Predictor(networks, card).self_test())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        card = save_checkpoint(path, networks, card, half=True)
    except OSError as error:
        raise CheckpointError(f"The model could not be written to {path}: {error.strerror}.") from error
    Predictor.load(path)
    write_whole(path.with_suffix(".md"), as_text(card) + "\n")
    return card
