"""How the frame of a DICOM file is laid out, held against the limits before a pixel is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trainer.errors import RadiographError
from trainer.radiograph import dicom_header, values

if TYPE_CHECKING:
    from pydicom import Dataset

_MONOCHROME = ("MONOCHROME1", "MONOCHROME2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One grey frame of 8 to 16 bits."""

    rows: int
    columns: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool


def check(data: Dataset, name: str) -> Shape:
    """Return the layout of the one grey frame a header announces. Raises RadiographError otherwise."""
    number = dicom_header.whole_number
    rows, columns = number(data, "Rows"), number(data, "Columns")
    if not rows or not columns or rows < 1 or columns < 1:
        raise RadiographError(f"{name} is a DICOM file without a picture.")
    if rows * columns > values.MAX_PIXELS:
        raise RadiographError(f"{name} is too large: more than {values.MAX_PIXELS // 1_000_000} megapixels.")
    if (number(data, "NumberOfFrames") or 1) > 1:
        raise RadiographError(f"{name} holds several frames; export the one radiograph you want to read.")
    photometric = dicom_header.text(data, "PhotometricInterpretation") or "MONOCHROME2"
    if photometric not in _MONOCHROME or (number(data, "SamplesPerPixel") or 1) != 1:
        raise RadiographError(f"{name} is a colour picture, not a grey radiograph.")
    if "PixelData" not in data or not data["PixelData"].value:
        raise RadiographError(f"{name} has no pixels; it may have been truncated.")
    allocated = number(data, "BitsAllocated") or 0
    stored = number(data, "BitsStored") or allocated
    if allocated not in (8, 16) or not 8 <= stored <= allocated:
        raise RadiographError(f"{name} does not store 8 to 16 bits a pixel, so it cannot be read.")
    high_bit = number(data, "HighBit")
    if high_bit is None or not stored - 1 <= high_bit < allocated:
        high_bit = stored - 1
    return Shape(
        rows=rows,
        columns=columns,
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=high_bit,
        signed=number(data, "PixelRepresentation") == 1,
    )
