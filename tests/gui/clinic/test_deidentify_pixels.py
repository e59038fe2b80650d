"""The picture of a de-identified radiograph: the same to our reader, and nothing hides in it."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from pydicom import dcmread
from pydicom.encaps import encapsulate, get_frame

from boneage_gui import command_line
from boneage_gui.clinic.deidentify import Choices, Pseudonyms, export
from boneage_gui.clinic.deidentify.codestream import without_words
from tests.factories import (
    BIG_ENDIAN,
    EXPLICIT,
    JPEG_2000,
    JPEG_2000_LOSSLESS,
    JPEG_BASELINE,
    JPEG_EXTENDED,
    JPEG_LOSSLESS,
    JPEG_LOSSLESS_ANY,
    JPEG_LS,
    JPEG_LS_NEAR,
    LUTS,
    PLAIN_SYNTAXES,
    RLE,
    change_header,
    hand,
    to_depth,
    write_dicom,
    write_jpeg,
    write_png,
    write_tiff,
)
from tests.gui.clinic.planted import MARK, planted_twelve_bits
from trainer.errors import RadiographError
from trainer.radiograph import read

JPEGS = (JPEG_BASELINE, JPEG_EXTENDED, JPEG_LOSSLESS, JPEG_LOSSLESS_ANY, JPEG_LS, JPEG_LS_NEAR)
WORDS = MARK + b" patient " + MARK


def _same(path: Path, ending: str = ".dcm") -> bytes:
    """Export, hold the two pictures against each other to the last bit, and return the bytes."""
    goal = path.with_name(f"out{ending}")
    export(path, goal, Pseudonyms(), Choices())
    before, after = read(path), read(goal)
    assert np.array_equal(before.pixels, after.pixels)
    assert (before.spacing_mm, before.spacing_from) == (after.spacing_mm, after.spacing_from)
    assert (before.bits_stored, before.was_inverted) == (after.bits_stored, after.was_inverted)
    return goal.read_bytes()


# -- DICOM


@pytest.mark.parametrize("lut", LUTS)
@pytest.mark.parametrize("syntax", PLAIN_SYNTAXES)
@pytest.mark.parametrize(
    "form", [{"bits": 8}, {"bits": 12, "photometric": "MONOCHROME1", "signed": True}], ids=["8 bits", "signed"]
)
def test_the_picture_is_the_same(tmp_path: Path, lut: str, syntax: str, form: dict[str, Any]) -> None:
    assert _same(write_dicom(tmp_path / "a.dcm", hand(), lut=lut, syntax=syntax, **form))


def test_scale_and_padding_stay(tmp_path: Path) -> None:
    header: dict[str, Any] = {"ImagerPixelSpacing": [0.2, 0.2], "PixelSpacing": [0.18, 0.18], "PixelPaddingValue": 16}
    path = write_dicom(tmp_path / "a.dcm", hand(), **header)
    _same(path)
    made = dcmread(tmp_path / "out.dcm")
    assert (list(made.PixelSpacing), made.PixelPaddingValue) == ([0.18, 0.18], 16)


@pytest.mark.parametrize("signed", [False, True])
def test_nothing_hides_in_the_bits_beside_the_picture(tmp_path: Path, signed: bool) -> None:
    path = write_dicom(tmp_path / "a.dcm", hand(), signed=signed)
    data = dcmread(path)
    data.PixelData = planted_twelve_bits().tobytes()
    data.save_as(path)
    _same(path)
    stored = np.frombuffer(dcmread(tmp_path / "out.dcm").PixelData, "<u2")
    if signed:
        assert set(np.unique(stored >> 12)) == {0, 15}  # the sign, as it should be
        assert ((stored >> 12 == 15) == (stored >> 11 & 1 == 1)).all()
    else:
        assert stored.max() < 4096


def test_a_table_longer_than_it_says_is_cut(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "a.dcm", hand(), lut="voi lut")
    data = dcmread(path)
    data.VOILUTSequence[0].LUTData += WORDS + b" "
    data.VOILUTSequence[0].LUTExplanation = WORDS.decode()
    data.save_as(path)
    assert MARK in path.read_bytes()
    assert MARK not in _same(path)


# -- compressed data


def _with_words(frame: bytes, syntax: str) -> bytes:
    if syntax in JPEGS:
        segments = [struct.pack(">BBH", 0xFF, code, len(WORDS) + 2) + WORDS for code in (0xE1, 0xFE, 0xED)]
        return frame[:2] + b"".join(segments) + frame[2:] + WORDS[:8]
    even = WORDS + b" " * (len(WORDS) % 2)  # behind what it does not know OpenJPEG looks at every other byte
    vendors = struct.pack(">HH", 0xFF6F, len(even) + 2) + even
    comment = struct.pack(">HHH", 0xFF64, len(WORDS) + 4, 1) + WORDS
    size = 2 + struct.unpack_from(">H", frame, 4)[0]
    tile = frame.find(b"\xff\x90\x00\x0a")
    (length,) = struct.unpack_from(">I", frame, tile + 6)
    tile_head = frame[tile : tile + 6] + struct.pack(">I", length + len(comment)) + frame[tile + 10 : tile + 12]
    return (
        frame[: 2 + size]
        + comment
        + vendors
        + frame[2 + size : tile]
        + tile_head
        + comment
        + frame[tile + 12 :]
        + WORDS[:8]
    )


@pytest.mark.parametrize("syntax", [*JPEGS, JPEG_2000, JPEG_2000_LOSSLESS])
def test_words_go_from_compressed_data_and_the_coded_picture_stays_bit_by_bit(tmp_path: Path, syntax: str) -> None:
    bits = 8 if syntax in (JPEG_BASELINE, JPEG_EXTENDED) else 12
    path = write_dicom(tmp_path / "a.dcm", hand(), bits=bits, syntax=syntax)
    data = dcmread(path)
    plain = get_frame(data.PixelData, 0, number_of_frames=1).rstrip(b"\0")
    data.PixelData = encapsulate([_with_words(plain, syntax)])
    data.save_as(path)
    assert path.read_bytes().count(MARK) >= 4
    assert MARK not in _same(path)
    made = dcmread(tmp_path / "out.dcm")
    assert made.file_meta.TransferSyntaxUID == syntax
    frame = get_frame(made.PixelData, 0, number_of_frames=1)
    coded = plain[plain.find(b"\xff\x93" if syntax in (JPEG_2000, JPEG_2000_LOSSLESS) else b"\xff\xda") :].rstrip(b"\0")
    assert len(coded) > 500
    assert coded in frame


@pytest.mark.parametrize("syntax", [*JPEGS, JPEG_2000_LOSSLESS])
def test_what_is_closed_by_an_end_of_its_own_behind_the_picture_goes(tmp_path: Path, syntax: str) -> None:
    bits = 8 if syntax in (JPEG_BASELINE, JPEG_EXTENDED) else 12
    path = write_dicom(tmp_path / "a.dcm", hand(), bits=bits, syntax=syntax)
    data = dcmread(path)
    plain = get_frame(data.PixelData, 0, number_of_frames=1).rstrip(b"\0")
    data.PixelData = encapsulate([plain + WORDS + b"\xff\xd9"])
    data.save_as(path)
    assert MARK not in _same(path)
    assert dcmread(tmp_path / "out.dcm").file_meta.TransferSyntaxUID == syntax


@pytest.mark.parametrize("bits", [8, 12])
def test_what_lies_behind_runs_goes(tmp_path: Path, bits: int) -> None:
    path = write_dicom(tmp_path / "a.dcm", hand(), bits=bits, syntax=RLE)
    data = dcmread(path)
    data.PixelData = encapsulate([get_frame(data.PixelData, 0, number_of_frames=1) + WORDS])
    data.save_as(path)
    assert MARK in path.read_bytes()
    assert MARK not in _same(path)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("syntax", [RLE, JPEG_LOSSLESS, JPEG_LS, JPEG_2000_LOSSLESS, JPEG_2000])
def test_nothing_hides_in_the_bits_beside_a_compressed_picture(tmp_path: Path, syntax: str, signed: bool) -> None:
    path = write_dicom(tmp_path / "a.dcm", hand(), bits=16, syntax=syntax, signed=signed)
    change_header(path, BitsStored=12, HighBit=11)  # all that goes beyond is somebody's overlay
    _same(path)
    made = dcmread(tmp_path / "out.dcm")
    stored = np.frombuffer(made.PixelData, "<u2")
    assert set(np.unique(stored >> 12)) <= ({0, 15} if signed else {0})
    assert made.file_meta.TransferSyntaxUID == EXPLICIT
    assert made.get("LossyImageCompression", "") == ("01" if syntax == JPEG_2000 else "")


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("syntax", [JPEG_LOSSLESS, JPEG_LS, JPEG_2000_LOSSLESS])
def test_a_compressed_picture_with_nothing_beside_it_stays_compressed(
    tmp_path: Path, syntax: str, signed: bool
) -> None:
    path = write_dicom(tmp_path / "a.dcm", hand(), bits=12, syntax=syntax, signed=signed)
    _same(path)
    assert dcmread(tmp_path / "out.dcm").file_meta.TransferSyntaxUID == syntax


@pytest.mark.parametrize("frame", [b"", b"\xff\xd8", b"\xff\xd8\xff\xfe\x00\x02\xff\xd9", b"\xff\x4f\xff\x51\xff\xd9"])
@pytest.mark.parametrize("syntax", [JPEG_LOSSLESS, JPEG_2000])
def test_data_that_cannot_be_looked_through_is_refused(frame: bytes, syntax: str) -> None:
    with pytest.raises(RadiographError, match="cannot be looked through"):
        without_words(frame, syntax, "a.dcm")


# -- picture files


def _chunks(content: bytes) -> list[bytes]:
    found, at = [], 8
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        found.append(content[at + 4 : at + 8])
        at += 12 + length
    return found


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGB", "RGBA", "LA", "I;16"])
def test_a_png_keeps_its_pixels_and_no_word(tmp_path: Path, mode: str) -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("Patient", WORDS.decode())
    words.add_itxt("Name", WORDS.decode())
    levels: Any = to_depth(hand(), 16).astype(np.uint16) if mode == "I;16" else hand()
    image = Image.fromarray(levels)
    image = image if mode == "I;16" else image.convert(mode)
    image.save(tmp_path / "a.png", pnginfo=words, exif=b"Exif\0\0MM\0*" + WORDS, dpi=(300, 300))
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes() + WORDS)
    content = _same(tmp_path / "a.png", ".png")
    assert MARK not in content
    assert set(_chunks(content)) == {b"IHDR", b"IDAT", b"IEND"}


def test_what_cannot_be_seen_is_not_there(tmp_path: Path) -> None:
    colours = np.dstack([hand()] * 3 + [np.full(hand().shape, 255, np.uint8)])
    colours[:20, :, 3] = 0
    Image.fromarray(colours).save(tmp_path / "a.png")
    _same(tmp_path / "a.png", ".png")
    assert not np.asarray(Image.open(tmp_path / "out.png"))[:20].any()


def test_a_turned_jpeg_keeps_its_turn(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274], exif[315] = 6, WORDS.decode()
    path = write_jpeg(tmp_path / "a.jpg", hand(), exif=exif, comment=WORDS)
    assert MARK in path.read_bytes()
    assert MARK not in _same(path, ".png")


@pytest.mark.parametrize("white_is_zero", [False, True])
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_a_tiff_keeps_its_pixels(tmp_path: Path, bits: int, white_is_zero: bool) -> None:
    levels = to_depth(hand(), bits).astype(np.uint8 if bits == 8 else np.uint16)
    options: dict[str, Any] = {"photometric": "miniswhite"} if white_is_zero else {}
    path = write_tiff(tmp_path / "a.tif", levels, description=WORDS.decode(), **options)
    goal = tmp_path / "out.png"
    export(path, goal, Pseudonyms(), Choices())
    assert np.abs(read(path).pixels - read(goal).pixels).max() <= 1 / 65535
    assert MARK not in goal.read_bytes()


# -- from a terminal


def test_the_command_numbers_exports_warns_and_says_by_its_status_what_was_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [
        write_dicom(tmp_path / "Muster_Anna.dcm", hand(), syntax=BIG_ENDIAN, BurnedInAnnotation="YES", PatientSex="F"),
        write_png(tmp_path / "Muster_Anna.png", hand()),
    ]
    arguments = ["deidentify", *map(str, files), "--out", str(tmp_path / "out"), "--key", str(tmp_path / "key")]
    assert command_line.main([*arguments, "--keep-characteristics"]) == 0
    said = capsys.readouterr().out
    assert "Muster_Anna.dcm -> radiograph-001.dcm" in said
    assert "CAUTION: The file says that text is burnt into the picture." in said
    assert "CAUTION: A picture file does not say" in said
    (tmp_path / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM")
    assert command_line.main([*arguments[:-4], str(tmp_path / "broken.dcm"), *arguments[-4:]]) == 1
    assert "broken.dcm: refused." in capsys.readouterr().out
    names = [f"radiograph-00{number}.{ending}" for number, ending in enumerate(("dcm", "png", "dcm", "png"), start=1)]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    first, again = (dcmread(tmp_path / "out" / names[index]) for index in (0, 2))
    assert first.SOPInstanceUID == again.SOPInstanceUID  # by the same key
    assert (first.PatientSex, again.PatientSex) == ("F", "")
