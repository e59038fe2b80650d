"""Regions: they hold the bones they are named after, or nothing is said."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from tests.trainer.explain.phantom_bones import BonyPhantom, bony_phantom
from trainer.errors import RadiographError
from trainer.explain.regions import Part, Region, find_regions
from trainer.radiograph import Radiograph

AGES = (18, 40, 75, 110, 140, 170, 190, 210)
LEAST_INSIDE = 0.9  # of a region's bone points, over all phantoms
LEAST_ANSWERED = 6


@pytest.fixture(scope="module")
def phantoms() -> list[BonyPhantom]:
    """Hands of every age as they come: turned, with borders and markers."""
    return [bony_phantom(age_months=age, male=bool(place % 2), seed=40 + place) for place, age in enumerate(AGES)]


def _holds(region: Region, point: npt.NDArray[np.float64]) -> bool:
    return any(
        cv2.pointPolygonTest(outline.astype(np.float32), (float(point[0]), float(point[1])), measureDist=False) >= 0
        for outline in region.outlines
    )


def _found(radiograph: Radiograph) -> tuple[Region, ...]:
    try:
        return find_regions(radiograph)
    except RadiographError:
        return ()


def test_regions_hold_their_own_bones_and_no_others(phantoms: list[BonyPhantom]) -> None:
    own: dict[Part, list[bool]] = {part: [] for part in Part}
    others: list[bool] = []
    answered = 0
    for phantom in phantoms:
        regions = _found(phantom.radiograph)
        answered += bool(regions)
        for region in regions:
            for part, points in phantom.bones.items():
                inside = [_holds(region, point) for point in points]
                (own[part] if part is region.part else others).extend(inside)
    assert answered >= LEAST_ANSWERED
    assert {part: np.mean(inside) >= LEAST_INSIDE for part, inside in own.items()} == dict.fromkeys(Part, True), {
        part: round(float(np.mean(inside)), 3) for part, inside in own.items()
    }
    assert np.mean(others) < 0.05


def test_regions_go_with_the_picture(phantoms: list[BonyPhantom]) -> None:
    phantom = next(phantom for phantom in phantoms if _found(phantom.radiograph))
    pixels = phantom.radiograph.pixels
    height, width = pixels.shape
    quarter = Radiograph(pixels=np.rot90(pixels, -1).copy(), source=Path("turned"))
    mirrored = Radiograph(pixels=pixels[:, ::-1].copy(), source=Path("mirrored"))
    for radiograph, moved in (
        (quarter, lambda points: np.column_stack([height - points[:, 1], points[:, 0]])),
        (mirrored, lambda points: np.column_stack([width - points[:, 0], points[:, 1]])),
    ):
        regions = find_regions(radiograph)
        assert [region.part for region in regions] == [Part.WRIST, Part.METACARPALS, Part.PHALANGES]
        for region in regions:
            points = moved(phantom.bones[region.part])
            assert np.mean([_holds(region, point) for point in points]) >= LEAST_INSIDE, region.part


def test_outlines_are_in_the_pixels_of_the_radiograph(phantoms: list[BonyPhantom]) -> None:
    phantom = next(phantom for phantom in phantoms if _found(phantom.radiograph))
    twice = cv2.resize(phantom.radiograph.pixels, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    for region in find_regions(Radiograph(pixels=np.asarray(twice, dtype=np.float32), source=Path("twice"))):
        points = phantom.bones[region.part] * 2
        assert np.mean([_holds(region, point) for point in points]) >= LEAST_INSIDE


def _fist() -> npt.NDArray[np.float32]:
    picture = np.full((400, 300), 0.05, dtype=np.float32)
    cv2.ellipse(picture, (150, 160), (90, 110), 0, 0, 360, 0.6, -1)
    cv2.rectangle(picture, (100, 200), (200, 399), 0.6, -1)
    return picture


def _star() -> npt.NDArray[np.float32]:
    picture = np.full((400, 400), 0.05, dtype=np.float32)
    turns = np.arange(10) * np.pi / 5
    reach = np.where(np.arange(10) % 2, 60, 180)
    points = np.column_stack([200 + reach * np.sin(turns), 200 - reach * np.cos(turns)])
    cv2.fillPoly(picture, [points.astype(np.int32)], 0.7)
    return picture


@pytest.mark.parametrize(
    "pixels",
    [
        pytest.param(np.random.default_rng(1).random((300, 240), dtype=np.float32), id="noise"),
        pytest.param(np.tile(np.linspace(0, 1, 240, dtype=np.float32), (300, 1)), id="a slope"),
        pytest.param(_fist(), id="a fist"),
        pytest.param(_star(), id="five points and no hand"),
    ],
)
def test_what_is_no_clear_hand_gets_no_regions(pixels: npt.NDArray[np.float32]) -> None:
    with pytest.raises(RadiographError, match="not clear enough"):
        find_regions(Radiograph(pixels=pixels, source=Path("x")))
