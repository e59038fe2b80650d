"""Radiographs in every format and transfer syntax that can be written here."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests import factories
from tests.factories import hand, write_dicom, write_jpeg, write_png, write_tiff

HAND: Final = hand(48, 36)
WIDE: Final = HAND.astype(np.uint16) * 257
EIGHT_BIT: Final = (factories.JPEG_BASELINE, factories.RLE, factories.JPEG_LS, factories.JPEG_2000)
TWELVE_BIT: Final = (
    factories.JPEG_EXTENDED,
    factories.JPEG_LOSSLESS,
    factories.JPEG_LOSSLESS_ANY,
    factories.JPEG_LS_NEAR,
    factories.JPEG_2000_LOSSLESS,
    factories.RLE,
)
HEADER: Final[dict[str, Any]] = {
    "PatientSex": "M",
    "PatientBirthDate": "20100310",
    "StudyDate": "20200310",
    "StudyInstanceUID": "1.2.3.1",
    "SeriesInstanceUID": "1.2.3.2",
    "ImagerPixelSpacing": [0.2, 0.1],
}


def _dicom(folder: Path) -> Iterator[bytes]:
    path = folder / "seed.dcm"
    for syntax in factories.PLAIN_SYNTAXES:
        yield write_dicom(path, HAND, syntax=syntax, **HEADER).read_bytes()
        yield write_dicom(path, HAND, bits=8, syntax=syntax, photometric="MONOCHROME1").read_bytes()
    for lut in factories.LUTS:
        yield write_dicom(path, HAND, lut=lut, signed=True, **HEADER).read_bytes()
    for syntax in EIGHT_BIT:
        yield write_dicom(path, HAND, bits=8, syntax=syntax, **HEADER).read_bytes()
    for syntax in TWELVE_BIT:
        yield write_dicom(path, HAND, syntax=syntax, **HEADER).read_bytes()
    yield path.read_bytes()[128 + 4 :]  # without its preamble


def _png(folder: Path) -> Iterator[bytes]:
    path = folder / "seed.png"
    for mode in ("L", "1", "P", "LA", "RGB", "RGBA"):
        yield write_png(path, HAND, mode=mode).read_bytes()
    yield write_png(path, WIDE).read_bytes()


def _jpeg(folder: Path) -> Iterator[bytes]:
    path = folder / "seed.jpg"
    for mode in ("L", "RGB", "CMYK"):
        yield write_jpeg(path, HAND, mode=mode).read_bytes()
        yield write_jpeg(path, HAND, mode=mode, progressive=True).read_bytes()
    from PIL import Image

    exif = Image.Exif()
    exif[274] = 6
    yield write_jpeg(path, HAND, exif=exif).read_bytes()


def _tiff(folder: Path) -> Iterator[bytes]:
    path = folder / "seed.tif"
    for levels in (HAND, WIDE, np.dstack([HAND] * 3)):
        photometric = "rgb" if levels.ndim == 3 else "minisblack"
        yield write_tiff(path, levels, photometric=photometric).read_bytes()
        yield write_tiff(path, levels, photometric=photometric, compression="zlib").read_bytes()
        yield write_tiff(path, levels, photometric=photometric, byteorder=">", tile=(16, 16)).read_bytes()
    yield write_tiff(path, HAND, bigtiff=True).read_bytes()
    from PIL import Image

    for compression in ("tiff_lzw", "packbits", "jpeg", "group4"):
        written = io.BytesIO()
        image = Image.fromarray(HAND).convert("1" if compression == "group4" else "L")
        image.save(written, "TIFF", compression=compression)
        yield written.getvalue()


SEEDS: Final[dict[str, Callable[[Path], Iterator[bytes]]]] = {
    "dicom": _dicom,
    "png": _png,
    "jpeg": _jpeg,
    "tiff": _tiff,
}
