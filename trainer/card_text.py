"""Card text: a model's card and scores in words and plain tables, for the terminal, a file and the window."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import fields
from pathlib import PureWindowsPath
from typing import Any, Final

from trainer.augment import RECIPES, Recipe
from trainer.card import ModelCard
from trainer.config import OF_THE_MACHINE, TrainingConfig, config_for, config_from_json
from trainer.counted import OF_ONE, counted
from trainer.errors import ConfigError, printable
from trainer.intervals import coverage_lines

# The one figure of accuracy that the paper gives: of its two models, by a paired bootstrap.
PAPERS_FIGURE: Final = "improved minus baseline, -3.243 months MAE, 95 % interval [-3.857, -2.386]"
WITHIN_MONTHS: Final = (6, 12, 24)
PAPERS_MODELS: Final = ("baseline", "improved")


def as_text(card: ModelCard) -> str:
    """Return a card as a page of plain text (Markdown)."""
    page = [f"# {card.name}", "", card.intended_use, "", *(f"- {fact}" for fact in facts(card))]
    for name, score in card.metrics.items():
        page += ["", f"## {name}", "", "```", *score_lines(score), "```"]
    return "\n".join(printable(line) for line in page)


def facts(card: ModelCard) -> list[str]:
    """Return what a card says beside its scores, a line each: data, accuracy, network, training, hashes."""
    look = card.preprocessing
    return [
        card.training_line(),
        card.accuracy_line(),
        *([f"The paper’s own figure: {PAPERS_FIGURE}"] if card.architecture in PAPERS_MODELS else []),
        f"Network: {card.architecture} ({card.backbone}), members: {card.members}, sex as input: "
        f"{'yes' if card.uses_sex else 'no'}",
        f"Looks at: {look.aspect}, {look.sampling}, canvas {look.side_px} px, network {look.network_px} px; "
        f"{_averaged(card)}",
        f"Ages of training: {card.age_low_months:.0f} to {card.age_high_months:.0f} months",
        *coverage_lines(card.residual_quantiles, card.coverage),
        *card.notes,
        *_training_lines(card),
        f"Weights SHA-256 {card.weights_sha256}",
        f"Split of the data SHA-256 {card.data.get('split_sha256', 'not recorded')}",
    ]


def _averaged(card: ModelCard) -> str:
    shifts = f"{card.shifts_per_side**2} sampling shifts" if card.shifts_per_side > 1 else ""
    if card.averages_flip:
        return f"averages over {shifts}, every other one mirrored" if shifts else "averages over the mirror image too"
    return f"averages over {shifts}" if shifts else "a single look"


def _training_lines(card: ModelCard) -> list[str]:
    """Say the seeds and the command of a training; nothing for a card that does not tell its choices."""
    try:
        config = config_from_json(json.dumps(card.config))
    except ConfigError:  # of a later program, say
        return []
    several = f" (the first of {card.members} networks)" if card.members > config.members else ""
    return [
        f"Training{several}: seed {config.seed}, split seed {config.split_seed}, {counted(config.epochs, 'epoch')}",
        f"Command{several}: {command_of(config)}",
    ]


def command_of(config: TrainingConfig) -> str:
    """Return the command of a training, with every choice that is not its model's default.

    A file is named without its folder, and what belongs to the machine is left out: neither says anything elsewhere.
    """
    preset = config_for(config.model)
    words = ["boneage", "fit", "DATA", "--run-dir", "DIR", "--model", config.model]
    for name in (entry.name for entry in fields(config) if entry.name not in OF_THE_MACHINE):
        value = getattr(config, name)
        if value != getattr(preset, name):
            words += _option(name, value)
    return shlex.join(words)


def _option(name: str, value: Any) -> list[str]:
    option = name.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{option}" if value else f"--no-{option}"]
    if isinstance(value, Recipe):
        return [f"--{option}", value.name if RECIPES.get(value.name) == value else f"{value.name}.json"]
    if name == "initial_weights":
        value = PureWindowsPath(value).name  # which knows the separators of every system
    return [f"--{option}", str(value)]


def score_lines(score: Mapping[str, Any]) -> list[str]:
    """Return a score, as ``metrics.score_in_full`` gives it, as lines for a terminal."""
    rows = [("all", score), *score["by_sex"].items(), *score["by_age"].items()]
    written = [f"{'':<10}{'n':>6}{'MAE':>8}  {'95 % interval':<16}{'RMSE':>7}{'bias':>8}"]
    written[0] += "".join(f"{f'<={months} m':>8}" for months in WITHIN_MONTHS)
    for name, row in rows:
        interval = f"{row['mae_low']:.2f} to {row['mae_high']:.2f}" if row["n"] > 1 else OF_ONE
        written.append(
            f"{name:<10}{row['n']:>6}{row['mae_months']:>8.2f}  {interval:<16}{row['rmse_months']:>7.2f}"
            f"{row['bias_months']:>8.2f}" + "".join(f"{share:>8}" for share in shares_within(row))
        )
    return [*written, score_remark(score)]


def shares_within(row: Mapping[str, Any]) -> list[str]:
    """Return the shares of ages read within 6, 12 and 24 months; a dash where an older card does not tell one."""
    shares = (row.get(f"within_{months}") for months in WITHIN_MONTHS)
    return ["–" if share is None else f"{share:.0%}" for share in shares]


def score_remark(score: Mapping[str, Any]) -> str:
    """Say what stands under a table of scores: unit, how the interval held, the order of ages, what was not read."""
    remark = "Months."
    if score.get("interval_covered") is not None:
        remark += f" The 90 % interval held {score['interval_covered']:.1%} of the labelled ages."
    if score.get("spearman") is not None:
        remark += f" Rank correlation with age (Spearman): {score['spearman']:.3f}."
    if score.get("unreadable"):
        remark += f" Not read and not counted: {score['unreadable']:,}."
    return remark
