"""The gate's file: whole or refused; nothing in it is believed that was changed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import resources
from tests.trainer import small
from trainer.checkpoint import load_checkpoint
from trainer.errors import CheckpointError
from trainer.gate import Gate
from trainer.gate.card import GateCard
from trainer.gate.gate_file import load_gate, read_gate_card, save_gate
from trainer.gate.network import GateNetwork


@pytest.fixture
def gate_file(tmp_path: Path) -> Path:
    """A gate that learnt nothing."""
    torch.manual_seed(3)
    path = tmp_path / "gate.safetensors"
    save_gate(path, GateNetwork(), GateCard(least_score=0.5, notes=("a note",)))
    return path


def test_what_was_written_is_read_back(gate_file: Path) -> None:
    network, card = load_gate(gate_file)
    assert not network.training
    assert card == read_gate_card(gate_file)
    assert (card.least_score, card.notes, len(card.weights_sha256)) == (0.5, ("a note",), 64)
    again = save_gate(gate_file.with_name("b.safetensors"), network, card)
    assert again.weights_sha256 == card.weights_sha256


def test_one_changed_weight_is_noticed(gate_file: Path) -> None:
    data = bytearray(gate_file.read_bytes())
    data[-5] ^= 0x01
    gate_file.write_bytes(data)
    with pytest.raises(CheckpointError, match="the file was changed"):
        Gate.load(gate_file)


def test_a_limit_changed_in_the_card_is_noticed(gate_file: Path) -> None:
    data = gate_file.read_bytes()
    changed = data.replace(b'\\"least_score\\": 0.5', b'\\"least_score\\": 0.1')
    assert changed != data
    gate_file.write_bytes(changed)
    with pytest.raises(CheckpointError, match="not the one it was written with"):
        Gate.load(gate_file)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999])
def test_a_file_that_is_not_whole_is_refused(gate_file: Path, share: float) -> None:
    data = gate_file.read_bytes()
    gate_file.write_bytes(data[: int(share * len(data))])
    with pytest.raises(CheckpointError):
        Gate.load(gate_file)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"gate\.safetensors cannot be opened"):
        Gate.load(tmp_path / "gate.safetensors")


@pytest.mark.usefixtures("small_backbone")
def test_a_bone_age_model_is_no_gate_and_a_gate_no_model(gate_file: Path, tmp_path: Path) -> None:
    model = small.write_model(tmp_path / "model.safetensors")
    with pytest.raises(CheckpointError, match="of a format this program does not know"):
        Gate.load(model)
    with pytest.raises(CheckpointError, match="of a format this program does not know"):
        load_checkpoint(gate_file)


def test_weights_of_another_network_and_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "gate.safetensors"
    network = GateNetwork()
    network.head = torch.nn.Sequential(torch.nn.Dropout(), torch.nn.Linear(4 * 96, 2))
    save_gate(path, network, GateCard(least_score=0.5))
    with pytest.raises(CheckpointError, match="do not fit the gate's network"):
        Gate.load(path)
    network = GateNetwork()
    with torch.no_grad():
        next(network.parameters()).fill_(float("nan"))
    save_gate(path, network, GateCard(least_score=0.5))
    with pytest.raises(CheckpointError, match="are not numbers"):
        Gate.load(path)


def test_a_gate_that_answers_otherwise_than_its_card_says_is_not_used(gate_file: Path) -> None:
    network, card = load_gate(gate_file)
    right = Gate(network, card).self_test()
    save_gate(gate_file, network, replace(card, self_test_score=right))
    Gate.load(gate_file)
    save_gate(gate_file, network, replace(card, self_test_score=right + 0.1))
    with pytest.raises(CheckpointError, match="fails its self-test"):
        Gate.load(gate_file)


@pytest.mark.parametrize(
    "change",
    [{"least_score": 2.0}, {"least_score": "x"}, {"kinds": ["a"]}, {"metrics": {"a": {"n": 1}}}, {"format": "other"}],
)
def test_a_card_with_a_wrong_part_is_refused(change: dict[str, object]) -> None:
    values = {**GateCard(least_score=0.5).to_json(), **change}
    with pytest.raises(CheckpointError):
        GateCard.from_json(values)


def test_the_gate_stands_in_no_list_of_models(tmp_path: Path) -> None:
    assert resources.gate_path().is_file()
    assert not any("gate" in name or "likeness" in name for name in resources.model_names())
    assert resources.gate_path().parent != resources.model_path("improved").parent
    shutil.copy(resources.gate_path(), tmp_path)  # it needs nothing beside it
    Gate.load(tmp_path / resources.gate_path().name)
