"""PNG, JPEG and TIFF: the same grey hand in, the same numbers out; colour refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests import factories
from trainer.errors import RadiographError
from trainer.radiograph import SpacingFrom, Study, read

HAND = factories.hand()
WANTED = HAND.astype(np.float32) / np.float32(255)
WIDE = HAND.astype(np.uint16) * 257
GREY_RGB = np.repeat(HAND[..., None], 3, axis=2)


def test_an_eight_bit_png_gives_its_levels_over_255_and_no_facts(tmp_path: Path) -> None:
    path = factories.write_png(tmp_path / "hand.png", HAND)
    radiograph = read(path)
    assert radiograph.pixels.dtype == np.float32
    np.testing.assert_array_equal(radiograph.pixels, WANTED)
    assert not radiograph.pixels.flags.writeable
    assert radiograph.source == path
    assert (radiograph.sex, radiograph.study, radiograph.spacing_mm) == (None, Study(), None)
    assert radiograph.spacing_from is SpacingFrom.NONE
    assert (radiograph.bits_stored, radiograph.was_inverted, radiograph.cautions) == (8, False, ())


@pytest.mark.parametrize("mode", ["P", "RGB", "RGBA", "LA"])
def test_other_kinds_of_png_that_are_grey_give_the_same(tmp_path: Path, mode: str) -> None:
    np.testing.assert_array_equal(read(factories.write_png(tmp_path / "a.png", HAND, mode=mode)).pixels, WANTED)


def test_a_sixteen_bit_png_gives_the_same(tmp_path: Path) -> None:
    radiograph = read(factories.write_png(tmp_path / "a.png", WIDE))
    np.testing.assert_allclose(radiograph.pixels, WANTED, atol=1e-6)
    assert radiograph.bits_stored == 16
    assert radiograph.cautions == ()


def test_a_sixteen_bit_png_that_uses_twelve_is_not_read_as_black(tmp_path: Path) -> None:
    twelve = factories.to_depth(HAND, 12).astype(np.uint16)
    radiograph = read(factories.write_png(tmp_path / "a.png", twelve))
    np.testing.assert_allclose(radiograph.pixels, WANTED, atol=0.5 / 255)
    assert len(radiograph.cautions) == 1


def test_what_is_transparent_is_dark(tmp_path: Path) -> None:
    rgba = np.dstack([GREY_RGB, np.full(HAND.shape, 255, np.uint8)])
    rgba[:8, :, 3] = 0
    Image.fromarray(rgba).save(tmp_path / "a.png")
    pixels = read(tmp_path / "a.png").pixels
    assert (pixels[:8] == 0).all()
    np.testing.assert_array_equal(pixels[8:], WANTED[8:])


def test_a_black_and_white_png_is_read(tmp_path: Path) -> None:
    pixels = read(factories.write_png(tmp_path / "a.png", HAND, mode="1")).pixels
    assert set(np.unique(pixels)) == {0.0, 1.0}


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_grey_jpeg_is_read(tmp_path: Path, mode: str) -> None:
    path = factories.write_jpeg(tmp_path / "hand.jpeg", HAND, mode=mode)
    np.testing.assert_allclose(read(path).pixels, WANTED, atol=3 / 255)


def test_a_jpeg_lies_as_its_orientation_says(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6  # to be turned a quarter clockwise
    path = factories.write_jpeg(tmp_path / "a.jpg", np.ascontiguousarray(np.rot90(HAND)), exif=exif)
    np.testing.assert_allclose(read(path).pixels, WANTED, atol=3 / 255)


@pytest.mark.parametrize(
    ("levels", "options"),
    [
        (HAND, {}),
        (HAND, {"compression": "deflate", "predictor": True}),
        (HAND, {"tile": (32, 32)}),
        (HAND, {"rowsperstrip": 5, "byteorder": ">"}),
        (255 - HAND, {"photometric": "miniswhite"}),
        (GREY_RGB, {"photometric": "rgb"}),
        (WIDE, {}),
        (WIDE, {"byteorder": ">"}),
        (WIDE, {"compression": "deflate"}),
        (65535 - WIDE, {"photometric": "miniswhite"}),
        (np.repeat(WIDE[..., None], 3, axis=2), {"photometric": "rgb"}),
        (np.repeat(WIDE[..., None], 3, axis=2), {"photometric": "rgb", "byteorder": ">"}),
    ],
)
def test_tiff_of_every_grey_kind_gives_the_same(tmp_path: Path, levels: Any, options: dict[str, Any]) -> None:
    radiograph = read(factories.write_tiff(tmp_path / "hand.tif", levels, **options))
    np.testing.assert_allclose(radiograph.pixels, WANTED, atol=1e-6)
    assert not radiograph.was_inverted


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("levels", [HAND, WIDE], ids=["8 bit", "16 bit"])
@pytest.mark.parametrize(("orientation", "quarters"), [(6, 1), (8, -1)])
def test_a_tiff_that_lies_on_its_side_is_turned(
    tmp_path: Path, levels: Any, orientation: int, quarters: int, compression: str | None
) -> None:
    lying = np.ascontiguousarray(np.rot90(levels, quarters))
    path = factories.write_tiff(
        tmp_path / "hand.tif", lying, compression=compression, extratags=[(274, "H", 1, orientation, True)]
    )
    np.testing.assert_array_equal(read(path).pixels, WANTED)


def test_a_palette_tiff_that_is_grey_gives_the_same(tmp_path: Path) -> None:
    Image.fromarray(HAND).quantize(256).save(tmp_path / "a.tif")
    np.testing.assert_array_equal(read(tmp_path / "a.tif").pixels, WANTED)


def test_the_name_need_not_tell_the_format(tmp_path: Path) -> None:
    np.testing.assert_array_equal(read(factories.write_png(tmp_path / "hand.dcm", HAND)).pixels, WANTED)


@pytest.mark.parametrize("name", ["photo.png", "photo.jpg", "photo.tif"])
def test_a_colour_photograph_is_refused(tmp_path: Path, name: str) -> None:
    colours = GREY_RGB.copy()
    colours[..., 2] //= 2
    Image.fromarray(colours).save(tmp_path / name)
    with pytest.raises(RadiographError, match=r"^photo\.\w+ is a colour photograph, not a grey radiograph\.$"):
        read(tmp_path / name)


def test_a_coloured_palette_and_a_print_are_refused(tmp_path: Path) -> None:
    colours = GREY_RGB.copy()
    colours[..., 2] //= 2
    Image.fromarray(colours).quantize(64).save(tmp_path / "a.png")
    Image.fromarray(colours).convert("CMYK").save(tmp_path / "b.jpg")
    for name in ("a.png", "b.jpg"):
        with pytest.raises(RadiographError, match="colour"):
            read(tmp_path / name)


def test_a_small_coloured_mark_on_a_grey_radiograph_is_allowed(tmp_path: Path) -> None:
    colours = GREY_RGB.copy()
    colours[4:9, 10:18] = (255, 0, 0)
    Image.fromarray(colours).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read(tmp_path / "a.png").pixels[10:], WANTED[10:])


def test_several_pictures_in_one_file_are_refused(tmp_path: Path) -> None:
    pages = [Image.fromarray(HAND), Image.fromarray(255 - HAND)]
    for name in ("a.tif", "a.png"):
        pages[0].save(tmp_path / name, save_all=True, append_images=pages[1:])
        with pytest.raises(RadiographError, match="several pictures"):
            read(tmp_path / name)


def test_floating_point_tiff_is_refused(tmp_path: Path) -> None:
    factories.write_tiff(tmp_path / "a.tif", WANTED)
    with pytest.raises(RadiographError, match="8 or 16 bits"):
        read(tmp_path / "a.tif")


def test_one_even_grey_is_read(tmp_path: Path) -> None:
    radiograph = read(factories.write_png(tmp_path / "a.png", np.full((60, 50), 90, np.uint8)))
    assert radiograph.cautions == ()  # whoever is asked for its age says why there is none: once is enough
    assert not radiograph.was_inverted


def test_importing_costs_no_more_than_numpy() -> None:
    program = (
        "import sys, trainer.radiograph; "
        "print(sorted({'PIL', 'pydicom', 'gdcm', 'scipy', 'tifffile', 'openjpeg', 'jpeg_ls'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
