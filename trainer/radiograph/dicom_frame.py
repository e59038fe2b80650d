"""Getting one frame of stored pixel values out of a DICOM file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from trainer.errors import RadiographError

if TYPE_CHECKING:
    from pydicom import Dataset

    from trainer.radiograph.dicom import Shape

Stored = npt.NDArray[np.uint8 | np.uint16]


def load(path: Path, name: str) -> Dataset:
    """Parse the whole file. Raises RadiographError."""
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    try:
        return dcmread(path, force=True)
    except InvalidDicomError:
        raise RadiographError(f"{name} is damaged: it starts like DICOM and goes on as something else.") from None


def decode(data: Dataset, shape: Shape, name: str) -> Stored:
    """Return the frame as unsigned bit patterns [rows, columns]. Raises RadiographError."""
    from pydicom.pixels import get_decoder

    syntax = data.file_meta.TransferSyntaxUID
    if not syntax.is_encapsulated and syntax.is_little_endian:
        return _native(data, shape, name)
    array, _ = get_decoder(syntax).as_array(data, raw=True)
    unsigned = np.uint8 if shape.bits_allocated == 8 else np.uint16
    return np.asarray(array).astype(unsigned, copy=False)


def _native(data: Dataset, shape: Shape, name: str) -> Stored:
    dtype = np.dtype("u1" if shape.bits_allocated == 8 else "<u2")
    count = shape.rows * shape.columns
    raw = data["PixelData"].value
    if len(raw) < count * dtype.itemsize:
        raise RadiographError(f"{name} is truncated: it ends before its last pixel.")
    return np.frombuffer(raw, dtype, count).reshape(shape.rows, shape.columns)
