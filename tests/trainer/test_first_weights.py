"""Where a training starts: from a model that is already there."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.trainer import small
from trainer.__main__ import main
from trainer.card import ModelCard, read_card
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


# -- what the first weights had learnt of the radiographs that judge the new model

Capture = pytest.CaptureFixture[str]


def _fit(data: Path, folder: Path, *options: str) -> int:
    tiny = [f"--{name.replace('_', '-')}={value}" for name, value in small.SMALL_CHOICES.items() if name != "epochs"]
    return main(["fit", str(data), "--run-dir", str(folder), "--model=baseline", "--epochs=1", *tiny, *options])


def _began(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = read_card(folder / "best.safetensors").data.get("first_weights", {})
    return found


def test_first_weights_of_the_same_split_have_seen_nothing(data_set: Path, tmp_path: Path, capsys: Capture) -> None:
    assert _fit(data_set, tmp_path / "a") == 0
    assert _began(tmp_path / "a") == {}
    assert _fit(data_set, tmp_path / "b", f"--initial-weights={tmp_path / 'a' / 'best.safetensors'}") == 0
    assert _fit(data_set, tmp_path / "c", f"--initial-weights={tmp_path / 'b' / 'best.safetensors'}") == 0
    assert (_began(tmp_path / "b")["seen"], _began(tmp_path / "c")["seen"]) == (0, 0)
    capsys.readouterr()
    assert main(["evaluate", str(tmp_path / "c")]) == 0
    assert "began from" not in capsys.readouterr().out


def test_first_weights_that_learnt_what_is_held_out_are_said_wherever_it_is_scored(
    data_set: Path, tmp_path: Path, capsys: Capture
) -> None:
    first, second, third = (tmp_path / name for name in "abc")
    assert _fit(data_set, first) == 0
    assert _fit(data_set, second, "--split-seed=1", f"--initial-weights={first / 'best.safetensors'}") == 0
    capsys.readouterr()
    with (first / "split.csv").open() as one, (second / "split.csv").open() as other:
        learnt = {row["id"] for row in csv.DictReader(one) if row["part"] == "training"}
        held_out = {row["id"] for row in csv.DictReader(other) if row["part"] != "training"}
    assert _began(second) == {
        "name": "baseline",
        "trained_on": f"32 radiographs of {data_set.name}",
        "seen": len(learnt & held_out),
    }
    said = f"was trained on {len(learnt & held_out)} of the radiographs held out here"
    assert main(["evaluate", str(second)]) == 0
    assert said in capsys.readouterr().out
    assert main(["compare", str(second), str(first)]) in (0, 1)
    assert _fit(data_set, second, "--split-seed=1", f"--initial-weights={first / 'best.safetensors'}") == 0  # goes on
    assert _fit(data_set, third, "--split-seed=1", f"--initial-weights={second / 'best.safetensors'}") == 0
    assert _began(third)["seen"] == len(learnt & held_out)  # what the first of all had learnt is learnt


def test_of_first_weights_from_elsewhere_it_is_said_that_nobody_knows(
    data_set: Path, tmp_path: Path, capsys: Capture
) -> None:
    path, _ = a_model(tmp_path, "baseline")
    assert _fit(data_set, tmp_path / "run", f"--initial-weights={path}") == 0
    assert "This training began from first, which was trained on radiographs that its card" in capsys.readouterr().out
    assert _began(tmp_path / "run")["seen"] is None
