"""Small stand-ins for tests of the trainer: a backbone, a data set, a model, a run."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from tests.factories import hand
from trainer.canvases import CanvasCache, cache_canvases
from trainer.card import ModelCard
from trainer.cases import Case, read_cases
from trainer.checkpoint import save_checkpoint
from trainer.config import TrainingConfig, config_for
from trainer.networks import AgeNetwork, build
from trainer.predictor import Predictor
from trainer.preprocess import Preprocessing
from trainer.run import Run
from trainer.split import Split, split_cases

SIDE_PX = 32
SMALL_CHOICES: dict[str, Any] = {
    "side_px": SIDE_PX,
    "network_px": SIDE_PX,
    "epochs": 3,
    "batch_size": 8,
    "precision": "float32",
    "device": "cpu",
}


class Backbone(nn.Sequential):
    """Convolutions and normalisation in the place of ResNet18: 512 features, and a last layer named fc."""

    def __init__(self) -> None:
        """Make random weights."""
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 5, stride=2, padding=2)
        self.norm1 = nn.BatchNorm2d(8)
        self.rise1 = nn.ReLU()
        self.conv2 = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.norm2 = nn.BatchNorm2d(16)
        self.rise2 = nn.ReLU()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flat = nn.Flatten()
        self.wide = nn.Linear(16, 512)
        self.fc: nn.Module = nn.Linear(512, 1000)


def backbone(weights: object = None) -> Backbone:
    """Stand in for ``torchvision.models.resnet18``."""
    assert weights is None
    return Backbone()


def write_data_set(folder: Path, *, count: int, height: int = 96, width: int = 72) -> Path:
    """Write a data set in the RSNA layout; the pictures are the brighter the older. Returns the folder."""
    pictures = folder / "boneage-training-dataset"
    pictures.mkdir(parents=True)
    rng = np.random.default_rng(3)
    with (folder / "boneage-training-dataset.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("id", "boneage", "male"))
        for index in range(count):
            months = 12 + round(204 * (index + 0.5) / count)
            picture = hand(height, width) * (0.3 + 0.7 * months / 228) + rng.normal(0, 2, (height, width))
            Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(pictures / f"{1000 + index}.png")
            table.writerow((1000 + index, months, index % 2 == 0))
    return folder


def card(architecture: str = "improved-sex", **changes: Any) -> ModelCard:
    """Return a card for small models."""
    plain = ModelCard(
        name="small",
        architecture=architecture,
        uses_sex=architecture == "improved-sex",
        preprocessing=Preprocessing(side_px=SIDE_PX, network_px=SIDE_PX),
        label_mean_months=110.0,
        label_std_months=40.0,
        residual_quantiles={
            "all": {"q05": -20.0, "q95": 30.0, "n": 40.0},
            "sex not given": {"q05": -25.0, "q95": 35.0, "n": 40.0},
        },
    )
    return replace(plain, **changes)


def networks(architecture: str = "improved-sex", *, members: int = 2, backbone: str = "resnet18") -> list[AgeNetwork]:
    """Return networks with random weights, the same every time, whose answers spread over some months."""
    torch.manual_seed(11)
    built = [build(architecture, backbone) for _ in range(members)]
    for network in built:
        last = network.head[-1] if isinstance(network.head, nn.Sequential) else network.head
        with torch.no_grad():
            last.weight.mul_(10.0)  # type: ignore[operator]
    return [network.eval() for network in built]


def write_model(path: Path, architecture: str = "improved-sex", *, members: int = 2, **changes: Any) -> Path:
    """Write a model file, with its self-test."""
    look = card(architecture, **changes)
    built = networks(architecture, members=members, backbone=look.backbone)
    save_checkpoint(path, built, replace(look, self_test_months=Predictor(built, look).self_test()))
    return path


def config(model: str = "improved", **choices: Any) -> TrainingConfig:
    """Return a config for a few pictures of 32 pixels."""
    return config_for(model, **{**SMALL_CHOICES, **choices})


def begin(folder: Path, data: Path, config: TrainingConfig) -> tuple[Run, CanvasCache, CanvasCache]:
    """Begin a run, or find it; return it with the canvases of training and validation."""
    table = read_cases(data)
    run = Run(folder)
    split: Split = run.split(table.cases) if run.exists else split_cases(table.cases, seed=config.split_seed)
    if not run.exists:
        run.begin(config, split, table.dropped)
    return run, canvases(split.training, config), canvases(split.validation, config)


def canvases(cases: Sequence[Case], config: TrainingConfig) -> CanvasCache:
    """Return the canvases of cases."""
    return cache_canvases(cases, config.preprocessing)


def sentence(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one sentence on standard error of a command that failed."""
    captured = capsys.readouterr()
    lines = [line for line in captured.err.splitlines() if not line.startswith("  read ")]
    assert len(lines) == 1, captured.err
    assert lines[0].startswith("boneage: ")
    assert lines[0].endswith(".")
    assert lines[0].isprintable()
    return lines[0]
