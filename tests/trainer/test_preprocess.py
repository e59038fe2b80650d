"""The one road from pixels to a network's input."""

from __future__ import annotations

import csv
import io
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.ndimage import gaussian_filter

from tests import factories, real_data
from trainer.errors import ConfigError, RadiographError
from trainer.preprocess import Preprocessing, sampling_shifts, to_canvas, to_input
from trainer.radiograph import Radiograph, read

AS_THE_PUBLIC_COPIES = Preprocessing(aspect="squash", sampling="nearest", side_px=100)


def _radiograph(levels: npt.NDArray[np.uint8]) -> Radiograph:
    return Radiograph(pixels=levels.astype(np.float32) / np.float32(255), source=Path("made.png"))


def _noise(height: int, width: int, seed: int = 0) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width)).astype(np.uint8)


def _pillow(levels: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    return np.asarray(Image.fromarray(levels).convert("L").resize((side, side), Image.Resampling.NEAREST))


@given(height=st.integers(40, 700), width=st.integers(40, 700), side=st.integers(32, 230))
@settings(max_examples=120, deadline=None, derandomize=True)
def test_nearest_and_squash_is_pillows_nearest_at_any_size(height: int, width: int, side: int) -> None:
    if max(height, width) > 8 * min(height, width):
        return
    levels = _noise(height, width, seed=height * 1000 + width)
    look = Preprocessing(aspect="squash", sampling="nearest", side_px=side)
    np.testing.assert_array_equal(to_canvas(_radiograph(levels), look), _pillow(levels, side))


@pytest.mark.parametrize(("height", "width"), [(2570, 2040), (1999, 1501), (3001, 2333), (100, 100), (57, 61)])
def test_nearest_is_pillows_at_the_sizes_of_real_radiographs(height: int, width: int) -> None:
    levels = _noise(height, width)
    np.testing.assert_array_equal(to_canvas(_radiograph(levels), AS_THE_PUBLIC_COPIES), _pillow(levels, 100))


@pytest.fixture(scope="module")
def originals() -> list[Path]:
    """The full-size sample radiographs, where this machine has them."""
    folder = real_data.ORIGINALS
    if not (folder / "labels.csv").is_file():
        pytest.skip("the full-size sample radiographs are not on this machine (BONEAGE_SHARED)")
    with (folder / "labels.csv").open() as file:
        return [folder / f"{row['id']}.png" for row in csv.DictReader(file)]


def test_full_size_originals_become_their_100_pixel_selves(originals: list[Path]) -> None:
    """The copies were made with Pillow's convert("L").resize((100, 100), NEAREST)."""
    assert len(originals) >= 20
    for path in originals:
        with Image.open(path) as image:
            expected = np.asarray(image.convert("L").resize((100, 100), Image.Resampling.NEAREST))
        radiograph = read(path)
        canvas = to_canvas(radiograph, AS_THE_PUBLIC_COPIES)
        np.testing.assert_array_equal(255 - canvas if radiograph.was_inverted else canvas, expected)


def test_the_copies_themselves_pass_through_unchanged() -> None:
    archive = real_data.SMALL_COPIES
    if not archive.is_file():
        pytest.skip("the 100-pixel copies are not on this machine (BONEAGE_SHARED)")
    with zipfile.ZipFile(archive) as files:
        names = [name for name in files.namelist() if name.endswith(".png")][::500]
        for name in names:
            levels = np.asarray(Image.open(io.BytesIO(files.read(name))).convert("L"))
            np.testing.assert_array_equal(to_canvas(_radiograph(levels), AS_THE_PUBLIC_COPIES), levels)


@pytest.mark.parametrize("aspect", ["pad", "squash"])
@pytest.mark.parametrize("sampling", ["area", "nearest"])
def test_every_file_of_one_radiograph_gives_one_canvas(tmp_path: Path, aspect: str, sampling: str) -> None:
    levels = factories.hand(300, 220)
    look = Preprocessing(aspect=aspect, sampling=sampling, side_px=100)  # type: ignore[arg-type]
    files = [
        factories.write_png(tmp_path / "8.png", levels),
        factories.write_png(tmp_path / "16.png", factories.to_depth(levels, 16).astype(np.uint16)),
        factories.write_dicom(tmp_path / "m2.dcm", levels, photometric="MONOCHROME2"),
        factories.write_dicom(tmp_path / "m1.dcm", levels, photometric="MONOCHROME1"),
        factories.write_dicom(tmp_path / "16.dcm", levels, bits=16),
        factories.write_png(tmp_path / "negative.png", 255 - levels),
    ]
    canvases = [to_canvas(read(file), look) for file in files]
    for file, canvas in zip(files[1:], canvases[1:], strict=True):
        np.testing.assert_array_equal(canvas, canvases[0], err_msg=file.name)


def test_area_averages_and_pad_centres() -> None:
    levels = np.zeros((400, 200), dtype=np.uint8)
    levels[::2] = 200  # every other row: the average of any block is 100
    canvas = to_canvas(_radiograph(levels), Preprocessing(aspect="pad", sampling="area", side_px=100))
    assert canvas.shape == (100, 100)
    assert not canvas[:, :25].any()
    assert not canvas[:, 75:].any()
    assert set(np.unique(canvas[:, 25:75])) == {100}
    squashed = to_canvas(_radiograph(levels), Preprocessing(aspect="squash", sampling="area", side_px=100))
    assert set(np.unique(squashed)) == {100}


def test_pad_with_nearest_takes_only_levels_of_the_picture() -> None:
    levels = np.full((90, 300), 77, dtype=np.uint8)
    canvas = to_canvas(_radiograph(levels), Preprocessing(aspect="pad", sampling="nearest", side_px=100))
    assert set(np.unique(canvas)) == {0, 77}
    filled = np.flatnonzero(canvas.any(axis=1))
    assert len(filled) == 30
    assert abs((filled[0] + filled[-1]) / 2 - 49.5) <= 0.5


@pytest.mark.parametrize("aspect", ["pad", "squash"])
@pytest.mark.parametrize("sampling", ["area", "nearest"])
@pytest.mark.parametrize("shape", [(20, 33), (64, 64), (65, 63), (700, 90)])
def test_every_shape_becomes_a_square_of_bytes(aspect: str, sampling: str, shape: tuple[int, int]) -> None:
    look = Preprocessing(aspect=aspect, sampling=sampling, side_px=64)  # type: ignore[arg-type]
    canvas = to_canvas(_radiograph(_noise(*shape)), look)
    assert canvas.shape == (64, 64)
    assert canvas.dtype == np.uint8


def test_a_strip_is_refused_before_it_fills_the_memory() -> None:
    strip = Radiograph(pixels=np.zeros((1, 200_000), dtype=np.float32), source=Path("strip.png"))
    for aspect in ("pad", "squash"):
        with pytest.raises(RadiographError, match="narrow strip"):
            to_canvas(strip, Preprocessing(aspect=aspect))


def test_shifts_move_the_grid_within_one_step() -> None:
    column = np.arange(200, dtype=np.uint8)
    levels = np.repeat(column[:, None], 200, axis=1)
    look = Preprocessing(aspect="squash", sampling="nearest", side_px=50)  # a step of four
    rows = {shift: to_canvas(_radiograph(levels), look, shift=(shift, 0.0))[10, 0] for shift in (-0.5, -0.25, 0, 0.25)}
    assert rows == {-0.5: 40, -0.25: 41, 0: 42, 0.25: 43}
    sideways = to_canvas(_radiograph(levels.T.copy()), look, shift=(0.0, 0.25))
    assert sideways[0, 10] == 43


def test_shifts_are_for_sampled_radiographs_that_are_larger() -> None:
    large, small = _radiograph(_noise(300, 200)), _radiograph(_noise(100, 80))
    shifts = sampling_shifts(large, AS_THE_PUBLIC_COPIES, per_side=5)
    assert len(shifts) == len(set(shifts)) == 25
    assert (0.0, 0.0) in shifts
    assert np.allclose(np.mean(shifts, axis=0), 0)
    assert np.abs(shifts).max() == pytest.approx(0.4)
    assert sampling_shifts(small, AS_THE_PUBLIC_COPIES, per_side=5) == [(0.0, 0.0)]
    assert sampling_shifts(large, AS_THE_PUBLIC_COPIES, per_side=1) == [(0.0, 0.0)]
    assert sampling_shifts(large, Preprocessing(sampling="area", side_px=100), per_side=5) == [(0.0, 0.0)]


def test_input_is_normalised_and_scaled() -> None:
    look = Preprocessing(side_px=64, network_px=64, mean=0.25, std=0.5)
    canvas = np.zeros((64, 64), dtype=np.uint8)
    canvas[0, 0] = 255
    inputs = to_input(canvas, look)
    assert inputs.shape == (1, 64, 64)
    assert inputs.dtype == np.float32
    assert inputs[0, 0, 0] == pytest.approx(1.5)
    assert inputs[0, 1, 1] == pytest.approx(-0.5)
    for network_px in (32, 100):
        even = to_input(np.full((64, 64), 102, dtype=np.uint8), Preprocessing(side_px=64, network_px=network_px))
        assert even.shape == (1, network_px, network_px)
        assert np.allclose(even, (0.4 - 0.449) / 0.226, atol=1e-5)


def test_the_canvas_of_a_read_only_picture_leaves_it_alone(tmp_path: Path) -> None:
    radiograph = read(factories.write_png(tmp_path / "hand.png", factories.hand()))
    before = radiograph.pixels.copy()
    to_input(to_canvas(radiograph, Preprocessing(side_px=64)), Preprocessing(side_px=64))
    np.testing.assert_array_equal(radiograph.pixels, before)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", 2),
        ("aspect", "crop"),
        ("sampling", "cubic"),
        ("side_px", 31),
        ("network_px", 4096),
        ("side_px", 64.5),
        ("mean", 1.5),
        ("std", 0.0),
        ("mean", float("nan")),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(ConfigError, match=field):
        Preprocessing(**{field: value})  # type: ignore[arg-type]


def test_values_survive_a_card() -> None:
    assert Preprocessing(**AS_THE_PUBLIC_COPIES.to_json()) == AS_THE_PUBLIC_COPIES


def test_a_side_longer_than_the_canvas_is_averaged_whatever_the_other_one_is() -> None:
    levels = np.zeros((1600, 210), np.uint8)
    levels[::2] = 255  # finer than the canvas: what is sampled, and not averaged, is black or white
    canvas = to_canvas(_radiograph(levels), Preprocessing(aspect="squash", side_px=224))
    assert canvas.shape == (224, 224)
    assert canvas.min() >= 105
    assert canvas.max() <= 150


@pytest.mark.parametrize("side", [100, 50])
def test_local_normalisation_is_mean_off_and_spread_over_surroundings_of_a_share_of_the_side(side: int) -> None:
    """Held against another library's Gauss: surroundings of 6 % of the side, 0.02 added to the spread, limit 4."""
    canvas = _noise(side, side)
    canvas[: side // 2] = 0
    canvas[side // 4, side // 4] = 255  # a marker
    scaled = canvas / 255.0
    around = partial(gaussian_filter, sigma=0.06 * side, mode="mirror", truncate=4.0)
    detail = scaled - around(scaled)
    expected = np.clip(detail / (np.sqrt(around(detail * detail)) + 0.02), -4, 4)
    look = Preprocessing(side_px=side, network_px=side, normalisation="local")
    made = to_input(canvas, look)
    assert made.dtype == np.float32
    assert np.abs(made[0] - expected).max() < 0.005
    assert expected.max() == made.max() == 4.0


def test_local_normalisation_makes_nothing_of_an_even_background_and_little_of_exposure() -> None:
    look = Preprocessing(side_px=100, network_px=100, normalisation="local")
    assert np.abs(to_input(np.full((100, 100), 90, np.uint8), look)).max() < 1e-5
    bright, dim = _noise(100, 100), _noise(100, 100) // 2 + 20
    assert np.abs(to_input(bright, look) - to_input(dim, look)).mean() < 0.1


def test_an_odd_remainder_of_the_padding_goes_below_and_to_the_right() -> None:
    for levels, rows, columns in (
        (np.full((21, 32), 200, np.uint8), slice(5, 26), slice(0, 32)),
        (np.full((32, 21), 200, np.uint8), slice(0, 32), slice(5, 26)),
    ):
        canvas = to_canvas(_radiograph(levels), Preprocessing(aspect="pad", sampling="area", side_px=32))
        expected = np.zeros((32, 32), np.uint8)
        expected[rows, columns] = 200
        assert np.array_equal(canvas, expected)


def test_the_shifts_are_spread_over_one_step_about_the_middle() -> None:
    larger, look = _radiograph(_noise(101, 100)), AS_THE_PUBLIC_COPIES
    assert sampling_shifts(larger, look, per_side=2) == [(-0.25, -0.25), (-0.25, 0.25), (0.25, -0.25), (0.25, 0.25)]
    assert sampling_shifts(_radiograph(_noise(100, 100)), look, per_side=2) == [(0.0, 0.0)]
