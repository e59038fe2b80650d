"""The shipped gate: a file in, a verdict out. Hands are kept, whatever file they are in; the rest is refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageFont

import resources
from tests import factories, real_data
from trainer.gate import Gate, GateVerdict
from trainer.gate.kinds import CUT, SENTENCES, STRANGER, TURNED, TWO, WHOLE
from trainer.phantom import draw
from trainer.radiograph import Radiograph, read

Levels = npt.NDArray[np.uint8]
MEDNIST = real_data.FOLDER / "mednist"
WITHOUT_ORIGINALS = pytest.mark.skipif(
    not real_data.ORIGINALS.is_dir(), reason="the full-size radiographs are not on this machine"
)
WITHOUT_MEDNIST = pytest.mark.skipif(not MEDNIST.is_dir(), reason="MedNIST is not on this machine")


@pytest.fixture(scope="module")
def gate() -> Gate:
    """The gate that ships."""
    return Gate.load(resources.gate_path())


def _phantom(seed: int, *, age_months: float = 120, height_px: int = 400) -> Levels:
    return draw(age_months=age_months, male=bool(seed % 2), seed=seed, height_px=height_px, plain=True).pixels


def _judged(gate: Gate, path: Path, levels: npt.NDArray[Any]) -> GateVerdict:
    return gate.judge(read(factories.write_png(path, levels)))


def _page(width: int = 1000, height: int = 1400) -> Levels:
    page = Image.new("L", (width, height), 255)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(size=26)
    for row in range(60, height - 60, 38):
        pen.text((70, row), "The hand was found in keeping with its owner's age. " * 2, font=font, fill=0)
    return np.asarray(page)


def _photograph() -> Levels:
    """A sky over hills before which a house stands."""
    y, x = np.mgrid[0:900, 0:1300] / 900.0
    rng = np.random.default_rng(4)
    ground = y > 0.6 + 0.08 * np.sin(5 * x) + 0.03 * np.sin(17 * x)
    picture = np.where(ground, 70 + 40 * x, 220 - 60 * y) + 6 * rng.normal(size=y.shape)
    picture[400:640, 500:800], picture[470:540, 560:620], picture[500:640, 680:740] = 150, 40, 60
    return np.asarray(np.clip(picture, 0, 255), dtype=np.uint8)


def _noise() -> Levels:
    return np.random.default_rng(5).integers(0, 256, (700, 500)).astype(np.uint8)


def _slope() -> Levels:
    return np.tile(np.linspace(0, 255, 600), (800, 1)).astype(np.uint8)


def _board() -> Levels:
    return ((np.indices((800, 800)) // 100).sum(axis=0) % 2 * 255).astype(np.uint8)


def _marker_alone() -> Levels:
    film = np.zeros((1200, 900), dtype=np.uint8)
    cv2.putText(film, "L KG", (80, 160), cv2.FONT_HERSHEY_SIMPLEX, 3.0, 255, 8)
    return film


@pytest.mark.parametrize("path", resources.sample_paths(), ids=lambda path: path.name)
def test_every_sample_that_ships_is_kept(gate: Gate, path: Path) -> None:
    verdict = gate.judge(read(path))
    assert verdict.kept
    assert (verdict.reasons, verdict.sentence, verdict.kind) == ((), "", WHOLE)


@pytest.mark.parametrize("age_months", [12, 60, 120, 168, 216])
def test_phantoms_of_all_ages_are_kept(gate: Gate, tmp_path: Path, age_months: int) -> None:
    for seed in (1, 2):
        assert _judged(gate, tmp_path / "a.png", _phantom(seed, age_months=age_months)).kept


@pytest.mark.parametrize("make", [_page, _photograph, _noise, _slope, _board, _marker_alone])
def test_what_is_no_hand_is_refused_and_said(gate: Gate, tmp_path: Path, make: Any) -> None:
    verdict = _judged(gate, tmp_path / "a.png", make())
    assert not verdict.kept
    assert SENTENCES[STRANGER] in verdict.reasons
    assert verdict.score is not None
    assert verdict.score < gate.card.least_score


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_hand_on_its_side_or_upside_down_is_refused(gate: Gate, tmp_path: Path, turns: int) -> None:
    verdict = _judged(gate, tmp_path / "a.png", np.rot90(_phantom(3), turns).copy())
    assert not verdict.kept
    assert verdict.reasons == (SENTENCES[TURNED],)


def test_two_hands_are_refused(gate: Gate, tmp_path: Path) -> None:
    hand = _phantom(4)
    verdict = _judged(gate, tmp_path / "a.png", np.hstack([hand, hand[:, ::-1]]))
    assert not verdict.kept
    assert verdict.reasons == (SENTENCES[TWO],)


@pytest.mark.parametrize("part", [np.s_[:, :0.5], np.s_[:0.45, :], np.s_[0.55:, :]])
def test_half_a_hand_is_refused(gate: Gate, tmp_path: Path, part: tuple[slice, slice]) -> None:
    hand = _phantom(5)
    rows, columns = (
        slice(*(None if end is None else round(end * side) for end in (cut.start, cut.stop)))
        for cut, side in zip(part, hand.shape, strict=True)
    )
    verdict = _judged(gate, tmp_path / "a.png", hand[rows, columns].copy())
    assert not verdict.kept
    assert verdict.reasons == (SENTENCES[CUT],)


def test_a_blank_film_is_refused_without_asking_the_network(gate: Gate, tmp_path: Path) -> None:
    verdict = _judged(gate, tmp_path / "a.png", np.full((300, 200), 40, np.uint8))
    assert not verdict.kept
    assert verdict.score is None
    assert "one even grey" in verdict.sentence


def test_a_hand_too_dark_to_read_is_refused_for_that_alone(gate: Gate, tmp_path: Path) -> None:
    verdict = _judged(gate, tmp_path / "a.png", (_phantom(6) * 0.05).astype(np.uint8))
    assert not verdict.kept
    (reason,) = verdict.reasons
    assert "too dark to read" in reason


def test_one_radiograph_gets_one_score_from_every_file(gate: Gate, tmp_path: Path) -> None:
    levels = _phantom(7)
    scores = [
        gate.judge(read(path)).score
        for path in (
            factories.write_png(tmp_path / "8.png", levels),
            factories.write_png(tmp_path / "16.png", factories.to_depth(levels, 16).astype(np.uint16)),
            factories.write_dicom(tmp_path / "1.dcm", levels, photometric="MONOCHROME1"),
            factories.write_dicom(tmp_path / "2.dcm", levels, photometric="MONOCHROME2"),
        )
    ]
    assert scores == pytest.approx([scores[0]] * 4, abs=0.01)


def test_a_strip_of_a_million_pixels_is_refused_in_words(gate: Gate) -> None:
    pixels = np.linspace(0, 1, 64 * 16_000, dtype=np.float32).reshape(64, 16_000)
    verdict = gate.judge(Radiograph(pixels=pixels, source=Path("strip.png")))
    assert verdict.reasons == ("The picture is a narrow strip, not a radiograph of a hand.",)


def test_the_card_holds_what_is_promised(gate: Gate) -> None:
    figures = gate.card.metrics
    for name in ("kept: held-out 100-pixel radiographs", "kept: held-out MedNIST hands"):
        assert figures[name]["share"] >= 0.995
        assert figures[name]["n"] > 900
    assert figures["kept: full-size originals"]["right"] == 20
    for name, least in (("MedNIST, all that is no hand", 0.995), ("chest, head and abdomen, enlarged", 1.0)):
        (row,) = (row for title, row in figures.items() if title.startswith("refused") and name in title)
        assert row["share"] >= least
        assert row["n"] >= 600
    page = resources.gate_path().with_suffix(".md").read_text(encoding="utf-8")
    assert page == gate.card.as_text()


@WITHOUT_ORIGINALS
def test_all_full_size_originals_are_kept(gate: Gate) -> None:
    paths = sorted(real_data.ORIGINALS.glob("*.png"))
    assert len(paths) == 20
    assert [path.name for path in paths if not gate.judge(read(path)).kept] == []


@WITHOUT_MEDNIST
@pytest.mark.parametrize("kind", ["CXR", "ChestCT", "AbdomenCT", "HeadCT", "BreastMRI"])
def test_other_parts_of_the_body_are_refused_small_and_at_full_size(gate: Gate, kind: str) -> None:
    with zipfile.ZipFile(MEDNIST / f"{kind}.zip") as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".jpeg"))[::60]
        pictures = [np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("L")) for name in names]
    assert len(pictures) == 25
    for picture in pictures:
        small = (picture / np.float32(255)).astype(np.float32)
        large = cv2.resize(small, (1600, 1600), interpolation=cv2.INTER_LINEAR)
        for pixels in (small, np.asarray(large, dtype=np.float32)):
            assert not gate.judge(Radiograph(pixels=pixels, source=Path("a.png"))).kept


@WITHOUT_MEDNIST
def test_hands_of_the_other_collection_are_kept(gate: Gate) -> None:
    with zipfile.ZipFile(MEDNIST / "Hand.zip") as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".jpeg"))[::20]
        pictures = [np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("L")) for name in names]
    kept = [
        gate.judge(Radiograph(pixels=(picture / np.float32(255)).astype(np.float32), source=Path("a.png"))).kept
        for picture in pictures
    ]
    assert len(kept) == 500
    assert np.mean(kept) >= 0.995
