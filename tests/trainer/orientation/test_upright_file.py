"""The file of the finder: whole, ours and unchanged, or a sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.trainer import small
from tests.trainer.orientation.knowing import network
from trainer.card import HASH_KEY, METADATA_KEY, text_sha256
from trainer.checkpoint import read_tensors, write_tensors
from trainer.errors import CheckpointError
from trainer.orientation import Upright, UprightCard
from trainer.orientation.upright_file import load_upright, save_upright


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A whole file with its self-test."""
    made = network()
    made.load_state_dict(
        {name: v.half().float() if v.is_floating_point() else v for name, v in made.state_dict().items()}
    )
    card = UprightCard(least_certainty=0.9, self_test_degrees=Upright(made, UprightCard(least_certainty=1)).self_test())
    save_upright(tmp_path / "upright.safetensors", made, card)
    return tmp_path / "upright.safetensors"


def test_what_is_written_is_read(file: Path) -> None:
    upright = Upright.load(file)
    assert upright.card.least_certainty == 0.9
    assert len(upright.card.weights_sha256) == 64
    assert upright.self_test() == pytest.approx(upright.card.self_test_degrees, abs=0.01)


def test_a_changed_weight_is_noticed(file: Path) -> None:
    tensors, metadata = read_tensors(file)
    tensors["layers.0.weight"] = tensors["layers.0.weight"] + 1
    write_tensors(file, tensors, metadata)
    with pytest.raises(CheckpointError, match="the file was changed"):
        Upright.load(file)


def test_weights_that_are_no_numbers_are_not_used(file: Path) -> None:
    broken = network()
    with torch.no_grad():
        broken.layers[0].weight[0, 0, 0, 0] = float("nan")  # type: ignore[operator]
    save_upright(file, broken, UprightCard(least_certainty=0.9))
    with pytest.raises(CheckpointError, match="not numbers"):
        Upright.load(file)


def test_a_self_test_that_fails_is_said(file: Path) -> None:
    made, card = load_upright(file)
    save_upright(file, made, replace(card, self_test_degrees=(card.self_test_degrees or 0) + 30))
    with pytest.raises(CheckpointError, match="fails its self-test"):
        Upright.load(file)


@pytest.mark.usefixtures("small_backbone")
def test_a_model_of_ages_is_not_taken_for_it(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="not that of"):
        Upright.load(small.write_model(tmp_path / "model.safetensors"))


@pytest.mark.parametrize(
    "change",
    [
        {"least_certainty": None},
        {"least_certainty": 0},
        {"least_certainty": "high"},
        {"metrics": {"test: certain": {"n": 1}}},
        {"metrics": []},
        {"self_test_degrees": "north"},
        {"data": 3},
    ],
)
def test_a_damaged_card_is_a_sentence(file: Path, change: dict[str, object]) -> None:
    tensors, metadata = read_tensors(file)
    text = json.dumps(json.loads(metadata[METADATA_KEY]) | change)
    write_tensors(file, tensors, {METADATA_KEY: text, HASH_KEY: text_sha256(text)})
    with pytest.raises(CheckpointError, match=r"is damaged.+\."):
        Upright.load(file)


@pytest.mark.parametrize("content", [b"", b"not a file of ours", b"\xff" * 64])
def test_a_foreign_file_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "upright.safetensors"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"\.$"):
        Upright.load(path)
    with pytest.raises(CheckpointError, match="cannot be opened"):
        Upright.load(tmp_path / "absent.safetensors")
