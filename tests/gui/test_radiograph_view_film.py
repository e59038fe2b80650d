"""What lies under the widget: the lookup table, the levels, the layer on screens of any density."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor

from boneage_gui import work
from boneage_gui.images import colour_image, grey_image
from boneage_gui.widgets.radiograph_view import Window
from boneage_gui.widgets.radiograph_view.film import Film
from boneage_gui.widgets.radiograph_view.greys import lookup_table
from boneage_gui.widgets.radiograph_view.picture import Picture
from boneage_gui.widgets.radiograph_view.scene import Scene
from boneage_gui.work.levels import Levels
from trainer.radiograph import Radiograph

BLACK = QColor("black")


def scene(pixels: np.ndarray, *, ratio: float = 1.0, view: tuple[int, int] = (200, 150)) -> Scene:
    radiograph = Radiograph(pixels=pixels.astype(np.float32), source=Path("hand.png"))
    return Scene.of(radiograph, view=QSizeF(*view), device_ratio=ratio)


def test_the_table_is_black_below_white_above_and_even_between() -> None:
    table = lookup_table(Window(centre=0.5, width=0.5), inverted=False)
    assert table.shape == (65536,)
    assert table.dtype == np.uint8
    assert not table[:16384].any()
    assert (table[49152:] == 255).all()
    assert table[32768] in (127, 128)
    assert (np.diff(table.astype(int)) >= 0).all()
    assert (lookup_table(Window(centre=0.5, width=0.5), inverted=True) == 255 - table).all()


def test_the_full_window_gives_every_8_bit_grey_back() -> None:
    table = lookup_table(Window(), inverted=False)
    greys = np.arange(256)
    assert (table[greys * 257] == greys).all()


def test_a_narrow_window_tells_neighbouring_12_bit_values_apart() -> None:
    table = lookup_table(Window(centre=0.5, width=16 / 4095), inverted=False)
    stored = np.rint(np.arange(2040, 2056) / 4095 * 65535).astype(int)
    assert len(set(table[stored].tolist())) == 16


@pytest.mark.parametrize("size", [(64, 64), (63, 65), (1, 9), (130, 67)])
def test_smaller_levels_are_means_and_cover_the_whole_picture(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(1).random(size).astype(np.float32)
    patch = Picture(Levels(pixels)).patch(
        QRectF(0, 0, size[1], size[0]), magnification=0.5, table=lookup_table(Window(), inverted=False)
    )
    if min(size) == 1:
        assert patch.step == 1
        return
    assert patch.step == 2
    assert (patch.image.height(), patch.image.width()) == ((size[0] + 1) // 2, (size[1] + 1) // 2)
    assert patch.image.pixelColor(3, 2).red() == pytest.approx(pixels[4:6, 6:8].mean() * 255, abs=1)


def test_only_the_part_in_sight_is_windowed() -> None:
    picture = Picture(Levels(np.zeros((1000, 2000), np.float32)))
    table = lookup_table(Window(), inverted=False)
    patch = picture.patch(QRectF(500, 300, 100, 50), magnification=1, table=table)
    assert patch.image.width() <= 110
    assert patch.image.height() <= 60
    assert (patch.left, patch.top) == (498, 298)
    assert picture.patch(QRectF(-90, 0, 20, 20), magnification=1, table=table).image.isNull()


def test_values_a_little_outside_do_not_wrap_round() -> None:
    layer = Film().layer(scene(np.array([[-0.01, 1.01]]).repeat(20, axis=0).repeat(20, axis=1)), BLACK)
    assert layer.pixelColor(60, 75).red() == 0
    assert layer.pixelColor(140, 75).red() == 255


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_one_to_one_is_exact_on_every_screen(ratio: float) -> None:
    pixels = np.random.default_rng(5).integers(0, 256, (41, 57)) / 255
    shown = scene(pixels, ratio=ratio)
    shown.placement = shown.placement.zoomed(1 / shown.placement.zoom, at=QPointF(100, 75))
    layer = Film().layer(shown, BLACK)
    assert (layer.width(), layer.height()) == (round(200 * ratio), round(150 * ratio))
    corner = shown.placement.to_view(QPointF(0, 0)) * ratio
    left, top = round(corner.x()), round(corner.y())
    drawn = [layer.pixelColor(left + column, top + 20).red() for column in range(57)]
    assert drawn == np.rint(pixels[20] * 255).astype(int).tolist()


@pytest.mark.parametrize("zoom", [1.3, 2.5, 3.0, 7.4])
def test_enlarged_pixels_stay_crisp_squares(zoom: float) -> None:
    stripes = np.tile([0.0, 1.0], (40, 20))
    shown = scene(stripes)
    shown.placement = shown.placement.zoomed(zoom / shown.placement.zoom, at=QPointF(100, 75))
    layer = Film().layer(shown, BLACK)
    for column in range(15, 25):
        middle = shown.placement.to_view(QPointF(column + 0.5, 20.5))
        grey = layer.pixelColor(int(middle.x()), int(middle.y())).red()
        assert abs(grey - 255 * (column % 2)) <= 100  # well on its own side of the middle grey


def test_the_layer_is_drawn_anew_only_when_the_display_changed() -> None:
    film, shown = Film(), scene(np.random.default_rng(2).random((60, 80)))
    first = film.layer(shown, BLACK).cacheKey()
    shown.measuring.crosshair = QPointF(3, 3)
    assert film.layer(shown, BLACK).cacheKey() == first
    shown.window = Window(centre=0.4, width=0.3)
    second = film.layer(shown, BLACK).cacheKey()
    assert second != first
    shown.placement = shown.placement.moved(QPointF(5, 0))
    assert film.layer(shown, BLACK).cacheKey() != second


def test_an_odd_last_row_reaches_the_edge_and_no_pixel_further() -> None:
    shown = scene(np.ones((601, 801)))
    shown.placement = replace(shown.placement, zoom=0.2)
    layer = Film().layer(shown, BLACK)
    edge = shown.placement.transform().mapRect(shown.frame)
    assert layer.pixelColor(100, int(edge.bottom()) + 1).red() == 0
    assert layer.pixelColor(100, int(edge.bottom()) - 1).red() == 255


def test_images_own_their_bytes() -> None:
    pixels = np.arange(6, dtype=np.uint8).reshape(2, 3)
    image = grey_image(pixels)
    pixels[:] = 99
    assert [image.pixelColor(x, 1).red() for x in range(3)] == [3, 4, 5]
    colours = np.zeros((2, 3, 3), np.uint8)
    colours[1, 2] = (10, 20, 30)
    picture = colour_image(colours[:, ::-1])  # not contiguous
    colours[:] = 99
    assert picture.pixelColor(0, 1) == QColor(10, 20, 30)
    with pytest.raises(ValueError, match="two axes"):
        grey_image(colours)
    with pytest.raises(ValueError, match="colour picture"):
        colour_image(pixels)


@pytest.mark.parametrize(("size", "expected"), [((2000, 1500), (96, 72)), ((50, 40), (50, 40)), ((1000, 3), (96, 1))])
def test_thumbnails_fit_their_side(size: tuple[int, int], expected: tuple[int, int]) -> None:
    plain = Radiograph(pixels=np.full(size, 0.5, np.float32), source=Path("plain.png"))
    small = work.thumbnail(plain, side_px=96)
    assert max(small.shape) <= 96
    assert small.shape[0] == pytest.approx(expected[0], rel=0.15)
    assert small.shape[1] == pytest.approx(expected[1], abs=10)
    assert (small == 128).all()
