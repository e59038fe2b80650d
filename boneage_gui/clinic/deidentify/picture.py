"""PNG, JPEG and TIFF radiographs: their pixels alone, in a PNG without a word."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from trainer.radiograph import picture, scale

if TYPE_CHECKING:
    from PIL import Image

_MARKS: Final = (b"\x89PNG", b"\xff\xd8\xff", b"II", b"MM")
_DICOM_MARK: Final = slice(128, 132)
_TIFF_BITS, _TIFF_PHOTOMETRIC, _WHITE_IS_ZERO, _ORIENTATION = 258, 262, 0, 274


def is_picture(path: Path) -> bool:
    """Whether a file is a picture file and no DICOM file with a picture's preamble."""
    if not path.is_file():  # a pipe would be waited on for ever
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_DICOM_MARK.stop)
    except OSError:
        return False
    return head.startswith(_MARKS) and head[_DICOM_MARK] != b"DICM"


def write_pixels(source: Path, goal: Path) -> None:
    """Write a picture's pixels as PNG, which holds them without loss; the file must be one that our reader reads.

    16 bits stay as they are; TIFF's other depths are stretched to 16, to half a level of 65,535.
    """
    from PIL import Image

    with Image.open(source, formats=picture.FORMATS) as image:
        image.load()
        levels = _levels(image)
    with goal.open("wb") as file:
        Image.fromarray(levels).save(file, format="PNG")


def _levels(image: Image.Image) -> npt.NDArray[Any]:
    if image.format == "JPEG" and image.getexif().get(_ORIENTATION, 1) != 1:
        from PIL import ImageOps

        image = ImageOps.exif_transpose(image)
    if image.mode in ("L", "1"):
        return np.asarray(image.convert("L"))
    if image.mode.startswith("I"):
        return _sixteen_bit(image)
    if "A" not in image.mode and "transparency" not in image.info:
        return np.asarray(image.convert("RGB"))
    colours = np.array(image.convert("RGBA"))
    colours[colours[..., 3] == 0] = 0  # what cannot be seen could say anything
    return colours


def _sixteen_bit(image: Image.Image) -> npt.NDArray[np.uint16]:
    tags = getattr(image, "tag_v2", {})
    bits = int(tags.get(_TIFF_BITS, (16,))[0])
    levels = np.asarray(image).astype(np.uint16)
    white_is_zero = tags.get(_TIFF_PHOTOMETRIC) == _WHITE_IS_ZERO
    if bits == 16 and not white_is_zero:
        return levels
    shown = scale.unit_table(low=0, high=(1 << scale.bits_used(int(levels.max()), bits)) - 1)[levels]
    shown = 1.0 - shown if white_is_zero else shown
    stretched: npt.NDArray[np.uint16] = np.rint(shown * 65535.0).astype(np.uint16)
    return stretched
