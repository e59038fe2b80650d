"""The picture of a DICOM radiograph: its stored bits, without what hides in unused ones or behind the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from boneage_gui.clinic.deidentify.codestream import without_words
from trainer.radiograph import dicom_frame, dicom_shape

if TYPE_CHECKING:
    from pydicom import Dataset

    from trainer.radiograph.dicom_shape import Shape

UNCOMPRESSED: Final = ("", "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2")
_LUTS: Final = ("ModalityLUTSequence", "VOILUTSequence")
_LUT_TYPES: Final = ("HU", "US", "OD", "PCT", "HSF")


def add_pixels(made: Dataset, source: Dataset, name: str) -> None:
    """Put the picture of ``source`` into ``made``, in its transfer syntax, or explicit little endian.

    Raises RadiographError.
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
    if syntax in UNCOMPRESSED:
        made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        levels = _own_bits(dicom_frame.decode(source, shape, name), shape)
        raw = levels.astype("<u2" if shape.bits_allocated == 16 else "u1").tobytes()
        made.PixelData = raw + b"\0" * (len(raw) % 2)
        made["PixelData"].VR = "OW" if shape.bits_allocated == 16 else "OB"
    else:
        made.file_meta.TransferSyntaxUID = UID(syntax)
        _add_compressed(made, source, syntax, name)


def _add_compressed(made: Dataset, source: Dataset, syntax: str, name: str) -> None:
    from pydicom.encaps import encapsulate, get_frame

    frame = get_frame(source["PixelData"].value, 0, number_of_frames=1)
    made.PixelData = encapsulate([without_words(frame, syntax, name)])
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True


def _own_bits(patterns: npt.NDArray[Any], shape: Shape) -> npt.NDArray[np.uint16]:
    """Return the patterns with nothing in the bits beside the stored ones, where overlays once lay (PS3.5 8.1.2)."""
    lowest = shape.high_bit + 1 - shape.bits_stored
    mask = ((1 << shape.bits_stored) - 1) << lowest
    own = patterns.astype(np.uint16) & np.uint16(mask)
    if shape.signed and lowest == 0:
        negative = (own >> shape.high_bit) & 1 == 1
        own = np.where(negative, own | np.uint16(0xFFFF ^ mask), own)
    return own.astype(np.uint16)


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
