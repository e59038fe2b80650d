"""Where a training starts: from a model that is already there."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from trainer.card import ModelCard
from trainer.checkpoint import load_first_weights, save_checkpoint
from trainer.config import ModelName, config_for
from trainer.errors import ConfigError
from trainer.networks import AgeNetwork, build
from trainer.preprocess import Preprocessing

pytestmark = pytest.mark.usefixtures("small_backbone")


def a_model(folder: Path, kind: ModelName) -> tuple[Path, AgeNetwork]:
    torch.manual_seed(0)
    network = build(kind).eval()
    card = ModelCard(
        name="first",
        architecture=kind,
        uses_sex=kind == "improved-sex",
        preprocessing=Preprocessing(side_px=32, network_px=32),
        label_mean_months=100.0,
        label_std_months=40.0,
    )
    save_checkpoint(folder / "first.safetensors", [network], card)
    return folder / "first.safetensors", network


def test_a_model_can_be_trained_on_from_where_it_is(tmp_path: Path) -> None:
    path, network = a_model(tmp_path, "improved-sex")
    again = build("improved-sex").eval()
    config = config_for("improved-sex", initial_weights=str(path))
    load_first_weights(again, config, mean_months=60.0, std_months=20.0)
    inputs, sexes = torch.randn(3, 1, 32, 32), torch.tensor([-1.0, 0.0, 1.0])
    with torch.inference_mode():  # the new data's label scale, the same months
        torch.testing.assert_close(again(inputs, sexes) * 20.0 + 60.0, network(inputs, sexes) * 40.0 + 100.0)


def test_of_a_model_of_another_kind_the_backbone_is_taken_over(tmp_path: Path) -> None:
    path, network = a_model(tmp_path, "improved-sex")
    other = build("improved")
    config = config_for("improved", initial_weights=str(path))
    load_first_weights(other, config, mean_months=60.0, std_months=20.0)
    for name, weights in other.backbone.state_dict().items():
        torch.testing.assert_close(weights, network.backbone.state_dict()[name])


def test_a_model_on_another_backbone_is_refused(tmp_path: Path) -> None:
    path, _ = a_model(tmp_path, "improved-sex")
    config = config_for("improved-sex", backbone="resnet34", initial_weights=str(path))
    with pytest.raises(ConfigError, match=r"first\.safetensors is on resnet18, not on resnet34\."):
        load_first_weights(build("improved-sex"), config, mean_months=60.0, std_months=20.0)
