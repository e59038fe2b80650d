"""Words of the form: what a field of TrainingConfig and its choices are called, and where it stands.

A field that is not named here appears all the same: under its own name, beyond the paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field
from typing import Any, Final

from trainer.augment import TRANSFORMS, Recipe

PAPER: Final = "The paper’s choices"
BEYOND: Final = "Beyond the paper"
PICTURE: Final = "How radiographs are seen"
COMPUTER: Final = "Seeds and computer"
GROUPS: Final = (PAPER, BEYOND, PICTURE, COMPUTER)  # in this order; the first is open

MODELS: Final[Mapping[str, tuple[str, str]]] = {
    "baseline": ("&Baseline", "The paper’s baseline: ResNet18 with one output, no augmentation"),
    "improved": ("&Improved", "The paper’s improved model: two layers with dropout at the end, all nine augmentations"),
    "improved-sex": ("Improved with se&x", "The improved network is told the child’s sex too; steady augmentation"),
}
_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "recipe": (PAPER, "Augmentation"),
    "initial_weights": (PAPER, "First weights"),
    "epochs": (PAPER, "Epochs"),
    "batch_size": (PAPER, "Batch size"),
    "learning_rate": (PAPER, "Learning rate"),
    "weight_decay": (PAPER, "Weight decay"),
    "optimizer": (PAPER, "Optimizer"),
    "loss": (PAPER, "Loss"),
    "backbone": (BEYOND, "Backbone"),
    "members": (BEYOND, "Ensemble size"),
    "averages_flip": (BEYOND, "Mirror image too"),
    "patience": (BEYOND, "Early stopping"),
    "schedule": (BEYOND, "Schedule"),
    "warmup_epochs": (BEYOND, "Warm-up"),
    "ema_decay": (BEYOND, "Average of weights"),
    "sex_hidden_share": (BEYOND, "Sex hidden from"),
    "age_balance": (BEYOND, "Balance of ages"),
    "progressive_from_px": (BEYOND, "Growing from"),
    "aspect": (PICTURE, "Shape"),
    "sampling": (PICTURE, "Scaling"),
    "normalisation": (PICTURE, "Grey levels"),
    "side_px": (PICTURE, "Canvas side"),
    "network_px": (PICTURE, "Network side"),
    "seed": (COMPUTER, "Seed"),
    "split_seed": (COMPUTER, "Seed of the split"),
    "device": (COMPUTER, "Device"),
    "precision": (COMPUTER, "Precision"),
    "workers": (COMPUTER, "Workers"),
    "checkpoint_every_s": (COMPUTER, "Saved every"),
    "tensorboard": (COMPUTER, "TensorBoard files"),
}
_VALUES: Final[Mapping[tuple[str, str], str]] = {
    ("recipe", "baseline"): "none (baseline)",
    ("recipe", "improved"): "improved (paper)",
    ("initial_weights", "none"): "random",
    ("initial_weights", "imagenet"): "ImageNet, by torchvision",
    ("optimizer", "adam"): "Adam (paper)",
    ("optimizer", "adamw"): "AdamW",
    ("loss", "mse"): "MSE (paper)",
    ("loss", "l1"): "L1",
    ("loss", "huber"): "Huber",
    ("schedule", "constant"): "constant (paper)",
    ("aspect", "pad"): "padded to a square",
    ("aspect", "squash"): "squashed to a square",
    ("sampling", "area"): "mean of the area",
    ("sampling", "nearest"): "nearest pixel",
    ("normalisation", "fixed"): "fixed (paper)",
    ("normalisation", "local"): "by their surroundings",
    ("precision", "auto"): "automatic",
}


def group_of(name: str) -> str:
    """The group in which a field stands."""
    return _FIELDS.get(name, (BEYOND, ""))[0]


def label_of(name: str) -> str:
    """What a field is called."""
    words = _FIELDS.get(name, ("", ""))[1] or name.removesuffix("_px").removesuffix("_s").replace("_", " ")
    return words[:1].upper() + words[1:]


def value_words(name: str, value: str) -> str:
    """What one of a field's choices is called."""
    return _VALUES.get((name, value), value)


def meaning_of(entry: Field[Any]) -> str:
    """What a field means and what it may be, in sentences."""
    meta = entry.metadata
    meaning = str(meta.get("meaning", "")) or label_of(entry.name)
    said = f"{meaning[:1].upper()}{meaning[1:]}."
    low, high, unit = meta.get("low"), meta.get("high"), meta.get("unit") or ""
    if low is not None and high is not None:
        said += f" From {low:g} to {high:,g}{' ' + unit if unit else ''}."
    return said


def shown(name: str, value: Any) -> str:
    """A value as the form writes it."""
    if isinstance(value, Recipe):
        return value_words(name, value.name)
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.10g}"
    return value_words(name, str(value))


def recipe_in_words(recipe: Recipe) -> str:
    """The steps of a recipe, one line each."""
    if not recipe.steps:
        return "Radiographs are trained on as they are."
    lines = []
    for step in recipe.steps:
        transform: Any = TRANSFORMS[step.transform]
        unit = transform[0] if isinstance(transform, tuple) else transform.unit
        sometimes = f", in {step.probability:.0%} of cases" if step.probability < 1 else ""
        lines.append(f"{step.transform.replace('_', ' ')}: {step.low:g} to {step.high:g}{unit}{sometimes}")
    return "\n".join(lines)
