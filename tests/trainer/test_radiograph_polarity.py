"""Bone dark is noticed, corrected and said; a radiograph as it should be is left alone."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests import factories, real_data
from trainer.radiograph import polarity, read

HAND = factories.hand()
WANTED = (HAND / np.float32(255)).astype(np.float32)


@pytest.mark.parametrize("wide", [False, True])
def test_an_inverted_png_is_turned_bright_and_said(tmp_path: Path, wide: bool) -> None:
    levels = 65535 - HAND.astype(np.uint16) * 257 if wide else 255 - HAND
    radiograph = read(factories.write_png(tmp_path / "a.png", levels))
    assert radiograph.was_inverted
    assert any("inverted" in caution for caution in radiograph.cautions)
    np.testing.assert_allclose(radiograph.pixels, WANTED, atol=1e-6)
    assert not radiograph.pixels.flags.writeable


@pytest.mark.parametrize(("made", "claimed"), [("MONOCHROME1", "MONOCHROME2"), ("MONOCHROME2", "MONOCHROME1")])
def test_a_file_that_lies_about_its_photometric_is_corrected_and_said(tmp_path: Path, made: str, claimed: str) -> None:
    path = factories.write_dicom(tmp_path / "a.dcm", HAND, bits=12, photometric=made, PhotometricInterpretation=claimed)
    radiograph = read(path)
    assert radiograph.was_inverted
    assert any("inverted" in caution for caution in radiograph.cautions)
    np.testing.assert_allclose(radiograph.pixels, WANTED, atol=0.5 / 255 + 1e-6)


def test_one_radiograph_in_four_files_ends_as_the_same_levels(tmp_path: Path) -> None:
    paths = [
        factories.write_png(tmp_path / "8.png", HAND),
        factories.write_png(tmp_path / "16.png", HAND.astype(np.uint16) * 257),
        factories.write_dicom(tmp_path / "1.dcm", HAND, bits=12, photometric="MONOCHROME1"),
        factories.write_dicom(tmp_path / "2.dcm", HAND, bits=12, photometric="MONOCHROME2"),
        factories.write_png(tmp_path / "negative.png", 255 - HAND),
    ]
    for path in paths:
        np.testing.assert_array_equal(np.rint(read(path).pixels * 255).astype(np.uint8), HAND)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_turning_and_contrast_do_not_change_the_answer(turns: int, gamma: float) -> None:
    picture = np.power(np.rot90(WANTED, turns), gamma, dtype=np.float32)
    assert not polarity.bone_is_dark(picture)
    assert polarity.bone_is_dark(1 - picture)


def shuttered(picture: np.ndarray, shares: tuple[float, float, float, float], *, soft_px: int = 0) -> np.ndarray:
    """A picture with what lies outside a collimated field around it: white, even, its edge as soft as is said."""
    height, width = picture.shape
    top, bottom, left, right = (
        int(share * side) for share, side in zip(shares, (height, height, width, width), strict=True)
    )
    white = float(np.quantile(picture, 0.995))
    made = np.pad(picture, ((top, bottom), (left, right)), constant_values=white).astype(np.float32)
    for line in range(soft_px):
        share = 1 - (line + 1) / (soft_px + 1)
        made[:, left + line] += share * (white - made[:, left + line])
        made[:, -1 - right - line] += share * (white - made[:, -1 - right - line])
    return made


@pytest.mark.parametrize(
    "shares", [(0.0, 0.0, 0.2, 0.2), (0.1, 0.1, 0.1, 0.1), (0.3, 0.0, 0.0, 0.1), (0.25, 0.25, 0.3, 0.3)]
)
@pytest.mark.parametrize("soft_px", [0, 4])
def test_white_shutters_are_not_the_air_of_a_negative(shares: tuple[float, float, float, float], soft_px: int) -> None:
    picture = shuttered(WANTED, shares, soft_px=soft_px)
    assert not polarity.bone_is_dark(picture)
    assert polarity.bone_is_dark(1 - picture)


def test_what_shows_nothing_is_left_alone() -> None:
    rng = np.random.default_rng(1)
    for picture in (
        np.zeros((200, 150)),
        np.ones((200, 150)),
        np.full((200, 150), 0.7),
        rng.random((200, 150)),
        1 - HAND[:20, :20] / 255,
        np.ones((1, 4000)),
    ):
        assert not polarity.bone_is_dark(picture.astype(np.float32))


def test_a_picture_and_its_negative_get_opposite_answers() -> None:
    assert polarity.dark_log_odds(WANTED) == pytest.approx(-polarity.dark_log_odds(1 - WANTED), abs=1e-5)


def small_radiographs(step: int) -> list[np.ndarray]:
    archive = real_data.SMALL_COPIES
    if not archive.exists():
        pytest.skip("the 100-pixel radiographs in ../shared are not here")
    with zipfile.ZipFile(archive) as file:
        names = sorted(name for name in file.namelist() if name.endswith(".png"))
        pictures = [Image.open(BytesIO(file.read(name))).convert("L") for name in names[::step]]
    return [np.asarray(picture, dtype=np.float32) / 255 for picture in pictures]


def test_real_small_radiographs_are_seldom_mistaken() -> None:
    # Every 20th of 11,313; step=1 gives the figures of bone_is_dark's docstring.
    odds = np.array([polarity.dark_log_odds(picture) for picture in small_radiographs(step=20)])
    false_inversions, caught = np.mean(odds > polarity.SURE), np.mean(-odds > polarity.SURE)
    assert false_inversions < 0.005
    assert caught > 0.99


def test_real_full_size_radiographs_are_never_mistaken(tmp_path: Path) -> None:
    paths = sorted(real_data.ORIGINALS.glob("*.png"))
    if not paths:
        pytest.skip("the full-size radiographs in ../shared are not here")
    for path in paths:
        radiograph = read(path)
        assert not radiograph.was_inverted
        assert polarity.bone_is_dark(1 - radiograph.pixels)
        for share in (0.05, 0.2):
            assert not polarity.bone_is_dark(shuttered(radiograph.pixels, (share,) * 4))
            assert polarity.bone_is_dark(1 - shuttered(radiograph.pixels, (share,) * 4))
