"""Occlusion: bones go, everything else stays, and the shift is that of the region the model looks at."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from tests.trainer.explain.lookers import EdgeCounter, untrained
from tests.trainer.explain.phantom_bones import bony_phantom
from trainer.errors import RadiographError
from trainer.explain.occlusion import RegionShift, in_words, shifts_without, without
from trainer.explain.place import Place
from trainer.explain.regions import Part, Region, find_regions
from trainer.preprocess import Preprocessing, to_canvas
from trainer.radiograph import Radiograph, Sex

LOOK = Preprocessing(aspect="pad", side_px=128, network_px=128)


@pytest.fixture(scope="module")
def radiograph() -> Radiograph:
    """A schoolchild's hand."""
    return bony_phantom(age_months=140, male=True, seed=44).radiograph


@pytest.fixture(scope="module")
def regions(radiograph: Radiograph) -> tuple[Region, ...]:
    return find_regions(radiograph)


def test_bones_go_and_the_rest_stays(radiograph: Radiograph, regions: tuple[Region, ...]) -> None:
    canvas, place = to_canvas(radiograph, LOOK), Place.of(radiograph.pixels.shape, LOOK)
    for region in regions:
        changed = without(canvas, region, place)
        assert changed.dtype == np.uint8
        moved = changed != canvas
        corners = np.concatenate([place.to_canvas(outline) for outline in region.outlines])
        left, top = np.floor(corners.min(axis=0)).astype(int) - 8
        right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 8
        outside = np.ones_like(moved)
        outside[max(0, top) : bottom, max(0, left) : right] = False
        assert moved.any()
        assert not (moved & outside).any(), region.part
        inside = np.abs(np.diff(canvas.astype(int), axis=0))[moved[1:]].mean()
        after = np.abs(np.diff(changed.astype(int), axis=0))[moved[1:]].mean()
        assert after < 0.75 * inside, region.part
        assert abs(float(changed[moved].mean()) - float(canvas[moved].mean())) < 25, "tissue, neither black nor white"


def test_the_shift_is_that_of_the_region_looked_at(radiograph: Radiograph, regions: tuple[Region, ...]) -> None:
    place = Place.of(radiograph.pixels.shape, LOOK)
    for looked_at in regions:
        corners = place.to_canvas(max(looked_at.outlines, key=len))
        column, row = np.round(corners.mean(axis=0)).astype(int)
        if looked_at.part is Part.PHALANGES:
            row = round(float(corners[:, 1].min())) + 12
            column = round(float(corners[corners[:, 1].argmin(), 0]))
        window = (slice(row - 5, row + 5), slice(column - 4, column + 4))
        shifts = list(shifts_without(cast(Any, EdgeCounter(LOOK, window)), radiograph, None, regions))
        moved = {shift.region.part: abs(shift.months) for shift in shifts}
        assert max(moved, key=lambda part: moved[part]) is looked_at.part, moved
        assert moved[looked_at.part] > 1.0


def test_shifts_are_of_the_model_s_own_answer(radiograph: Radiograph, regions: tuple[Region, ...]) -> None:
    predictor = untrained(LOOK)
    (wrist, *_) = list(shifts_without(predictor, radiograph, Sex.FEMALE, regions))
    canvas = to_canvas(radiograph, LOOK)
    ages = predictor.ages_of_canvases(
        [canvas, without(canvas, regions[0], Place.of(radiograph.pixels.shape, LOOK))], [Sex.FEMALE] * 2
    )
    assert wrist.months == pytest.approx(ages[1] - ages[0], abs=1e-3)
    assert predictor.predict(radiograph, sex=Sex.FEMALE).age_months == pytest.approx(ages[0], abs=1e-3)


def test_a_model_without_a_number_is_no_shift(radiograph: Radiograph, regions: tuple[Region, ...]) -> None:
    predictor = untrained(LOOK, label_std_months=float("inf"))
    with pytest.raises(RadiographError, match="not a number"):
        list(shifts_without(predictor, radiograph, None, regions))


def test_shifts_in_words() -> None:
    region = Region(part=Part.WRIST, outlines=())
    assert in_words(RegionShift(region=region, months=-22.3)).endswith("would read 1 year 10 months younger")
    assert in_words(RegionShift(region=region, months=-152.1)).endswith("would read 12 years 8 months younger")
    assert in_words(RegionShift(region=region, months=1.2)) == "Without the wrist the model would read 1 month older"
    assert in_words(RegionShift(region=region, months=-0.4)) == "Without the wrist the model would read the same"
