"""Where a training starts: from a model that is already there."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from trainer.card import ModelCard
from trainer.checkpoint import load_first_weights, save_checkpoint
from trainer.config import config_for
from trainer.errors import ConfigError
from trainer.networks import build
from trainer.preprocess import Preprocessing

pytestmark = pytest.mark.usefixtures("small_backbone")


def test_a_model_can_be_trained_on_from_where_it_is(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = build("improved-sex").eval()
    card = ModelCard(
        name="first",
        architecture="improved-sex",
        uses_sex=True,
        preprocessing=Preprocessing(side_px=32, network_px=32),
        label_mean_months=100.0,
        label_std_months=40.0,
    )
    path = tmp_path / "first.safetensors"
    save_checkpoint(path, [network], card)
    again = build("improved-sex").eval()
    config = config_for("improved-sex", initial_weights=str(path))
    load_first_weights(again, config, mean_months=60.0, std_months=20.0)
    inputs, sexes = torch.randn(3, 1, 32, 32), torch.tensor([-1.0, 0.0, 1.0])
    with torch.inference_mode():  # the new data's label scale, the same months
        torch.testing.assert_close(again(inputs, sexes) * 20.0 + 60.0, network(inputs, sexes) * 40.0 + 100.0)
    other = config_for("improved", initial_weights=str(path))
    with pytest.raises(ConfigError, match=r"initial_weights: first\.safetensors is of kind improved-sex"):
        load_first_weights(build("improved"), other, mean_months=60.0, std_months=20.0)
