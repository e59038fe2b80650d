"""The grey-scale chain of DICOM (PS3.3 C.11) as tables over every pattern a stored pixel can have."""

from __future__ import annotations

import math
from collections.abc import MutableSequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from trainer.radiograph import dicom_header
from trainer.radiograph.dicom_shape import Shape

if TYPE_CHECKING:
    from pydicom import Dataset


Table = npt.NDArray[np.float64]


def levels_of_patterns(shape: Shape) -> npt.NDArray[np.int32]:
    """Return int32[2 ** bits_allocated]: each bit pattern's stored value, without the bits of overlays."""
    patterns = np.arange(1 << shape.bits_allocated, dtype=np.int32)
    levels = (patterns >> (shape.high_bit + 1 - shape.bits_stored)) & ((1 << shape.bits_stored) - 1)
    if shape.signed:
        levels = np.where(levels >> (shape.bits_stored - 1), levels - (1 << shape.bits_stored), levels)
    return levels.astype(np.int32)


def padding(data: Dataset, levels: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Say which of the levels pad the picture and measure nothing: Pixel Padding Value, to its Range Limit if any."""
    value = dicom_header.whole_number(data, "PixelPaddingValue")
    if value is None:
        return np.zeros(len(levels), np.bool_)
    limit = dicom_header.whole_number(data, "PixelPaddingRangeLimit")
    low, high = sorted((value, value if limit is None else limit))  # the limit may lie on either side (PS3.3 C.7.5.1)
    return (levels >= low) & (levels <= high)


def modality(data: Dataset, levels: npt.NDArray[np.int32], shape: Shape) -> tuple[Table, float, float]:
    """Apply the modality LUT or rescale; return the values, and the least and greatest there can be."""
    lut = _lut(data, "ModalityLUTSequence", signed=shape.signed)
    if lut is not None:
        first, table, top = lut
        return table[np.clip(levels - first, 0, len(table) - 1)], 0.0, top
    low = -(1 << (shape.bits_stored - 1)) if shape.signed else 0
    high = low + (1 << shape.bits_stored) - 1
    slope = dicom_header.number(data, "RescaleSlope")
    intercept = dicom_header.number(data, "RescaleIntercept")
    if slope is None or intercept is None:
        return levels.astype(np.float64), float(low), float(high)
    ends = sorted((low * slope + intercept, high * slope + intercept))
    if not 0.0 < ends[1] - ends[0] < math.inf:  # flat, or beyond what a float holds: no rescale that anyone meant
        return levels.astype(np.float64), float(low), float(high)
    return levels.astype(np.float64) * slope + intercept, ends[0], ends[1]


def window(data: Dataset, modality_values: Table) -> Table | None:
    """Apply the first VOI LUT, or else the first window, to 0..1; None where the header has neither."""
    lut = _lut(data, "VOILUTSequence", signed=bool(modality_values.min() < 0))
    if lut is not None:
        first, table, top = lut
        index = np.clip(np.rint(modality_values - first), 0, len(table) - 1).astype(np.intp)
        return table[index] / top
    centre, width = dicom_header.number(data, "WindowCenter"), dicom_header.number(data, "WindowWidth")
    if centre is None or width is None:
        return None
    function = dicom_header.text(data, "VOILUTFunction") or "LINEAR"
    if function == "SIGMOID" and width > 0:
        return 1.0 / (1.0 + np.exp(np.clip(-4.0 * (modality_values - centre) / width, -500.0, 500.0)))
    if function == "LINEAR_EXACT" and width > 0:
        return np.clip((modality_values - centre) / width + 0.5, 0.0, 1.0)
    if width < 1.0:
        return None
    if width == 1.0:
        return (modality_values > centre - 0.5).astype(np.float64)
    return np.clip((modality_values - (centre - 0.5)) / (width - 1.0) + 0.5, 0.0, 1.0)


def _lut(data: Dataset, sequence: str, *, signed: bool) -> tuple[int, Table, float] | None:
    """Return a LUT's first value mapped, entries and greatest possible entry; None if absent or malformed."""
    try:
        item = dicom_header.element(data, sequence)[0]
        size, first, bits = (int(part) for part in dicom_header.element(item, "LUTDescriptor"))
    except (IndexError, TypeError, ValueError):
        return None
    raw = dicom_header.element(item, "LUTData")
    size = size & 0xFFFF or 65536
    first = first & 0xFFFF
    if signed and first >= 0x8000:
        first -= 0x10000
    entries = _entries(raw, size, bits, big_endian=data.original_encoding[1] is False)
    if entries is None or not 8 <= bits <= 16 or not len(entries):
        return None
    top = float((1 << bits) - 1)
    if entries.max() > top:
        top = 65535.0
    return first, entries, top


def _entries(raw: Any, size: int, bits: int, *, big_endian: bool) -> Table | None:
    if isinstance(raw, bytes):
        if bits == 8 and len(raw) < 2 * size:
            entries: npt.NDArray[Any] = np.frombuffer(raw, np.uint8)
        else:
            entries = np.frombuffer(raw[: len(raw) // 2 * 2], ">u2" if big_endian else "<u2")
    elif isinstance(raw, MutableSequence):
        entries = np.asarray(raw, dtype=np.int64) & 0xFFFF
        if bits == 8 and len(entries) * 2 == size + size % 2:  # two 8-bit entries packed in each word
            entries = entries.astype("<u2").view(np.uint8)
    else:
        return None
    if len(entries) < size:
        return None
    return entries[:size].astype(np.float64)
