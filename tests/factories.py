"""Writes test files: one drawn hand as PNG, JPEG, TIFF or DICOM, by depth, photometric, LUT and transfer syntax."""

from __future__ import annotations

import struct
import warnings
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

Levels = npt.NDArray[np.uint8]

CR_IMAGE = "1.2.840.10008.5.1.4.1.1.1"
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
DEFLATED, BIG_ENDIAN = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
RLE = "1.2.840.10008.1.2.5"
JPEG_BASELINE, JPEG_EXTENDED = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"
JPEG_LOSSLESS_ANY, JPEG_LOSSLESS = "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"
JPEG_LS, JPEG_LS_NEAR = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"
JPEG_2000_LOSSLESS, JPEG_2000 = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"
PLAIN_SYNTAXES = (IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN)
LOSSLESS_SYNTAXES = (*PLAIN_SYNTAXES, RLE, JPEG_LOSSLESS_ANY, JPEG_LOSSLESS, JPEG_LS, JPEG_2000_LOSSLESS)
LOSSY_SYNTAXES = (JPEG_BASELINE, JPEG_EXTENDED, JPEG_LS_NEAR, JPEG_2000)

LUTS = ("none", "rescale", "falling rescale", "modality lut", "voi lut", "window", "exact window")


def hand(height: int = 96, width: int = 72) -> Levels:
    """Return uint8[height, width]: a hand drawn with bone bright, all of 0 to 255 in it, the same every time."""
    rng = np.random.default_rng(7)
    row, column = np.mgrid[0:height, 0:width]
    y, x = row / height, column / width
    picture = 12.0 + 6.0 * y
    flesh = ((x - 0.5) / 0.26) ** 2 + ((y - 0.62) / 0.2) ** 2 < 1
    flesh |= (np.abs(x - 0.5) < 0.14) & (y > 0.7)
    bone = (np.abs(np.abs(x - 0.5) - 0.07) < 0.035) & (y > 0.78)
    for finger in range(5):
        centre = 0.26 + 0.12 * finger
        top = (0.30, 0.16, 0.11, 0.15, 0.34)[finger]
        along = (y > top) & (y < 0.62)
        flesh |= (np.abs(x - centre) < 0.048) & along
        joints = np.abs((y - top) % 0.13 - 0.065) < 0.055
        bone |= (np.abs(x - centre) < 0.022) & along & joints
    picture = picture + 70.0 * flesh + 95.0 * bone + rng.normal(0.0, 2.0, picture.shape)
    levels = np.clip(np.rint(picture), 1, 240).astype(np.uint8)
    levels[2:6, 2:6], levels[0, :2] = 255, 0  # a lead marker, and air
    return levels


@lru_cache
def lifelike_hand() -> Levels:
    """Return uint8[240, width]: a phantom of ten years, which the gate keeps as it does not ``hand``."""
    from trainer.phantom import draw

    return draw(age_months=120, male=True, seed=1, height_px=240, plain=True).pixels


def write_png(path: Path, levels: npt.NDArray[Any], *, mode: str = "L") -> Path:
    """Write uint8 as an 8-bit PNG of a Pillow mode, uint16 as a 16-bit grey PNG."""
    from PIL import Image

    image = Image.fromarray(levels)
    if levels.dtype == np.uint8 and mode != "L":
        image = image.quantize(256) if mode == "P" else image.convert(mode)
    image.save(path, format="PNG")
    return path


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """Return one chunk of a PNG file, its checksum right."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def write_jpeg(path: Path, levels: Levels, *, mode: str = "L", **options: Any) -> Path:
    """Write an 8-bit JPEG of quality 100."""
    from PIL import Image

    Image.fromarray(levels).convert(mode).save(path, format="JPEG", quality=100, subsampling=0, **options)
    return path


def write_tiff(path: Path, levels: npt.NDArray[Any], **options: Any) -> Path:
    """Write uint8 or uint16 [height, width] or [height, width, 3] as TIFF; options go to tifffile."""
    import tifffile

    tifffile.imwrite(path, levels, **options)
    return path


def to_depth(levels: Levels, bits: int) -> npt.NDArray[np.int64]:
    """Stretch 0..255 to 0..2 ** bits - 1, rounded."""
    return np.rint(levels.astype(np.float64) * ((1 << bits) - 1) / 255.0).astype(np.int64)


def write_dicom(
    path: Path,
    levels: Levels,
    *,
    bits: int = 12,
    photometric: str = "MONOCHROME2",
    lut: str = "none",
    signed: bool = False,
    syntax: str = EXPLICIT,
    **header: Any,
) -> Path:
    """Write a DICOM file that shows ``levels``, whatever the way it stores them.

    ``header`` sets any element by keyword, last; None deletes it.
    """
    data = dataset(levels, bits=bits, photometric=photometric, lut=lut, signed=signed, big_endian=syntax == BIG_ENDIAN)
    for keyword, value in header.items():
        if value is None:
            delattr(data, keyword)
        else:
            setattr(data, keyword, value)
    save(data, path, syntax)
    return path


def write_encapsulated(
    path: Path, stream: bytes, shape: tuple[int, ...], *, bits: int, syntax: str, photometric: str = "MONOCHROME2"
) -> Path:
    """Write a DICOM file around one finished codestream, whatever is in it."""
    from pydicom.encaps import encapsulate
    from pydicom.uid import UID

    blank = np.zeros(shape, dtype=np.uint8)
    data = dataset(blank, bits=bits, photometric=photometric, lut="none", signed=False)
    data.file_meta.TransferSyntaxUID = UID(syntax)
    data.PixelData = encapsulate([stream])
    data["PixelData"].VR = "OB"
    data["PixelData"].is_undefined_length = True
    data.save_as(path, enforce_file_format=True, implicit_vr=False, little_endian=True)
    return path


def change_header(path: Path, **header: Any) -> None:
    """Set elements of a file by keyword and leave its pixel data as it is."""
    from pydicom import dcmread

    data = dcmread(path)
    for keyword, value in header.items():
        setattr(data, keyword, value)
    data.save_as(path, enforce_file_format=True)


def write_raw_element(path: Path, keyword: str, value: bytes) -> None:
    """Put an element with just these bytes as its value into an explicit little-endian file."""
    from pydicom import dcmread
    from pydicom.datadict import dictionary_VR, tag_for_keyword
    from pydicom.dataelem import RawDataElement
    from pydicom.tag import Tag

    tag = Tag(tag_for_keyword(keyword) or 0)
    value += b" " * (len(value) % 2)
    data = dcmread(path)
    data[tag] = RawDataElement(tag, dictionary_VR(tag), len(value), value, 0, False, True)
    with warnings.catch_warnings():  # pydicom minds what is written here, and that is the point of it
        warnings.simplefilter("ignore")
        data.save_as(path, enforce_file_format=True)


def dataset(levels: Levels, *, bits: int, photometric: str, lut: str, signed: bool, big_endian: bool = False) -> Any:
    """Return the uncompressed pydicom data set behind ``write_dicom``."""
    from pydicom.dataset import Dataset, FileMetaDataset

    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.SOPClassUID, data.SOPInstanceUID = CR_IMAGE, "1.2.826.0.1.3680043.8.498.1"
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.Modality, data.PatientName, data.PatientID = "CR", "SECRET^PATIENT", "SECRET-ID"
    data.Rows, data.Columns = levels.shape
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, photometric
    data.BitsAllocated = 8 if bits == 8 else 16
    data.BitsStored, data.HighBit, data.PixelRepresentation = bits, bits - 1, int(signed)
    shown = to_depth(levels, bits)
    if photometric == "MONOCHROME1":
        shown = (1 << bits) - 1 - shown
    stored = _before_lut(data, shown, lut, bits=bits, signed=signed, big_endian=big_endian)
    kind = np.dtype(f"{'i' if signed else 'u'}{data.BitsAllocated // 8}")
    raw = stored.astype(kind.newbyteorder(">" if big_endian else "<")).tobytes()
    data.PixelData = raw + b"\0" * (len(raw) % 2)
    data["PixelData"].VR = "OB" if bits == 8 else "OW"
    return data


def _before_lut(
    data: Any, shown: npt.NDArray[np.int64], lut: str, *, bits: int, signed: bool, big_endian: bool
) -> npt.NDArray[np.int64]:
    """Set a LUT in the header and return what must be stored for it to give ``shown``."""
    top = (1 << bits) - 1
    shift = (1 << (bits - 1)) if signed else 0  # a signed file stores its least value as -shift
    if lut == "rescale":
        data.RescaleSlope, data.RescaleIntercept, data.RescaleType = "2", "-1024", "US"
    elif lut == "falling rescale":
        data.RescaleSlope, data.RescaleIntercept, data.RescaleType = "-1", str(top), "US"
        shown = top - shown
    elif lut in ("modality lut", "voi lut"):
        data.add(_lut_sequence(lut, top=top, first=-shift, signed=signed, big_endian=big_endian))
        shown = top - shown
    elif lut == "window":
        data.WindowCenter, data.WindowWidth = str((top + 1) / 2 - shift), str(top + 1)
    elif lut == "exact window":
        data.WindowCenter, data.WindowWidth = str(top / 2 - shift), str(top)
        data.VOILUTFunction = "LINEAR_EXACT"
    return shown - shift


def _lut_sequence(lut: str, *, top: int, first: int, signed: bool, big_endian: bool) -> Any:
    """Return a LUT that turns every level into its opposite, so that leaving it out is noticed."""
    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    entries = np.arange(top, -1, -1).astype(">u2" if big_endian else "<u2")
    item = Dataset()
    vr = "SS" if signed else "US"
    length = (top + 1) & 0xFFFF  # 0 stands for 65536
    # In a signed descriptor the unsigned length 32768 and more is written as its two's complement.
    length = length - 0x10000 if signed and length >= 0x8000 else length
    item.add(DataElement(0x00283002, vr, [length, first, top.bit_length()]))
    item.add(DataElement(0x00283006, "OW", entries.tobytes()))
    tag = 0x00283000 if lut == "modality lut" else 0x00283010
    if tag == 0x00283000:
        item.add(DataElement(0x00283004, "LO", "US"))
    return DataElement(tag, "SQ", Sequence([item]))


def save(data: Any, path: Path, syntax: str) -> None:
    """Encode an uncompressed little-endian data set (big-endian bytes for BIG_ENDIAN) and write it."""
    from pydicom.uid import UID

    if syntax in PLAIN_SYNTAXES:
        data.file_meta.TransferSyntaxUID = UID(syntax)
        data.save_as(path, enforce_file_format=True)
        return
    data.file_meta.TransferSyntaxUID = UID(EXPLICIT)
    if syntax in (JPEG_BASELINE, JPEG_EXTENDED, JPEG_LOSSLESS, JPEG_LOSSLESS_ANY):
        data.save_as(path, enforce_file_format=True)
        _compress_with_gdcm(path, syntax)
        return
    if syntax in (JPEG_LS, JPEG_LS_NEAR):
        pytest.importorskip("jpeg_ls", reason="nothing here writes JPEG-LS on this Python")
    options: dict[str, dict[str, Any]] = {
        RLE: {"encoding_plugin": "pydicom"},
        JPEG_LS: {"encoding_plugin": "pyjpegls"},
        JPEG_LS_NEAR: {"encoding_plugin": "pyjpegls", "jls_error": 2},
        JPEG_2000_LOSSLESS: {"encoding_plugin": "pylibjpeg"},
        JPEG_2000: {"encoding_plugin": "pylibjpeg", "j2k_cr": [4]},
    }
    data.compress(UID(syntax), **options[syntax])
    data.save_as(path, enforce_file_format=True)


def _compress_with_gdcm(path: Path, syntax: str) -> None:
    import gdcm

    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(syntax)))
    codec = gdcm.JPEGCodec()
    if syntax in (JPEG_BASELINE, JPEG_EXTENDED):
        codec.SetLossless(False)
        codec.SetQuality(100)
        change.SetUserCodec(codec)
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(path))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
