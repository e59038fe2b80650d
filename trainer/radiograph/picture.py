"""PNG, JPEG and TIFF files, through Pillow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from trainer.errors import RadiographError
from trainer.radiograph import quiet, scale, values
from trainer.radiograph.values import Radiograph

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "TIFF")
# A radiograph saved as a colour JPEG is grey to a few levels; a coloured arrow or letter on it stays small.
_COLOUR_LEVELS = 24
_COLOUR_SHARE = 0.01
_TIFF_BITS, _TIFF_PHOTOMETRIC, _WHITE_IS_ZERO = 258, 262, 0
_EXIF_ORIENTATION = 274


def read_picture(path: Path, name: str) -> Radiograph:
    """Read a PNG, JPEG or TIFF that holds one grey picture. Raises RadiographError."""
    from PIL import Image, UnidentifiedImageError

    quiet.silence("PIL")  # it warns of odd tags and of large pictures; what matters of that is refused below
    try:
        with Image.open(path, formats=FORMATS) as image:
            _check_header(image, name)
            image.load()
            pixels, bits, cautions = _grey(image, name)
    except (RadiographError, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise RadiographError(_too_large(name)) from None
    except UnidentifiedImageError:
        raise RadiographError(f"{name} is damaged or of a kind of picture that cannot be read.") from None
    except Exception:  # decoders meet hostile bytes here: OSError, SyntaxError, struct.error, ...
        raise RadiographError(f"{name} is truncated or damaged; its picture cannot be decoded.") from None
    return Radiograph(pixels=pixels, source=path, bits_stored=bits, cautions=cautions)


def _too_large(name: str) -> str:
    return f"{name} is too large: more than {values.MAX_PIXELS // 1_000_000} megapixels."


def _check_header(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width * height > values.MAX_PIXELS:
        raise RadiographError(_too_large(name))
    if width < 1 or height < 1:
        raise RadiographError(f"{name} has no pixels.")
    if getattr(image, "n_frames", 1) > 1:
        raise RadiographError(f"{name} holds several pictures; export the one radiograph you want to read.")


def _grey(image: Image.Image, name: str) -> tuple[npt.NDArray[np.float32], int, tuple[str, ...]]:
    if image.format == "JPEG" and image.getexif().get(_EXIF_ORIENTATION, 1) != 1:
        from PIL import ImageOps

        image = ImageOps.exif_transpose(image)
    if image.mode in ("L", "1"):
        return _eight_bit(np.asarray(image.convert("L"))), 8, ()
    if image.mode.startswith("I"):
        return _sixteen_bit(image, name)
    if image.mode in ("LA", "P", "PA", "RGB", "RGBA", "RGBX"):
        return _grey_of_colours(image, name), 8, ()
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        raise RadiographError(_is_colour(name))
    raise RadiographError(f"{name} stores its grey levels in an unusual form; save it with 8 or 16 bits.")


def _eight_bit(levels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    table = np.arange(256, dtype=np.float32) / np.float32(255)
    return table[levels]


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
    return table[levels], bits, scale.unused_bits_caution(bits, used)


def _grey_of_colours(image: Image.Image, name: str) -> npt.NDArray[np.float32]:
    alpha: npt.NDArray[np.float32] | None = None
    if "A" in image.mode or "transparency" in image.info:
        image = image.convert("RGBA")
        alpha = _eight_bit(np.asarray(image.getchannel("A")))
    image = image.convert("RGB")
    colours = np.asarray(image)
    red, green, blue = colours[..., 0], colours[..., 1], colours[..., 2]
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    if np.count_nonzero(spread > _COLOUR_LEVELS) > _COLOUR_SHARE * spread.size:
        raise RadiographError(_is_colour(name))
    grey = _eight_bit(np.asarray(image.convert("L")))
    # What is see-through shows the dark of the viewing box.
    return grey if alpha is None else grey * alpha


def _is_colour(name: str) -> str:
    return f"{name} is a colour photograph, not a grey radiograph."
