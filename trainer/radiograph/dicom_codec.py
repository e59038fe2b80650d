"""Compressed frames of DICOM: JPEG and RLE through GDCM, JPEG-LS through CharLS, JPEG 2000 through OpenJPEG.

Where CharLS's package is missing (Python 3.14), GDCM decodes JPEG-LS as well. Never pylibjpeg-libjpeg, which is GPL.
"""

from __future__ import annotations

import struct
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from trainer.errors import RadiographError
from trainer.radiograph import dicom_jpeg, jpeg
from trainer.radiograph.dicom_jpeg import Codestream
from trainer.radiograph.dicom_shape import Shape

_RLE = "1.2.840.10008.1.2.5"
_JPEG = (
    "1.2.840.10008.1.2.4.50",  # baseline, 8 bit
    "1.2.840.10008.1.2.4.51",  # extended, 12 bit
    "1.2.840.10008.1.2.4.57",  # lossless
    "1.2.840.10008.1.2.4.70",  # lossless, first-order prediction: the usual one for CR and DX
)
_JPEG_LS = ("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81")
_JPEG_2000 = (
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.4.201",  # high-throughput JPEG 2000
    "1.2.840.10008.1.2.4.202",
    "1.2.840.10008.1.2.4.203",
)
_RLE_HEADER_BYTES = 64
_J2K_START = b"\xff\x4f\xff\x51"
_END = b"\xff\xd9"  # of JPEG, JPEG-LS and JPEG 2000 alike
_SEARCHED_FOR_START = 4096


def can_decode(syntax: str) -> bool:
    """Say whether a compressed transfer syntax can be read."""
    return syntax == _RLE or syntax in _JPEG + _JPEG_LS + _JPEG_2000


def decode(frame: bytes, syntax: str, shape: Shape, name: str) -> npt.NDArray[Any]:
    """Return one compressed frame as unsigned bit patterns [rows, columns]. Raises RadiographError.

    The codestream's own size is held against the header's first, so that no decoder is asked for a bomb.
    """
    damaged = RadiographError(f"{name} is truncated or damaged; its picture cannot be decoded.")
    if syntax == _RLE:
        if not _is_sound_rle(frame, shape.bits_allocated // 8):
            raise damaged
        return _as_patterns(_by_gdcm(frame, syntax, shape, shape.bits_allocated), shape.bits_allocated, shape)
    stream = _facts(frame, syntax)
    if stream is None or (stream.rows, stream.columns) != (shape.rows, shape.columns):
        raise damaged
    if stream.samples != 1:
        raise RadiographError(f"{name} is a colour picture, not a grey radiograph.")
    if not 8 <= stream.precision <= shape.bits_allocated or _END not in frame[-16:]:
        raise damaged
    if syntax in _JPEG and stream.precision == 8 and not jpeg.is_whole(stream.stream):  # GDCM keeps quiet
        raise damaged
    if syntax in _JPEG_2000:
        raw = _by_openjpeg(frame)
    elif syntax in _JPEG_LS and find_spec("jpeg_ls") is not None:
        raw = _by_charls(frame)
    else:
        raw = _by_gdcm(stream.stream, syntax, shape, stream.precision)
    return _as_patterns(raw, stream.precision, shape)


def precision(frame: bytes, syntax: str) -> int | None:
    """Return how many bits a pixel is coded with in a JPEG frame of any kind; None if it is unsound."""
    stream = _facts(frame, syntax)
    return stream.precision if stream is not None else None


def _facts(frame: bytes, syntax: str) -> Codestream | None:
    if syntax in _JPEG_2000:
        return _jpeg_2000_facts(frame)
    return dicom_jpeg.parse(frame, jpeg_ls=syntax in _JPEG_LS)


def _as_patterns(raw: bytes, precision: int, shape: Shape) -> npt.NDArray[Any]:
    dtype = np.dtype("u1" if precision <= 8 else "<u2")
    return np.frombuffer(raw, dtype, shape.rows * shape.columns).reshape(shape.rows, shape.columns)


def _by_openjpeg(frame: bytes) -> bytes:
    from openjpeg.utils import decode_pixel_data

    return bytes(decode_pixel_data(frame, version=2))


def _by_charls(frame: bytes) -> bytes:
    from jpeg_ls import decode_pixel_data

    return bytes(decode_pixel_data(frame)[0])


def _by_gdcm(frame: bytes, syntax: str, shape: Shape, precision: int) -> bytes:
    """Decode with GDCM's image class; its trace would write to the terminal."""
    import gdcm

    for stop in (gdcm.Trace.DebugOff, gdcm.Trace.WarningOff, gdcm.Trace.ErrorOff):
        stop()
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(frame)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((shape.columns, shape.rows, 1))
    image.SetDataElement(element)
    grey = gdcm.PhotometricInterpretation.GetPIType("MONOCHROME2")
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(grey))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(str(syntax))))
    allocated = 8 if precision <= 8 else 16
    image.SetPixelFormat(gdcm.PixelFormat(1, allocated, precision, precision - 1, int(shape.signed)))
    # GDCM hands its bytes over as text.
    text: str = image.GetBuffer()
    return text.encode("utf-8", "surrogateescape")


def _is_sound_rle(frame: bytes, bytes_each: int) -> bool:
    """Hold the header of RLE (PS3.5 annex G) against the pixel's size: GDCM divides by what it finds there."""
    if len(frame) <= _RLE_HEADER_BYTES:
        return False
    segments, *starts = struct.unpack_from("<16I", frame)
    used = [*starts[:bytes_each], len(frame)]
    in_order = all(start < end for start, end in pairwise(used))
    return segments == bytes_each and used[0] == _RLE_HEADER_BYTES and in_order and not any(starts[bytes_each:])


def _jpeg_2000_facts(frame: bytes) -> Codestream | None:
    """Read the image-and-tile-size marker (ITU-T T.800 A.5.1); a JP2 box may come before it."""
    at = frame.find(_J2K_START, 0, _SEARCHED_FOR_START)
    if at < 0 or len(frame) < at + 44:
        return None
    right, lower, left, upper = struct.unpack_from(">IIII", frame, at + 8)
    (samples,) = struct.unpack_from(">H", frame, at + 40)
    precision = (frame[at + 42] & 0x7F) + 1
    return Codestream(rows=lower - upper, columns=right - left, samples=samples, precision=precision, stream=frame)
