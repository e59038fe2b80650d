"""Phantoms: what is drawn is known, repeatable, and shows its age."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

from trainer.errors import DataError
from trainer.phantom import draw, write_dataset
from trainer.phantom.bones import add_long_bone
from trainer.phantom.carpals import add_round_bones
from trainer.phantom.film import Film, Place
from trainer.phantom.grain import make_grain
from trainer.phantom.ossification import CARPALS, CENTRES, EPIPHYSES, Growth, mature
from trainer.phantom.skeleton import Bone, build, draw_posture, hand_length_mm

SMALL_PX = 240


def test_same_seed_same_picture_and_another_seed_another() -> None:
    first, again = (draw(age_months=100, male=True, seed=7, height_px=SMALL_PX) for _ in range(2))
    other = draw(age_months=100, male=True, seed=8, height_px=SMALL_PX)
    assert first.pixels.dtype == np.uint8
    assert first.pixels.shape[0] == SMALL_PX
    np.testing.assert_array_equal(first.pixels, again.pixels)
    assert first.pixels.shape != other.pixels.shape or not np.array_equal(first.pixels, other.pixels)


@pytest.mark.parametrize("male", [True, False])
def test_centres_appear_and_fuse_at_the_tables_medians(male: bool) -> None:
    """Over many hands, a centre is seen in about half of them at its median age, in none long before, in all after."""
    sex = 0 if male else 1
    hands = 120

    def share(name: str, age: float, *, fused: bool = False) -> float:
        states = [mature(age_months=age, male=male, rng=np.random.default_rng(seed)) for seed in range(hands)]
        return sum(name in (state.fused if fused else state.visible) for state in states) / hands

    for name in ("capitate", "lunate", "pisiform", "radius", "metacarpal 3", "distal phalanx 2", "sesamoid"):
        median = CENTRES[name].appears[sex]
        assert 0.3 < share(name, median) < 0.7
        assert share(name, 0.8 * median) == 0.0
        assert share(name, 1.2 * median) == 1.0
    for name, fuses in (("radius", (216, 204)), ("distal phalanx 3", (186, 162)), ("ulna", (207, 192))):
        assert 0.3 < share(name, fuses[sex], fused=True) < 0.7
        assert share(name, fuses[sex] - 12, fused=True) == 0.0
        assert share(name, fuses[sex] + 12, fused=True) == 1.0


def test_table_holds_every_centre_of_the_hand() -> None:
    assert len(EPIPHYSES) == 5 + 5 + 4 + 5 + 2
    assert len(CARPALS) == 8 + 1
    for timing in CENTRES.values():
        assert timing.appears[1] < timing.appears[0]  # girls first, everywhere
        if timing.fuses is not None:
            assert timing.appears[0] < timing.fuses[1] < timing.fuses[0]


def test_the_picture_says_what_it_shows() -> None:
    newborn = draw(age_months=0, male=True, seed=1, height_px=SMALL_PX)
    child = draw(age_months=84, male=False, seed=1, height_px=SMALL_PX)
    adult = draw(age_months=240, male=True, seed=1, height_px=SMALL_PX)
    assert newborn.visible_centres == frozenset()
    assert {"capitate", "scaphoid", "radius"} <= child.visible_centres
    assert not child.visible_centres & {"pisiform", "sesamoid"}
    assert child.fused_centres == frozenset()
    assert adult.visible_centres == frozenset(CENTRES)
    assert adult.fused_centres == frozenset(EPIPHYSES)


def test_hands_grow_and_boys_end_larger() -> None:
    ages = range(0, 241, 6)
    for male in (True, False):
        lengths = [hand_length_mm(age_months=age, male=male) for age in ages]
        assert all(a <= b for a, b in pairwise(lengths))
    assert hand_length_mm(age_months=12, male=True) == pytest.approx(110, abs=5)
    assert hand_length_mm(age_months=72, male=False) == pytest.approx(150, abs=5)
    assert hand_length_mm(age_months=216, male=True) == pytest.approx(190, abs=2)
    assert hand_length_mm(age_months=216, male=False) == pytest.approx(175, abs=2)


def test_a_left_hand_palm_down_has_its_thumb_on_the_right() -> None:
    rng = np.random.default_rng(3)
    hand = build(age_months=120, male=True, posture=draw_posture(rng, plain=True), rng=rng)
    tips = [hand.rays[ray][-1].place.along(hand.rays[ray][-1].length_mm) for ray in (1, 2, 3, 4, 5)]
    across = [x for x, _ in tips]
    assert across == sorted(across, reverse=True)
    assert min(tips, key=lambda tip: tip[1]) == tips[2]  # the middle finger reaches highest
    assert len(hand.bones) == 19 + 2


def test_bone_is_brighter_than_soft_tissue_and_that_than_air() -> None:
    picture = draw(age_months=150, male=True, seed=2, height_px=600, plain=True)
    assert not picture.was_inverted
    grey = picture.pixels.astype(float)
    forearm = grey[-30:, :]
    assert np.percentile(forearm, 95) > 150
    assert np.median(grey) < 60
    assert np.percentile(grey[:20], 50) < 25


def test_a_plate_is_dark_until_it_fuses() -> None:
    """Along a phalanx's axis, the plate stands out as a dip while open, and is filled once fused."""

    def dip(fused: float) -> float:
        bone = Bone(
            name="proximal phalanx 3",
            place=Place(x_mm=0, y_mm=0, bearing=0),
            length_mm=38.0,
            breadths_mm=(13.0, 8.0, 10.0),
            youth=0.0,
        )
        film = Film(height_px=500, width_px=200, pixel_mm=0.1, turn=0.0, x_px=100, y_px=450)
        field = np.zeros((500, 200), np.float32)
        rng = np.random.default_rng(0)
        growth = Growth(grown=1.0, shaped=0.9, fused=fused, scar=0.0)
        add_long_bone(field, film, bone, growth, mineral=1.0, grain=make_grain(rng), rng=rng)
        axis = field[:, 90:111].mean(axis=1)
        around = axis[390:435]  # 1.5 to 6 mm above the joint
        return float(around.min() / np.median(axis[330:440]))

    assert dip(0.0) < 0.5
    assert dip(1.0) > 0.65
    assert dip(0.0) < dip(0.15) < dip(1.0)


def test_the_wrist_fills_with_bone() -> None:
    """The bone in the carpus, as a share of the hand's own area, rises from one age to the next."""

    def carpal_bone(age: float) -> float:
        rng = np.random.default_rng(5)
        hand = build(age_months=age, male=False, posture=draw_posture(rng, plain=True), rng=rng)
        states = mature(age_months=age, male=False, rng=np.random.default_rng(6))
        film = Film(height_px=300, width_px=300, pixel_mm=hand.hand_mm / 500, turn=0.0, x_px=150, y_px=150)
        field = np.zeros((300, 300), np.float32)
        add_round_bones(field, film, hand, states, mineral=1.0, grain=make_grain(rng), rng=rng)
        return float((field > 0).mean())

    shares = [carpal_bone(age) for age in (0, 6, 18, 36, 72, 110)]
    assert shares[0] == 0.0
    assert all(after > 1.02 * before for before, after in pairwise(shares))


@pytest.mark.parametrize("age", [0, 0.5, 11.9, 120, 239.9, 240])
@pytest.mark.parametrize("height_px", [64, 333])
def test_extremes_draw(age: float, height_px: int) -> None:
    picture = draw(age_months=age, male=age > 100, seed=int(age), height_px=height_px)
    assert picture.pixels.shape[0] == height_px
    assert picture.pixels.std() > 1
    assert picture.pixel_spacing_mm > 0


def test_many_seeds_draw_and_few_are_inverted() -> None:
    rng = np.random.default_rng(0)
    inverted = 0
    for seed in range(60):
        picture = draw(age_months=float(rng.uniform(0, 240)), male=bool(seed % 2), seed=seed, height_px=128)
        assert np.isfinite(picture.levels).all()
        assert picture.levels.min() >= 0.0
        assert picture.levels.max() <= 1.0
        expected = 1.0 - picture.levels if picture.was_inverted else picture.levels
        np.testing.assert_allclose(picture.pixels / 255.0, expected, atol=0.003)
        inverted += picture.was_inverted
    assert inverted <= 8


@pytest.mark.parametrize(("age", "height_px"), [(-1, 200), (241, 200), (float("nan"), 200), (100, 10), (100, 5000)])
def test_nonsense_is_refused(age: float, height_px: int) -> None:
    with pytest.raises(ValueError, match="must lie between"):
        draw(age_months=age, male=True, seed=0, height_px=height_px)


def _rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "boneage-training-dataset.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_data_set_has_the_layout_of_the_rsna_set(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "phantoms", count=12, seed=4, height_px=160)
    rows = _rows(folder)
    assert list(rows[0]) == ["id", "boneage", "male"]
    assert len({row["id"] for row in rows}) == 12
    assert {row["male"] for row in rows} == {"True", "False"}
    ages = [int(row["boneage"]) for row in rows]
    assert 12 <= min(ages) < 40
    assert 180 < max(ages) <= 216
    for row in rows:
        with Image.open(folder / "boneage-training-dataset" / f"{row['id']}.png") as picture:
            assert picture.mode == "L"
            assert picture.height == 160


def test_data_set_repeats_and_never_overwrites(tmp_path: Path) -> None:
    first = write_dataset(tmp_path / "a", count=2, seed=9, height_px=96)
    second = write_dataset(tmp_path / "b", count=2, seed=9, height_px=96)
    for path in sorted(first.rglob("*.*")):
        assert path.read_bytes() == (second / path.relative_to(first)).read_bytes()
    with pytest.raises(DataError, match="already"):
        write_dataset(first, count=2)


@pytest.mark.parametrize("choice", [{"count": 0}, {"count": 2, "low_months": 50, "high_months": 40}])
def test_data_set_of_nothing_is_refused(tmp_path: Path, choice: dict) -> None:
    with pytest.raises(DataError):
        write_dataset(tmp_path / "none", **choice)
    assert not (tmp_path / "none").exists()


def test_dicom_files_are_whole(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path, count=6, seed=1, file_format="dicom", height_px=200)
    kinds = set()
    for row in _rows(folder):
        dataset = pydicom.dcmread(folder / "boneage-training-dataset" / f"{row['id']}.dcm")
        kinds.add(dataset.PhotometricInterpretation)
        assert dataset.PatientSex == ("M" if row["male"] == "True" else "F")
        assert str(dataset.PatientName) == f"Phantom^{row['id']}"
        assert "phantom" in dataset.ImageComments.lower()
        assert (dataset.Modality, dataset.BitsStored, dataset.Laterality) == ("CR", 12, "L")
        assert float(dataset.ImagerPixelSpacing[0]) > 0
        born, taken = (str(dataset[name].value) for name in ("PatientBirthDate", "StudyDate"))
        months = 12 * (int(taken[:4]) - int(born[:4])) + int(taken[4:6]) - int(born[4:6])
        assert abs(months - int(row["boneage"])) < 16
        pixels = dataset.pixel_array
        assert pixels.shape[0] == 200
        assert pixels.max() < 4096
        assert len(np.unique(pixels)) > 256  # more than 8 bits' worth
    assert kinds == {"MONOCHROME1", "MONOCHROME2"}
