"""``boneage card [MODEL]``: what a model is, from its file's header."""

from __future__ import annotations

import argparse
import json

from trainer.card import read_card
from trainer.card_text import as_text
from trainer.commands.models import model_path


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("card", help="show a model's card")
    parser.add_argument("model", nargs="?", help="a shipped model's name, or a file (default: the default model)")
    parser.add_argument("--json", action="store_true", help="print the whole card as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the card."""
    card = read_card(model_path(options.model))
    print(json.dumps(card.to_json(), indent=1) if options.json else as_text(card))
    return 0
