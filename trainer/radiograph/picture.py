"""PNG, JPEG and TIFF files, through Pillow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import numpy.typing as npt

from trainer.errors import RadiographError
from trainer.radiograph import jpeg, png, quiet, scale, values
from trainer.radiograph.values import Radiograph

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "TIFF")
# A radiograph saved as a colour JPEG is grey to a few levels; a coloured arrow or letter on it stays small.
_COLOUR_LEVELS = 24
_COLOUR_SHARE = 0.01
_TIFF_BITS, _TIFF_PHOTOMETRIC, _WHITE_IS_ZERO = 258, 262, 0
_EXIF_ORIENTATION = 274
_TURNS = {  # by the number that says how a camera was held (Exif 2.3, tag 0x0112)
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
_STRIP_PIXELS = 4_000_000


def read_picture(path: Path, name: str) -> Radiograph:
    """Read a PNG, JPEG or TIFF that holds one grey picture. Raises RadiographError."""
    from PIL import Image, UnidentifiedImageError

    quiet.silence("PIL")  # it warns of odd tags and of large pictures; what matters of that is refused below
    try:
        # By name, Pillow would map an uncompressed TIFF into memory, row by row in the size it has after being turned.
        with path.open("rb") as file:
            _check_file(file, name)
            with Image.open(file, formats=FORMATS) as image:
                _check_header(image, name)
                if image.format == "JPEG":
                    _check_jpeg(file, name)
                image.load()
                pixels, bits, cautions = _grey(image, name)
    except (RadiographError, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise RadiographError(_too_large(name)) from None
    except UnidentifiedImageError:
        raise RadiographError(f"{name} is damaged or of a kind of picture that cannot be read.") from None
    except Exception:  # decoders meet hostile bytes here: OSError, SyntaxError, struct.error, ...
        raise RadiographError(_damaged(name)) from None
    return Radiograph(pixels=pixels, source=path, bits_stored=bits, cautions=cautions)


def _too_large(name: str) -> str:
    return f"{name} is too large: more than {values.MAX_PIXELS // 1_000_000} megapixels."


def _damaged(name: str) -> str:
    return f"{name} is truncated or damaged; its picture cannot be decoded."


def _check_file(file: BinaryIO, name: str) -> None:
    """Look through the parts of a PNG or JPEG, which Pillow takes as they come, and leave the file at its start."""
    mark = file.read(len(png.MARK))
    file.seek(0)
    if mark == png.MARK and not png.is_whole(file):
        raise RadiographError(_damaged(name))
    if mark.startswith(jpeg.MARK) and not jpeg.is_modest(file.read()):
        raise RadiographError(_damaged(name))
    file.seek(0)


def _check_jpeg(file: BinaryIO, name: str) -> None:
    at = file.tell()
    file.seek(0)
    if not jpeg.is_whole(file.read()):
        raise RadiographError(_damaged(name))
    file.seek(at)


def _check_header(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width * height > values.MAX_PIXELS:
        raise RadiographError(_too_large(name))
    if width < 1 or height < 1:
        raise RadiographError(f"{name} has no pixels.")
    if _holds_several(image):
        raise RadiographError(f"{name} holds several pictures; export the one radiograph you want to read.")


def _holds_several(image: Image.Image) -> bool:
    """Say whether there is a second picture; asked for their number, Pillow would look through all pages of a TIFF."""
    if image.format != "TIFF":
        return bool(getattr(image, "n_frames", 1) > 1)
    try:
        image.seek(1)
    except EOFError:
        return False
    image.seek(0)
    return True


def _grey(image: Image.Image, name: str) -> tuple[npt.NDArray[np.float32], int, tuple[str, ...]]:
    if image.mode in ("LA", "P", "PA", "RGB", "RGBA", "RGBX"):
        if _is_see_through(image):
            return _grey_of_see_through(image, name), 8, ()
        return _eight_bit(np.asarray(_upright(_grey_of_colours(image, name), image))), 8, ()
    if image.mode in ("L", "1"):
        return _eight_bit(np.asarray(_upright(image.convert("L"), image))), 8, ()
    if image.mode.startswith("I"):
        return _sixteen_bit(image, name)
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        raise RadiographError(_is_colour(name))
    raise RadiographError(f"{name} stores its grey levels in an unusual form; save it with 8 or 16 bits.")


def _upright(grey: Image.Image, read: Image.Image) -> Image.Image:
    """Turn a grey picture as the file it was read from asks for; a photograph's file does."""
    from PIL.Image import Transpose

    turn = _TURNS.get(read.getexif().get(_EXIF_ORIENTATION, 1)) if read.format == "JPEG" else None
    return grey if turn is None else grey.transpose(Transpose[turn])


def _eight_bit(levels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    return scale.mapped(np.arange(256, dtype=np.float32) / np.float32(255), levels)


def _sixteen_bit(image: Image.Image, name: str) -> tuple[npt.NDArray[np.float32], int, tuple[str, ...]]:
    tags = getattr(image, "tag_v2", {})
    bits = int(tags.get(_TIFF_BITS, (16,))[0])
    levels = np.asarray(image)
    if levels.dtype.itemsize > 2:
        if bits > 16 or levels.min() < 0 or levels.max() > 65535:
            raise RadiographError(f"{name} does not store 8 to 16 bits a pixel; save it with 8 or 16 bits.")
        levels = levels.astype(np.uint16)
    levels = levels.astype(np.uint16, copy=False)
    used = scale.bits_used(int(levels.max()), bits)
    table = scale.unit_table(low=0, high=(1 << used) - 1)
    if tags.get(_TIFF_PHOTOMETRIC) == _WHITE_IS_ZERO:
        table = np.float32(1.0) - table
    return scale.mapped(table, levels), bits, scale.unused_bits_caution(bits, used)


def _grey_of_colours(image: Image.Image, name: str) -> Image.Image:
    """Return the grey of a picture in colours, strip by strip: as a whole it would take gigabytes. Mode L."""
    from PIL import Image as Pillow

    grey, coloured = Pillow.new("L", image.size), 0
    for top, part in _strips(image):
        strip = part.convert("RGB")
        colours = np.asarray(strip)
        red, green, blue = colours[..., 0], colours[..., 1], colours[..., 2]
        spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
        coloured += int(np.count_nonzero(spread > _COLOUR_LEVELS))
        grey.paste(strip.convert("L"), (0, top))
    if coloured > _COLOUR_SHARE * image.width * image.height:
        raise RadiographError(_is_colour(name))
    return grey


def _grey_of_see_through(image: Image.Image, name: str) -> npt.NDArray[np.float32]:
    """Return the grey of a picture that is see-through in places: they show the dark of the viewing box."""
    pixels = _eight_bit(np.asarray(_grey_of_colours(image, name)))
    for top, strip in _strips(image):
        pixels[top : top + strip.height] *= _eight_bit(np.asarray(strip.getchannel("A")))
    return pixels


def _strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """Yield the picture in strips of whole rows, as RGBA where it is see-through, each with its first row's number."""
    height = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, height):
        strip = image.crop((0, top, image.width, min(image.height, top + height)))
        yield top, strip.convert("RGBA") if _is_see_through(image) else strip


def _is_see_through(image: Image.Image) -> bool:
    return "A" in image.mode or "transparency" in image.info


def _is_colour(name: str) -> str:
    return f"{name} is a colour photograph, not a grey radiograph."
