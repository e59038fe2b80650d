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
from trainer.card import likeness_beside, read_card
from trainer.cases import read_cases
from trainer.checkpoint import save_checkpoint
from trainer.errors import CheckpointError
from trainer.gate import Likeness
from trainer.gate.likeness import AXES, KNOWN_SHARE, LEAST_KNOWN
from trainer.gate.traits import features_of, traits_of
from trainer.networks import FEATURES, build
from trainer.preprocess import to_input
from trainer.split import split_cases

RNG = np.random.default_rng(12)
MIX = RNG.normal(size=(200, 200)) * np.linspace(0.01, 2.0, 200)[:, None]
KNOWN = RNG.normal(size=(3000, 200)) @ MIX + 5.0
ASIDE = MIX[-1] * 4.0  # where drawn hands lie from known radiographs: well within how far those reach
DRAWN = RNG.normal(size=(150, 200)) @ (MIX * 0.2) + 5.0 + ASIDE


@pytest.fixture(scope="module")
def likeness() -> Likeness:
    """A reference fitted to three thousand points."""
    return Likeness.fit(KNOWN, DRAWN, model_name="m", model_sha256="ab" * 32)


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
    found = Likeness.fit(points, points[:30], model_name="m", model_sha256="").distances(points[:50])
    off = points[:50] - points.mean(axis=0)
    wanted = np.sqrt(np.einsum("ni,ij,nj->n", off, np.linalg.inv(np.cov(points, rowvar=False)), off))
    found, wanted = found / np.median(found), wanted / np.median(wanted)
    np.testing.assert_allclose(found, wanted, rtol=0.01)


def test_a_caution_is_given_beyond_the_limits_alone(likeness: Likeness) -> None:
    row = KNOWN[:1]
    distance, leaning = likeness.distances(row)[0], likeness.leanings(row)[0]
    at = likeness.with_card(replace(likeness.card, limit=distance, drawn_limit=leaning))
    assert at.cautions(row) == []
    assert not at.unlike(row)[0]
    (far,) = likeness.with_card(replace(likeness.card, limit=distance - 0.1)).cautions(row)
    assert far.startswith("This picture is unlike those the model was trained on")
    assert f"{distance:.2f}" in far
    assert f"{distance - 0.1:.2f}" in far
    aside = likeness.with_card(replace(likeness.card, drawn_limit=leaning - 0.1))
    (drawn,) = aside.cautions(row)
    assert drawn.startswith("This looks like a drawn hand")
    assert aside.unlike(row)[0]


def test_drawn_hands_are_seen_where_the_distance_takes_them_for_known_ones(likeness: Likeness) -> None:
    others = RNG.normal(size=(200, 200)) @ (MIX * 0.2) + 5.0 + ASIDE
    fresh = RNG.normal(size=(2000, 200)) @ MIX + 5.0
    limited = likeness.limited_by(fresh, others[:50])
    assert (limited.distances(others) > limited.card.limit).mean() < 0.05
    assert limited.unlike(others).mean() > 0.9
    new = RNG.normal(size=(2000, 200)) @ MIX + 5.0
    assert limited.unlike(new).mean() < 4 * (1 - KNOWN_SHARE)
    assert np.std(likeness.leanings(KNOWN)) == pytest.approx(1.0)


def test_the_limit_of_drawn_hands_rises_where_they_lie_far_and_never_falls_below_what_is_known(
    likeness: Likeness,
) -> None:
    fresh = RNG.normal(size=(2000, 200)) @ MIX + 5.0
    known = float(np.quantile(likeness.leanings(fresh), KNOWN_SHARE))
    far = likeness.limited_by(fresh, DRAWN + 3 * ASIDE).card.drawn_limit
    assert far == pytest.approx(float(np.quantile(likeness.leanings(DRAWN + 3 * ASIDE), 0.05)))
    assert far > known
    assert likeness.limited_by(fresh, KNOWN[:100]).card.drawn_limit == known


def test_few_radiographs_set_no_limit_and_another_networks_traits_are_refused(likeness: Likeness) -> None:
    with pytest.raises(CheckpointError, match=f"from {LEAST_KNOWN - 1} validation radiographs"):
        likeness.limited_by(KNOWN[: LEAST_KNOWN - 1], DRAWN)
    with pytest.raises(CheckpointError, match="belongs to another network"):
        likeness.cautions(KNOWN[:1, :-1])


def test_what_was_written_is_read_back_and_a_change_is_noticed(likeness: Likeness, tmp_path: Path) -> None:
    path = tmp_path / "likeness.safetensors"
    card = likeness.save(path, replace(likeness.card, limit=1.5, drawn_limit=3.0))
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
    traits = traits_of(network, canvases, look)
    np.testing.assert_allclose(traits_of(network, canvases, look, batch_size=2), traits, atol=1e-5)
    np.testing.assert_allclose(traits[:, -512:], together, atol=1e-5)


@pytest.mark.usefixtures("small_backbone")
def test_traits_begin_with_mean_and_spread_of_the_last_stage_of_each_early_side() -> None:
    (network,) = small.networks("improved", members=1)
    look = small.card().preprocessing
    canvas = RNG.integers(0, 256, (32, 32)).astype(np.uint8)
    body = network.backbone
    with torch.inference_mode():
        answer = torch.from_numpy(to_input(canvas, look))[None].expand(-1, 3, -1, -1)
        half = body.rise1(body.norm1(body.conv1(answer)))
        quarter = body.rise2(body.norm2(body.conv2(half)))
    parts = [torch.cat([side.mean(dim=(2, 3)), side.std(dim=(2, 3))], dim=1)[0] for side in (half, quarter)]
    wanted = torch.cat(parts).numpy()
    found = traits_of(network, [canvas], look)
    assert found.shape == (1, 2 * (8 + 16) + 512)
    np.testing.assert_allclose(found[0, : len(wanted)], wanted, atol=1e-5)


@pytest.mark.parametrize(
    "backbone", ["resnet18", "resnet50", "convnext_tiny", "efficientnet_v2_s", "mobilenet_v3_large"]
)
def test_every_backbone_has_early_stages(backbone: str) -> None:
    network = build("baseline", backbone).eval()
    look = replace(small.card().preprocessing, side_px=64, network_px=64)
    canvas = RNG.integers(0, 256, (64, 64)).astype(np.uint8)
    found = traits_of(network, [canvas], look)
    assert found.shape[1] > FEATURES[backbone] + 100
    np.testing.assert_allclose(found[:, -FEATURES[backbone] :], features_of(network, [canvas], look), atol=1e-5)
    assert np.isfinite(found).all()


@pytest.mark.usefixtures("small_backbone")
def test_the_command_fits_a_model_on_its_own_training_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data_set = small.write_data_set(tmp_path / "data", count=220)
    split = split_cases(read_cases(data_set).cases, seed=3)
    model = tmp_path / "model.safetensors"
    card = save_checkpoint(
        model, small.networks(), small.card(data={"split_sha256": split.fingerprint, "split_seed": 3})
    )
    out = likeness_beside(model)
    arguments = ["likeness", str(model), "--data", str(data_set), "--drawn", "20"]
    pictures = data_set / "boneage-training-dataset"
    assert main([*arguments, "--measure", str(pictures)]) == 0
    assert "towards drawn hands" in capsys.readouterr().out
    found = Likeness.load(out).card
    assert (found.model_name, found.model_sha256) == ("small", card.weights_sha256)
    assert found.data["training"] == len(split.training)
    assert found.metrics["boneage-training-dataset"]["n"] == 220
    assert main([*arguments, "--most", "30"]) == 0
    assert Likeness.load(out).card.data["training"] == 30
    other = small.write_data_set(tmp_path / "other", count=30)
    assert main(["likeness", str(model), "--data", str(other), "--out", str(out)]) == 1
    assert "not known which of these radiographs small was trained on" in small.sentence(capsys)


@pytest.mark.parametrize("name", resources.model_names())
def test_every_shipped_model_has_its_reference(name: str) -> None:
    card = Likeness.load(resources.likeness_path(name)).card
    assert card.model_sha256 == read_card(resources.model_path(name)).weights_sha256
    assert resources.likeness_path(name).stat().st_size < 500_000
    held_out = card.metrics["held-out radiographs"]
    assert held_out["n"] == 1131
    assert held_out["share"] < 0.02
    assert card.metrics["phantoms"]["n"] == 200
    assert card.metrics["phantoms"]["share"] >= 0.9


def test_a_reference_without_its_tensors_is_refused(tmp_path: Path, likeness: Likeness) -> None:
    path = tmp_path / "likeness.safetensors"
    likeness.save(path, replace(likeness.card, limit=1.0, drawn_limit=1.0))
    partial = Likeness.load(path)
    for tensors in ({"mean": torch.zeros(3)}, {**likeness._tensors, "drawn": torch.zeros(3)}):
        partial._tensors = tensors
        partial.save(path, partial.card)
        with pytest.raises(CheckpointError, match="no reference of likeness"):
            Likeness.load(path)
