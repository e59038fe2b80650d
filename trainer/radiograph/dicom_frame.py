"""Getting one frame of stored pixel values out of a DICOM file."""

from __future__ import annotations

import zlib
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import numpy.typing as npt

from trainer.errors import RadiographError
from trainer.radiograph import dicom_bounds, dicom_codec, values
from trainer.radiograph.dicom_shape import Shape

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import UID


Stored = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

_DEFLATED = "1.2.840.10008.1.2.1.99"
_BIG_ENDIAN = "1.2.840.10008.1.2.2"
_LITTLE_ENDIAN = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", _DEFLATED)
_BEFORE_META = 128 + 4 + 12  # preamble, mark, and the element that holds the length of the rest


def load(path: Path, name: str) -> Dataset:
    """Parse the whole file; the result always has a file_meta. Raises RadiographError."""
    from pydicom.dataset import FileMetaDataset

    with path.open("rb") as file:
        try:
            meta = dicom_bounds.file_meta(file, name)
            deflated = meta.get("TransferSyntaxUID") == _DEFLATED
        except RadiographError:
            raise
        except Exception:  # no preamble or a broken one: parsing below is more patient
            deflated = False
        file.seek(0)
        data = _load_deflated(file, meta, name) if deflated else dicom_bounds.parse(file, name, force=True)
    if not hasattr(data, "file_meta"):
        data.file_meta = FileMetaDataset()
    return data


def _load_deflated(file: BinaryIO, meta: FileMetaDataset, name: str) -> Dataset:
    """Inflate within the limit: pydicom would inflate a bomb of any size."""
    file.seek(_BEFORE_META + int(meta["FileMetaInformationGroupLength"].value))
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    plain = inflater.decompress(file.read(), values.MAX_INFLATED_BYTES)
    if inflater.unconsumed_tail:
        raise RadiographError(f"{name} is too large once it is inflated.")
    if not inflater.eof:
        raise RadiographError(f"{name} is truncated: it ends before its last pixel.")
    data = dicom_bounds.parse_explicit(BytesIO(plain), name)
    data.file_meta = meta
    return data


def decode(data: Dataset, shape: Shape, name: str) -> Stored:
    """Return the frame as unsigned bit patterns [rows, columns]. Raises RadiographError."""
    syntax = _syntax(data)
    if syntax in _LITTLE_ENDIAN or syntax == _BIG_ENDIAN:
        return _native(data, shape, name, big_endian=syntax == _BIG_ENDIAN)
    if not dicom_codec.can_decode(syntax):
        known = "an unregistered kind" if syntax.name == str(syntax) else syntax.name
        raise RadiographError(f"{name} is compressed in a way that cannot be read ({known}).")
    frame = _compressed(data, name)
    return dicom_codec.decode(frame, syntax, shape, name)


def _syntax(data: Dataset) -> UID:
    """Return the transfer syntax; where the file does not say, what its data set was parsed as."""
    from pydicom.uid import UID

    named = data.file_meta.get("TransferSyntaxUID")
    if named:
        return UID(str(named))
    return UID(_BIG_ENDIAN if data.original_encoding[1] is False else _LITTLE_ENDIAN[0])


def _native(data: Dataset, shape: Shape, name: str, *, big_endian: bool) -> Stored:
    element = data["PixelData"]
    raw, count = element.value, shape.rows * shape.columns
    item_bytes = shape.bits_allocated // 8
    if len(raw) < count * item_bytes:
        raise RadiographError(f"{name} is truncated: it ends before its last pixel.")
    if item_bytes == 2:
        stored = np.frombuffer(raw, ">u2" if big_endian else "<u2", count)
        return stored.reshape(shape.rows, shape.columns)
    if big_endian and element.VR == "OW":  # bytes lie in swapped pairs (PS3.5 annex D)
        pairs = np.frombuffer(raw[: len(raw) // 2 * 2], ">u2")
        raw = pairs.astype("<u2").tobytes()
    return np.frombuffer(raw, np.uint8, count).reshape(shape.rows, shape.columns)


def _compressed(data: Dataset, name: str) -> bytes:
    from pydicom.encaps import get_frame

    try:
        return get_frame(data["PixelData"].value, 0, number_of_frames=1)
    except Exception:  # pydicom raises ValueError, struct.error and others for broken fragments
        raise RadiographError(f"{name} is truncated or damaged; its picture cannot be decoded.") from None
