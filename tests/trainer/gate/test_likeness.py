"""Likeness: what a model knows is near, what it does not know is far, and the file is believed only whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import resources
from tests.trainer import small
from trainer.__main__ import main
from trainer.card import read_card
from trainer.cases import read_cases
from trainer.checkpoint import save_checkpoint
from trainer.errors import CheckpointError
from trainer.gate import Likeness
from trainer.gate.likeness import AXES, features_of
from trainer.split import split_cases

RNG = np.random.default_rng(12)
MIX = RNG.normal(size=(200, 200)) * np.linspace(0.01, 2.0, 200)[:, None]
KNOWN = RNG.normal(size=(3000, 200)) @ MIX + 5.0


@pytest.fixture(scope="module")
def likeness() -> Likeness:
    """A reference fitted to three thousand points."""
    return Likeness.fit(KNOWN, model_name="m", model_sha256="ab" * 32)


def test_known_points_lie_at_about_one_and_strange_ones_far(likeness: Likeness) -> None:
    fresh = RNG.normal(size=(500, 200)) @ MIX + 5.0
    known, new = likeness.distances(KNOWN), likeness.distances(fresh)
    assert np.median(known) == pytest.approx(1.0, abs=1e-6)
    assert np.median(new) == pytest.approx(np.median(known), rel=0.1)
    weakest = np.linalg.svd(MIX)[2][-1]  # no known point lies far along it, however far along others
    assert likeness.distances(KNOWN[:1] + 200.0 * weakest)[0] > 1.5 * known.max()


def test_the_main_axes_are_mahalanobis_own() -> None:
    """With fewer features than axes but one, the distance is the textbook's, from the whole covariance."""
    points = RNG.normal(size=(4000, AXES)) @ (np.eye(AXES) + 0.05 * RNG.normal(size=(AXES, AXES)))
    found = Likeness.fit(points, model_name="m", model_sha256="").distances(points[:50])
    off = points[:50] - points.mean(axis=0)
    wanted = np.sqrt(np.einsum("ni,ij,nj->n", off, np.linalg.inv(np.cov(points, rowvar=False)), off))
    found, wanted = found / np.median(found), wanted / np.median(wanted)
    np.testing.assert_allclose(found, wanted, rtol=0.01)


def test_a_caution_is_given_beyond_the_limit_alone(likeness: Likeness) -> None:
    limited = Likeness(replace(likeness.card, limit=1.4), likeness._tensors)
    assert limited.caution(1.4) is None
    sentence = limited.caution(2.345)
    assert sentence is not None
    assert sentence.startswith("This picture is unlike those the model was trained on")
    assert "2.35" in sentence
    assert "1.40" in sentence


def test_what_was_written_is_read_back_and_a_change_is_noticed(likeness: Likeness, tmp_path: Path) -> None:
    path = tmp_path / "likeness.safetensors"
    card = likeness.save(path, replace(likeness.card, limit=1.5))
    loaded = Likeness.load(path)
    assert loaded.card == card
    np.testing.assert_allclose(loaded.distances(KNOWN[:20]), likeness.distances(KNOWN[:20]), rtol=1e-6)
    data = bytearray(path.read_bytes())
    data[-3] ^= 0x10
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="it was changed"):
        Likeness.load(path)
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(CheckpointError):
        Likeness.load(path)


def test_a_gate_is_no_reference(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="of a format this program does not know"):
        Likeness.load(resources.gate_path())
    with pytest.raises(CheckpointError, match="cannot be opened"):
        Likeness.load(tmp_path / "none.safetensors")


@pytest.mark.usefixtures("small_backbone")
def test_features_do_not_depend_on_the_batch() -> None:
    (network,) = small.networks("improved", members=1)
    look = small.card().preprocessing
    canvases = [RNG.integers(0, 256, (32, 32)).astype(np.uint8) for _ in range(5)]
    together = features_of(network, canvases, look)
    assert together.shape == (5, 512)
    np.testing.assert_allclose(features_of(network, canvases, look, batch_size=2), together, atol=1e-5)


@pytest.mark.usefixtures("small_backbone")
def test_the_command_fits_a_model_on_its_own_training_alone(
    data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    split = split_cases(read_cases(data_set).cases, seed=3)
    model = tmp_path / "model.safetensors"
    card = save_checkpoint(
        model, small.networks(), small.card(data={"split_sha256": split.fingerprint, "split_seed": 3})
    )
    out = tmp_path / "likeness.safetensors"
    arguments = ["likeness", str(model), "--data", str(data_set), "--out", str(out)]
    pictures = data_set / "boneage-training-dataset"
    assert main([*arguments, "--measure", str(pictures)]) == 0
    assert "unlike from a distance" in capsys.readouterr().out
    found = Likeness.load(out).card
    assert (found.model_name, found.model_sha256) == ("small", card.weights_sha256)
    assert found.data["training"] == len(split.training)
    assert found.metrics["boneage-training-dataset"]["n"] == 40
    other = small.write_data_set(tmp_path / "other", count=30)
    assert main(["likeness", str(model), "--data", str(other), "--out", str(out)]) == 1
    assert "not known which of these radiographs small was trained on" in small.sentence(capsys)


@pytest.mark.parametrize("name", resources.model_names())
def test_every_shipped_model_has_its_reference(name: str) -> None:
    card = Likeness.load(resources.likeness_path(name)).card
    assert card.model_sha256 == read_card(resources.model_path(name)).weights_sha256
    assert resources.likeness_path(name).stat().st_size < 300_000
    held_out = card.metrics["held-out radiographs"]
    assert held_out["n"] == 1131
    assert held_out["share"] < 0.02


def test_a_reference_without_its_tensors_is_refused(tmp_path: Path, likeness: Likeness) -> None:
    path = tmp_path / "likeness.safetensors"
    Likeness(likeness.card, {**likeness._tensors}).save(path, replace(likeness.card, limit=1.0))
    partial = Likeness.load(path)
    partial._tensors = {"mean": torch.zeros(3)}
    partial.save(path, partial.card)
    with pytest.raises(CheckpointError, match="no reference of likeness"):
        Likeness.load(path)
