"""A radiograph that says who it is of in every element that DICOM knows, at every level, and in hidden places."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydicom import Dataset, Sequence
from pydicom._dicom_dict import DicomDictionary
from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import Tag

from tests.factories import dataset, hand

MARK: Final = b"ZQX"
NUMBER: Final = b"8151623"  # a number that could be somebody's
UID: Final = b"1.2.826.8151623"
_TEXTS: Final = frozenset(
    {"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT", "AS", "DA", "DT", "TM", "DS", "IS"}
)
_BYTES: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_NUMBERS: Final = frozenset({"DS", "IS"})
# What makes the picture, and with it the reader's answer.
_PICTURE: Final = frozenset({"NumberOfFrames", "SpecificCharacterSet", "PhotometricInterpretation", "VOILUTFunction"})


def write_planted(path: Path, *, digits: bool = False, kept: frozenset[str] = frozenset()) -> int:
    """Write it; return how many elements were planted.

    With ``digits`` numbers are sound ones, but for those in ``kept``, which may stay; else every element says MARK.
    """
    data = dataset(hand(), bits=12, photometric="MONOCHROME2", lut="none", signed=False)
    own = {element.tag for element in data}
    count = 0
    for number, (vr, _, _, _, keyword) in DicomDictionary.items():
        tag = Tag(number)
        if tag.group in (0x0000, 0x0002, 0x7FE0) or tag in own or keyword in _PICTURE or keyword in kept:
            continue
        count += _plant(data, tag, vr, digits=digits)
    for group in (0x6000, 0x6002, 0x5000):
        _raw(data, Tag(group, 0x3000), "OB", MARK + b"plane")
        _raw(data, Tag(group, 0x0022), "LO", MARK + b"words")
    for group in (0x0009, 0x0029, 0x0011):
        block = data.private_block(group, "ZQX CREATOR", create=True)
        block.add_new(1, "LO", "ZQX private")
        block.add_new(2, "SQ", [_item(digits=digits)])
        block.add_new(3, "UN", b"ZQXprivate")
    _raw(data, Tag(0x0013, 0x0105), "UN", MARK + b"without a creator")
    _raw(data, Tag(0xFFFC, 0xFFFC), "OB", MARK * 20)
    data.PixelData += MARK * 40  # behind the last pixel
    data.file_meta.SourceApplicationEntityTitle = "ZQXSOURCE"
    data.file_meta.PrivateInformationCreatorUID = UID.decode()
    data.file_meta.PrivateInformation = MARK * 10
    data.preamble = MARK * 42 + b"ZQ"
    data.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    with warnings.catch_warnings():  # pydicom minds what is written here, and that is the point of it
        warnings.simplefilter("ignore")
        data.save_as(path, enforce_file_format=True)
    return count


def _plant(data: Dataset, tag: Any, vr: str, *, digits: bool) -> int:
    if vr == "SQ":
        data[tag] = DataElement(tag, "SQ", Sequence([_item(digits=digits), _item(digits=digits)]))
    elif vr == "UI":
        _raw(data, tag, "UI", UID)
    elif digits and vr in _NUMBERS:
        _raw(data, tag, vr, NUMBER)
    elif vr in _TEXTS:
        _raw(data, tag, vr, MARK + f"{int(tag):08X}"[:5].encode())
    elif vr in _BYTES:
        _raw(data, tag, vr, MARK + b"\0")
    else:
        return 0
    return 1


def _item(*, digits: bool) -> Dataset:
    """An item with texts, a code of nobody's, and an item of its own."""
    item, inner = Dataset(), Dataset()
    for level in (item, inner):
        for keyword in ("PatientName", "CodeMeaning", "CodeValue", "TextValue", "ReferencedSOPInstanceUID"):
            tag = Tag(keyword)
            _plant(level, tag, DicomDictionary[int(tag)][0], digits=digits)
        _raw(level, Tag(0x0009, 0x0010), "LO", MARK + b"nested")
        _raw(level, Tag("LUTData"), "OW", MARK + b"\0")
    item[Tag("ContentSequence")] = DataElement("ContentSequence", "SQ", Sequence([inner]))
    return item


def _raw(data: Dataset, tag: Any, vr: str, value: bytes) -> None:
    value += (b"\0" if vr in _BYTES or vr == "UI" else b" ") * (len(value) % 2)
    data[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)


def planted_twelve_bits() -> Any:
    """Return stored patterns whose four spare bits are an overlay's."""
    levels = np.arange(96 * 72, dtype=np.uint16).reshape(96, 72) % 4096
    return levels | np.uint16(0xA000)


def keywords(data: Dataset) -> set[str]:
    """Every keyword of a data set at every level."""
    found: set[str] = set()
    data.walk(lambda _level, element: found.add(keyword_for_tag(element.tag)))
    return found
