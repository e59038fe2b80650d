"""How the gate is made: parts that share no radiograph, one seed for one set of examples, a file that is measured."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tests import factories
from tests.trainer import small
from trainer.__main__ import main
from trainer.errors import DataError
from trainer.gate import Gate
from trainer.gate.canvas import to_gate_canvas
from trainer.gate.kinds import CUT, KINDS, TURNED, TWO, WHOLE
from trainer.gate.making import hands, measuring, pictures, strangers
from trainer.gate.making.examples import example, film_of
from trainer.gate.making.pictures import Pictures, read_pictures
from trainer.gate.making.training import GateTraining, train_gate
from trainer.gate.making.wear import worn

Levels = npt.NDArray[np.uint8]


def _pictures() -> Pictures:
    hand = factories.hand(100, 100)
    rng = np.random.default_rng(8)
    others = {"CXR": [rng.integers(0, 256, (64, 64)).astype(np.uint8) for _ in range(3)]}
    return Pictures(radiographs=[hand], mednist_hands=[hand], phantoms=[hand], strangers=others)


def _archive(path: Path, found: list[Levels]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for index, levels in enumerate(found):
            stream = io.BytesIO()
            Image.fromarray(levels).save(stream, format="JPEG", quality=95)
            archive.writestr(f"x/{index:06}.jpeg", stream.getvalue())


@pytest.fixture
def collections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Forty hands that differ, a MedNIST with every one of them again at 64 pixels, and few phantoms."""
    monkeypatch.setattr(pictures, "PHANTOMS", {"training": 2, "validation": 1, "test": 1})
    monkeypatch.setattr(measuring, "DRAWN", 4)
    monkeypatch.setattr(measuring, "FULL_SIZE_PX", 200)
    data = small.write_data_set(tmp_path / "data", count=1)
    table = data / "boneage-training-dataset.csv"
    rng = np.random.default_rng(9)
    copies, rows = [], ["id,boneage,male"]
    for index in range(40):
        coarse = Image.fromarray(rng.integers(0, 120, (6, 6)).astype(np.uint8)).resize(
            (100, 100), Image.Resampling.BICUBIC
        )
        levels = np.clip(factories.hand(100, 100) * 0.4 + np.asarray(coarse), 0, 255).astype(np.uint8)
        Image.fromarray(levels).save(data / "boneage-training-dataset" / f"{index + 1}.png")
        rows.append(f"{index + 1},120,True")
        copies.append(np.asarray(Image.fromarray(levels).resize((64, 64), Image.Resampling.BILINEAR)))
    table.write_text("\n".join(rows) + "\n")
    mednist = tmp_path / "mednist"
    mednist.mkdir()
    _archive(mednist / "Hand.zip", copies)
    for name in pictures.STRANGERS:
        _archive(mednist / f"{name}.zip", [rng.integers(0, 256, (64, 64)).astype(np.uint8) for _ in range(600)])
    return data, mednist


def test_a_radiograph_and_its_copy_are_in_one_part(collections: tuple[Path, Path]) -> None:
    parts = read_pictures(*collections, held_out=[], seed=1)
    assert {part: len(found.radiographs) for part, found in parts.items()} == {
        "training": 32,
        "validation": 4,
        "test": 4,
    }
    for found in parts.values():
        assert len(found.mednist_hands) == len(found.radiographs)
        small_ones = [np.asarray(Image.fromarray(levels).resize((64, 64))) for levels in found.radiographs]
        for copy in found.mednist_hands:
            assert min(np.abs(copy.astype(int) - levels).mean() for levels in small_ones) < 6
    assert sum(len(found.strangers["CXR"]) for found in parts.values()) == 600
    assert all(found.strangers["CXR"] for found in parts.values())


def test_copies_of_held_out_originals_train_nothing(collections: tuple[Path, Path], tmp_path: Path) -> None:
    data, mednist = collections
    originals = []
    for index in range(1, 6):
        source = data / "boneage-training-dataset" / f"{index}.png"
        goal = tmp_path / f"{index}.png"
        goal.write_bytes(source.read_bytes())
        source.unlink()
        originals.append(goal)
    parts = read_pictures(data, mednist, held_out=originals, seed=1)
    assert sum(len(found.radiographs) for found in parts.values()) == 35
    assert len(parts["test"].mednist_hands) == len(parts["test"].radiographs) + 5


def test_an_archive_that_is_not_there_is_named(collections: tuple[Path, Path]) -> None:
    data, mednist = collections
    (mednist / "CXR.zip").unlink()
    with pytest.raises(DataError, match=r"CXR\.zip cannot be read"):
        read_pictures(data, mednist, held_out=[], seed=0)


def test_examples_are_the_same_for_the_same_seed_and_of_every_kind() -> None:
    source = _pictures()
    drawn = [example(source, seed=(0, index)) for index in range(120)]
    again = [example(source, seed=(0, index)) for index in range(120)]
    for (canvas, kind), (canvas_again, kind_again) in zip(drawn, again, strict=True):
        assert kind == kind_again
        np.testing.assert_array_equal(canvas, canvas_again)
        assert canvas.shape == (64, 64)
        assert canvas.dtype == np.float32
        assert 0.0 <= canvas.min() <= canvas.max() <= 1.0
    assert {kind for _, kind in drawn} == set(range(len(KINDS)))
    assert any(not np.array_equal(canvas, example(source, seed=(1, 0))[0]) for canvas, _ in drawn)


def test_every_picture_made_keeps_to_its_scale() -> None:
    source = _pictures()
    hand = source.radiographs[0]
    for seed in range(15):
        rng = np.random.default_rng(seed)
        films = [make(rng) for make in strangers.DRAWN.values()]
        films += [hands.whole(hand, rng), hands.turned(hand, rng), hands.two(hand, hand, rng), hands.cut(hand, rng)]
        films += [strangers.shuffled(hand, rng), strangers.found(hand, rng)]
        films += [film_of(kind, source, rng) for kind in (WHOLE, TURNED, TWO, CUT)]
        for film in (*films, *(worn(film, rng) for film in films)):
            assert film.dtype == np.float32
            assert np.isfinite(film).all()
            assert -1e-5 <= film.min() <= film.max() <= 1 + 1e-5
            assert min(film.shape) >= 16


def test_the_canvas_takes_exposure_out_and_keeps_the_shape() -> None:
    levels = factories.hand(300, 150)
    canvas = to_gate_canvas(levels)
    np.testing.assert_allclose(to_gate_canvas(levels * np.float32(0.001) + np.float32(0.2)), canvas, atol=0.01)
    assert (canvas[:, :16] == 0).all()
    assert (canvas[:, -16:] == 0).all()
    assert canvas[:, 16:48].max() == 1.0
    np.testing.assert_allclose(to_gate_canvas(np.kron(levels, np.ones((7, 7), np.uint8))), canvas, atol=0.25)


def test_the_same_training_gives_the_same_network_and_it_learns() -> None:
    source = _pictures()
    choices = GateTraining(seed=2, steps=8, batch_size=16)
    said: list[tuple[int, float]] = []
    first = train_gate(source, choices, progress=lambda step, loss: said.append((step, loss)))
    second = train_gate(source, choices)
    assert said[-1][0] == 8
    for name, value in first.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), second.state_dict()[name].numpy())
    other = train_gate(source, GateTraining(seed=3, steps=8, batch_size=16))
    assert not np.array_equal(first.state_dict()["head.1.weight"], other.state_dict()["head.1.weight"])


def test_the_command_writes_a_gate_with_its_measured_card(
    collections: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, mednist = collections
    others = tmp_path / "others"
    others.mkdir()
    (others / "text.txt").write_text("not a picture")
    factories.write_png(others / "noise.png", np.random.default_rng(0).integers(0, 256, (90, 90)).astype(np.uint8))
    out = tmp_path / "new" / "gate.safetensors"
    arguments = ["gate-train", "--data", str(data), "--mednist", str(mednist), "--others", str(others)]
    assert main([*arguments, "--out", str(out), "--steps", "2"]) == 0
    printed = capsys.readouterr().out
    card = Gate.load(out).card
    assert printed == out.with_suffix(".md").read_text(encoding="utf-8") == card.as_text()
    assert card.metrics["kept: held-out 100-pixel radiographs"]["n"] == 4
    assert card.metrics["refused: other files that are no hands, as they are"]["n"] == 2
    assert card.data["counts"]["training"]["radiographs"] == 32
    assert card.training["steps"] == 2
    assert main([*arguments, "--out", str(out), "--steps", "0"]) == 1
    assert "steps 1 or more" in small.sentence(capsys)
