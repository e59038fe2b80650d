"""Heat: it lies where the model looks, on the radiograph's own pixels, and says in which direction."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

import resources
from tests.factories import hand
from tests.trainer.explain.lookers import BrightSpot, card, untrained
from trainer.explain.heat import Heat, heat_of
from trainer.explain.place import Place
from trainer.orientation.upright import turned_back
from trainer.predictor import Predictor
from trainer.preprocess import Preprocessing, to_canvas
from trainer.radiograph import Radiograph, Sex

LOOKS = [
    Preprocessing(aspect="pad", sampling="area", side_px=64, network_px=64, mean=0.0, std=1.0),
    Preprocessing(aspect="squash", sampling="area", side_px=64, network_px=64, mean=0.0, std=1.0),
    Preprocessing(aspect="pad", sampling="nearest", side_px=64, network_px=64, mean=0.0, std=1.0),
    Preprocessing(aspect="squash", sampling="nearest", side_px=64, network_px=96, mean=0.0, std=1.0),
]


def _dotted(height: int, width: int, *, row: int, column: int) -> Radiograph:
    pixels = np.full((height, width), 0.02, dtype=np.float32)
    pixels[row - 8 : row + 8, column - 8 : column + 8] = 1.0
    return Radiograph(pixels=pixels, source=Path("dot"))


def _hottest(heat: Heat, of: str = "older") -> tuple[float, float]:
    values = getattr(heat, of)
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    ((x, y),) = heat.place.to_radiograph(np.array([[column + 0.5, row + 0.5]]))
    return float(x), float(y)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.aspect}-{look.sampling}-{look.network_px}")
@pytest.mark.parametrize("shape", [(300, 200), (180, 320)], ids=["upright", "wide"])
def test_heat_lies_on_what_the_model_looks_at(look: Preprocessing, shape: tuple[int, int]) -> None:
    height, width = shape
    for row, column in ((40, 50), (height - 40, width - 50)):
        radiograph = _dotted(height, width, row=row, column=column)
        for flip in (False, True):
            told = card(look, averages_flip=flip)
            for weight, of, other in ((1.0, "older", "younger"), (-1.0, "younger", "older")):
                predictor = Predictor([cast(Any, BrightSpot(weight)).eval()], told)
                heat = heat_of(predictor, radiograph, None)
                x, y = _hottest(heat, of)
                cell = max(height, width) / 8
                assert abs(x - column) < cell
                assert abs(y - row) < cell
                assert getattr(heat, of).max() == pytest.approx(1.0)
                assert getattr(heat, other).max() < 0.2


def test_a_place_is_where_the_canvas_was_taken_from() -> None:
    for look in LOOKS:
        radiograph = _dotted(300, 200, row=120, column=60)
        canvas = to_canvas(radiograph, look)
        rows, columns = np.nonzero(canvas > 128)
        place = Place.of((300, 200), look)
        middle = place.to_radiograph(np.array([[columns.mean() + 0.5, rows.mean() + 0.5]]))
        np.testing.assert_allclose(middle, [[60, 120]], atol=float(np.abs(place.matrix).max()))
        np.testing.assert_allclose(place.to_canvas(middle), [[columns.mean() + 0.5, rows.mean() + 0.5]])


@pytest.mark.parametrize("degrees", [90.0, 180.0, -90.0, 30.0])
def test_a_place_knows_of_a_radiograph_that_was_turned_for_reading(degrees: float) -> None:
    for look in LOOKS:
        radiograph = _dotted(300, 200, row=120, column=80)
        canvas = to_canvas(turned_back(radiograph, degrees), look)
        rows, columns = np.nonzero(canvas > 128)
        place = Place.of((300, 200), look, undone_degrees=degrees)
        middle = place.to_radiograph(np.array([[columns.mean() + 0.5, rows.mean() + 0.5]]))
        np.testing.assert_allclose(middle, [[80, 120]], atol=float(np.abs(place.matrix).max()))


class Turning:
    """In the place of Upright: turns every radiograph by the same angle."""

    def __init__(self, degrees: float) -> None:
        self._degrees = degrees

    def righted(self, radiograph: Radiograph) -> Radiograph:
        """As Upright."""
        return turned_back(radiograph, self._degrees)

    def undone_degrees(self, _radiograph: Radiograph) -> float:
        """As Upright."""
        return self._degrees


@pytest.mark.parametrize("degrees", [90.0, 25.0])
def test_heat_of_a_radiograph_turned_for_reading_lies_on_the_one_that_is_shown(degrees: float) -> None:
    predictor = Predictor([cast(Any, BrightSpot(1.0)).eval()], card(LOOKS[1]), upright=cast(Any, Turning(degrees)))
    x, y = _hottest(heat_of(predictor, _dotted(300, 200, row=90, column=130), None))
    assert abs(x - 130) < 300 / 8
    assert abs(y - 90) < 300 / 8


def test_a_mirrored_hand_has_mirrored_heat() -> None:
    predictor = untrained(averages_flip=True)
    pixels = hand(128, 128).astype(np.float32) / np.float32(255)
    one = heat_of(predictor, Radiograph(pixels=pixels, source=Path("a")), Sex.MALE)
    other = heat_of(predictor, Radiograph(pixels=pixels[:, ::-1].copy(), source=Path("b")), Sex.MALE)
    assert one.older.std() > 0
    np.testing.assert_allclose(one.older, other.older[:, ::-1], atol=1e-3)
    np.testing.assert_allclose(one.younger, other.younger[:, ::-1], atol=1e-3)


def test_the_default_model_has_heat_and_answers_as_before() -> None:
    predictor = Predictor.load(resources.model_path(resources.DEFAULT_MODEL))
    radiograph = Radiograph(pixels=hand(400, 300).astype(np.float32) / np.float32(255), source=Path("hand"))
    before = predictor.predict(radiograph, sex=Sex.FEMALE).age_months
    heat = heat_of(predictor, radiograph, Sex.FEMALE)
    side = predictor.card.preprocessing.side_px
    for values in (heat.older, heat.younger):
        assert values.dtype == np.float32
        assert values.shape == (side, side)
        assert values.min() >= 0.0
        assert values.max() <= 1.0
    assert max(heat.older.max(), heat.younger.max()) == pytest.approx(1.0)
    assert not (heat.older * heat.younger).any(), "a place either raises the age or lowers it"
    assert (heat.cells, heat.views, heat.all_views) == ((5, 5), 2, 4)
    assert predictor.predict(radiograph, sex=Sex.FEMALE).age_months == pytest.approx(before, abs=1e-4)
    assert all(parameter.grad is None for network in predictor.networks for parameter in network.parameters())


@pytest.mark.parametrize("backbone", ["resnet34", "convnext_tiny", "mobilenet_v3_large"])
def test_every_kind_of_backbone_has_a_last_place_that_knows_where_it_is(backbone: str) -> None:
    from trainer.networks import build

    look = Preprocessing(side_px=64, network_px=64)
    predictor = Predictor([build("improved", backbone).eval()], card(look, uses_sex=False))
    heat = heat_of(
        predictor, Radiograph(pixels=hand(96, 72).astype(np.float32) / np.float32(255), source=Path("h")), None
    )
    assert heat.cells == (2, 2)
    assert max(heat.older.max(), heat.younger.max()) == pytest.approx(1.0)
