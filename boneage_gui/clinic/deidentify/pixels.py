"""The picture of a DICOM radiograph: its stored bits, without what hides in unused ones or behind the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from boneage_gui.clinic.deidentify.codestream import without_words
from trainer.radiograph import dicom_codec, dicom_frame, dicom_shape

if TYPE_CHECKING:
    from pydicom import Dataset

    from trainer.radiograph.dicom_shape import Shape

RLE: Final = "1.2.840.10008.1.2.5"
UNCOMPRESSED: Final = ("", "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2")
LOSSY: Final = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 81, 91, 203))
_LUTS: Final = ("ModalityLUTSequence", "VOILUTSequence")
_LUT_TYPES: Final = ("HU", "US", "OD", "PCT", "HSF")


def add_pixels(made: Dataset, source: Dataset, name: str) -> None:
    """Put the picture of ``source`` into ``made``, in its transfer syntax, or explicit little endian.

    Our reader must have read the file before: it is decoded here once more where something may hide in it. Raises
    RadiographError.
    """
    from pydicom.uid import UID, ExplicitVRLittleEndian

    shape = dicom_shape.check(source, name)
    photometric = str(source.get("PhotometricInterpretation") or "MONOCHROME2")
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, photometric.strip()
    made.Rows, made.Columns = shape.rows, shape.columns
    made.BitsAllocated, made.BitsStored, made.HighBit = shape.bits_allocated, shape.bits_stored, shape.high_bit
    made.PixelRepresentation = int(shape.signed)
    _add_padding(made, source, shape)
    _add_luts(made, source)
    syntax = str(source.file_meta.get("TransferSyntaxUID", ""))
    levels = _bare_levels(source, syntax, shape, name)
    if levels is not None:
        made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        if syntax in LOSSY:
            made.LossyImageCompression = "01"  # the syntax says it no more
        raw = levels.astype("<u2" if shape.bits_allocated == 16 else "u1").tobytes()
        made.PixelData = raw + b"\0" * (len(raw) % 2)
        made["PixelData"].VR = "OW" if shape.bits_allocated == 16 else "OB"
    else:
        made.file_meta.TransferSyntaxUID = UID(syntax)
        _add_compressed(made, source, syntax, name)


def _bare_levels(source: Dataset, syntax: str, shape: Shape, name: str) -> npt.NDArray[np.uint16] | None:
    """Return the patterns to write uncompressed; None where the compressed frame holds its picture's bits alone.

    RLE is never kept: anything may lie behind its segments and between them (PS3.5 annex G).
    """
    uncompressed = syntax in UNCOMPRESSED
    if not (uncompressed or syntax == RLE) and _has_no_spare_bits(source, syntax, shape):
        return None
    patterns = dicom_frame.decode(source, shape, name).astype(np.uint16)
    own = _own_bits(patterns, shape)
    bare = (patterns == own) | (patterns & ~_mask(shape) == 0)  # a decoder need not draw out the sign
    return None if bool(bare.all()) and not (uncompressed or syntax == RLE) else own


def _has_no_spare_bits(source: Dataset, syntax: str, shape: Shape) -> bool:
    """Whether what is coded is no deeper than what is stored, as most writers have it; no need to decode it then."""
    precision = dicom_codec.precision(_frame(source), syntax)
    return precision is not None and precision <= shape.bits_stored == shape.high_bit + 1


def _frame(source: Dataset) -> bytes:
    from pydicom.encaps import get_frame

    return get_frame(source["PixelData"].value, 0, number_of_frames=1)


def _add_compressed(made: Dataset, source: Dataset, syntax: str, name: str) -> None:
    from pydicom.encaps import encapsulate

    made.PixelData = encapsulate([without_words(_frame(source), syntax, name)])
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True


def _own_bits(patterns: npt.NDArray[Any], shape: Shape) -> npt.NDArray[np.uint16]:
    """Return the patterns with nothing in the bits beside the stored ones, where overlays once lay (PS3.5 8.1.2)."""
    mask = _mask(shape)
    own = patterns.astype(np.uint16) & mask
    if shape.signed and shape.high_bit + 1 == shape.bits_stored:
        negative = (own >> shape.high_bit) & 1 == 1
        own = np.where(negative, own | ~mask, own)
    return own.astype(np.uint16)


def _mask(shape: Shape) -> np.uint16:
    return np.uint16(((1 << shape.bits_stored) - 1) << (shape.high_bit + 1 - shape.bits_stored))


def _add_padding(made: Dataset, source: Dataset, shape: Shape) -> None:
    from pydicom.dataelem import DataElement

    from trainer.radiograph import dicom_header

    padding = dicom_header.whole_number(source, "PixelPaddingValue")
    low, high = (-0x8000, 0x7FFF) if shape.signed else (0, 0xFFFF)
    if padding is not None and low <= padding <= high:
        made.add(DataElement("PixelPaddingValue", "SS" if shape.signed else "US", padding))


def _add_luts(made: Dataset, source: Dataset) -> None:
    """Copy the first table of each kind, its numbers alone."""
    for keyword in _LUTS:
        table = _lut(source, keyword)
        if table is not None:
            if keyword == "ModalityLUTSequence":
                kind = str(source[keyword].value[0].get("ModalityLUTType", ""))
                table.ModalityLUTType = kind if kind in _LUT_TYPES else "US"
            setattr(made, keyword, [table])


def _lut(source: Dataset, keyword: str) -> Dataset | None:
    from pydicom import Dataset
    from pydicom.dataelem import DataElement

    try:
        item = source[keyword].value[0]
        descriptor, vr = [int(part) for part in item["LUTDescriptor"].value], item["LUTDescriptor"].VR
        raw = _entries(item["LUTData"].value, descriptor, big_endian=source.original_encoding[1] is False)
    except Exception:  # as for our reader, a table that is absent or cannot be read is none
        return None
    table = Dataset()
    table.add(DataElement("LUTDescriptor", vr if vr in ("US", "SS") else "US", descriptor))
    table.add(DataElement("LUTData", "OW", raw))
    return table


def _entries(raw: Any, descriptor: list[int], *, big_endian: bool) -> bytes:
    """Return a table's entries as little-endian words, no more of them than it says."""
    size = descriptor[0] & 0xFFFF or 65536
    if not isinstance(raw, bytes):
        raw, big_endian = np.asarray(raw, dtype=np.int64).astype("<u2").tobytes(), False
    narrow = descriptor[2] == 8 and len(raw) < 2 * size
    if big_endian and not narrow:
        raw = np.frombuffer(raw[: len(raw) // 2 * 2], ">u2").astype("<u2").tobytes()
    cut: bytes = raw[: size if narrow else 2 * size]
    return cut + b"\0" * (len(cut) % 2)
