"""``boneage card [MODEL]``: what a model is, from its file's header."""

from __future__ import annotations

import argparse
import json

from trainer.card import ModelCard, read_card
from trainer.commands.evaluate import lines
from trainer.commands.models import model_path
from trainer.errors import printable


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


def as_text(card: ModelCard) -> str:
    """Return a card as a page of plain text (Markdown)."""
    look = card.preprocessing
    page = [
        f"# {card.name}",
        "",
        card.intended_use,
        "",
        f"- {card.training_line()}",
        f"- {card.accuracy_line()}",
        f"- Network: {card.architecture} (ResNet18), members: {card.members}, sex as input: "
        f"{'yes' if card.uses_sex else 'no'}",
        f"- Looks at: {look.aspect}, {look.sampling}, canvas {look.side_px} px, network {look.network_px} px; averages "
        f"{card.shifts_per_side**2} sampling shift(s){' and the mirror image' if card.averages_flip else ''}",
        f"- Ages of training: {card.age_low_months:.0f} to {card.age_high_months:.0f} months",
        *(
            f"- {card.coverage:.0%} interval ({name}): {quantiles['q05']:+.1f} to {quantiles['q95']:+.1f} months, from "
            f"{quantiles.get('n', 0):.0f} validation cases"
            for name, quantiles in card.residual_quantiles.items()
        ),
        *(f"- {note}" for note in card.notes),
        f"- Weights SHA-256 {card.weights_sha256}",
        f"- Split of the data SHA-256 {card.data.get('split_sha256', 'not recorded')}",
    ]
    for name, score in card.metrics.items():
        page += ["", f"## {name}", "", "```", *lines(score), "```"]
    return "\n".join(printable(line) for line in page)
