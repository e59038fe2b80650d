"""What cannot be read is refused in one sentence that names the file and nothing else."""

from __future__ import annotations

import logging
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests import factories
from trainer.errors import RadiographError
from trainer.radiograph import read, values

HAND = factories.hand()
COMPRESSED = (
    factories.RLE,
    factories.JPEG_BASELINE,
    factories.JPEG_LOSSLESS,
    factories.JPEG_LS,
    factories.JPEG_2000_LOSSLESS,
)


def refusal(path: Path) -> str:
    """Return the sentence a file is refused with, after checking its form."""
    with pytest.raises(RadiographError) as caught:
        read(path)
    sentence = str(caught.value)
    assert sentence.startswith(path.name)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert str(path.parent) not in sentence
    assert "SECRET" not in sentence
    assert caught.value.__cause__ is None  # no library's words, which quote headers, in a traceback
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return sentence


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "case.dcm"


def test_what_is_not_a_readable_file(tmp_path: Path) -> None:
    assert "not there" in refusal(tmp_path / "missing.png")
    assert "not there" in refusal(tmp_path / "missing" / "hand.png")
    folder = tmp_path / "study.dcm"
    folder.mkdir()
    assert "folder" in refusal(folder)
    assert "cannot be opened" in refusal(folder.parent / ("x" * 300))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert "not a file" in refusal(tmp_path / "pipe")


def test_a_file_one_may_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.write_dicom(path, HAND).chmod(0)
    if os.access(path, os.R_OK):  # root may read everything, and Windows knows no such mode

        def refuse(*_: Any, **__: Any) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
    assert "cannot be opened" in refusal(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\0", "not a radiograph"),
        (b"hello, this is text and no picture at all", "not a radiograph"),
        (bytes(range(256)) * 40, "not a radiograph"),
        (b"%PDF-1.7\n" + bytes(500), "not a radiograph"),
        (b"\0" * 128 + b"DICM", "without a picture"),
        (b"\0" * 128 + b"DICM" + b"\xff" * 500, "damaged|without a picture"),
        (b"\0" * 128 + b"DICM" + b"\x02\x00\x00\x00UL\x04\x00\xff\xff\xff\xff", "damaged|without a picture"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\xff" * 300, "damaged"),
        (b"\x89PNG\r\n\x1a\n" + factories.png_chunk(b"IEND", b""), "damaged"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 300, "damaged"),
        (b"II*\0" + b"\xff" * 300, "damaged"),
        (b"MM\0*\0\0\0\x08" + b"\0" * 300, "damaged"),
    ],
)
def test_garbage(path: Path, content: bytes, words: str) -> None:
    path.write_bytes(content)
    sentence = refusal(path)
    assert any(each in sentence for each in words.split("|")), sentence


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6, 0.9, 0.98])
@pytest.mark.parametrize("syntax", [*factories.PLAIN_SYNTAXES, *COMPRESSED])
def test_a_truncated_dicom_file(path: Path, syntax: str, share: float) -> None:
    levels = np.kron(HAND, np.ones((3, 3), np.uint8))
    whole = factories.write_dicom(path, levels, bits=8, syntax=syntax).read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    refusal(path)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("name", ["a.png", "a16.png", "a.jpg", "a.tif", "a16.tif"])
def test_a_truncated_picture(tmp_path: Path, name: str, share: float) -> None:
    path, wide = tmp_path / name, HAND.astype(np.uint16) * 257
    if name.endswith("jpg"):
        factories.write_jpeg(path, HAND)
    elif name.endswith("png"):
        factories.write_png(path, wide if "16" in name else HAND)
    else:
        factories.write_tiff(path, wide if "16" in name else HAND)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert "damaged" in refusal(path)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({"PixelData": None}, "no pixels"),
        ({"PixelData": b""}, "no pixels"),
        ({"PixelData": b"\0" * 10}, "truncated"),
        ({"Rows": None}, "without a picture"),
        ({"Columns": None}, "without a picture"),
        ({"Rows": 0}, "without a picture"),
        ({"Rows": 60000, "Columns": 60000}, "too large: more than 100 megapixels"),
        ({"Rows": 9000, "Columns": 9000}, "truncated"),
        ({"NumberOfFrames": "2"}, "several frames"),
        ({"NumberOfFrames": "999999999"}, "several frames"),
        ({"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}, "colour"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "colour"),
        ({"PhotometricInterpretation": "YBR_FULL"}, "colour"),
        ({"BitsAllocated": 32, "BitsStored": 32}, "8 to 16 bits"),
        ({"BitsAllocated": 1, "BitsStored": 1}, "8 to 16 bits"),
        ({"BitsAllocated": None}, "8 to 16 bits"),
        ({"BitsStored": 20}, "8 to 16 bits"),
        ({"BitsStored": 4}, "8 to 16 bits"),
    ],
)
def test_a_header_that_does_not_tell_of_one_grey_picture(path: Path, header: dict[str, Any], words: str) -> None:
    assert words in refusal(factories.write_dicom(path, HAND, **header))


@pytest.mark.parametrize(
    ("syntax", "words"),
    [
        ("1.2.840.10008.1.2.4.100", "MPEG2"),
        ("1.2.840.10008.1.2.4.102", "MPEG-4"),
        ("1.2.840.10008.1.2.4.94", "JPIP"),
        ("1.2.826.0.1.3680043.8.498.99", "unregistered"),
    ],
)
def test_an_unsupported_transfer_syntax_is_named(path: Path, syntax: str, words: str) -> None:
    factories.write_encapsulated(path, b"\0" * 100, HAND.shape, bits=8, syntax=syntax)
    sentence = refusal(path)
    assert words in sentence
    assert "3680043" not in sentence  # what is not in the registry is the header's own text


@pytest.mark.parametrize("syntax", COMPRESSED)
@pytest.mark.parametrize(
    "stream",
    [
        b"\0\0",
        b"\0" * 64,
        b"\0" * 200,
        b"\xff" * 64,
        b"\xff\xd8\xff\xd9",
        b"\xff\x4f\xff\x51" + b"\xff" * 60,
        bytes(range(256)),
    ],
)
def test_a_codestream_of_garbage(path: Path, syntax: str, stream: bytes) -> None:
    factories.write_encapsulated(path, stream, HAND.shape, bits=8, syntax=syntax)
    refusal(path)


@pytest.mark.parametrize("syntax", [factories.JPEG_LOSSLESS, factories.JPEG_LS, factories.JPEG_2000_LOSSLESS])
def test_a_codestream_of_another_size_than_the_header_says(path: Path, syntax: str) -> None:
    # A decoder would make room for what the codestream claims, however much that is.
    for header in ({"Rows": 10}, {"Columns": 1000}):
        factories.write_dicom(path, HAND, bits=8, syntax=syntax)
        factories.change_header(path, **header)
        assert "damaged" in refusal(path)


def test_jpeg_with_a_marker_out_of_place_is_refused_before_gdcm_sees_it(path: Path) -> None:
    # GDCM ends the process on some of these (std::terminate), so this test failing means pytest dying.
    stream = Path(__file__).with_name("hand_extended_12bit.jpg").read_bytes()
    scan = stream.index(b"\xff\xda")
    for bad in (
        stream[:scan] + b"\0" * 30 + stream[scan:],  # junk before the scan
        stream[:scan] + stream[scan + 14 :],  # no scan header
        stream[: scan + 200] + b"\xff\xd8" + stream[scan + 200 :],  # a second start
        stream[: scan + 200] + stream[scan:],  # a second scan
        stream[:-2],  # no end
    ):
        factories.write_encapsulated(path, bad, HAND.shape, bits=12, syntax=factories.JPEG_EXTENDED)
        assert "damaged" in refusal(path)


def png_of_size(width: int, height: int) -> bytes:
    header = factories.png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    data = factories.png_chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + header + data + factories.png_chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(10_001, 10_000), (50_000, 50_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_beyond_a_hundred_megapixels_is_refused_before_decoding(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_of_size(*size))
    assert "too large: more than 100 megapixels" in refusal(path)


def test_a_file_beyond_the_limit_is_refused_before_reading(path: Path) -> None:
    path.touch()
    os.truncate(path, values.MAX_BYTES + 1)  # a hole: takes no room on the disk
    assert "too large: more than 512 MB" in refusal(path)


def test_a_deflated_bomb_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = factories.write_dicom(path, np.zeros((1500, 1500), np.uint8), bits=8, syntax=factories.DEFLATED)
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(values, "MAX_INFLATED_BYTES", 1_000_000)
    assert "too large" in refusal(bomb)


def test_a_deflated_file_that_holds_exactly_the_limit_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.write_dicom(path, HAND, bits=8, syntax=factories.DEFLATED)
    monkeypatch.setattr(values, "MAX_INFLATED_BYTES", 100_000)
    assert read(path).pixels.shape == HAND.shape


def test_an_rle_bomb_takes_no_more_room_than_the_picture(path: Path) -> None:
    # one segment of runs that would unfold to 64 times what the header says
    runs = b"\x81\x00" * (HAND.size // 2)
    stream = struct.pack("<16I", 1, 64, *[0] * 14) + runs
    factories.write_encapsulated(path, stream, HAND.shape, bits=8, syntax=factories.RLE)
    assert read(path).pixels.shape == HAND.shape


def test_nothing_is_logged_about_a_patient(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    factories.write_dicom(path, HAND)
    factories.write_raw_element(path, "PatientBirthDate", b"SECRET-DATE")
    caplog.clear()
    read(path)
    path.write_bytes(path.read_bytes()[:-400])
    refusal(path)
    assert "SECRET" not in caplog.text


def test_a_name_with_a_line_break_stays_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a\nb.png"
    with pytest.raises(RadiographError, match=r"^a\?b\.png is not there"):
        read(path)


def test_a_bomb_refusal_leaves_pillow_as_it_was(tmp_path: Path) -> None:
    before = Image.MAX_IMAGE_PIXELS
    (tmp_path / "bomb.png").write_bytes(png_of_size(50_000, 50_000))
    refusal(tmp_path / "bomb.png")
    assert before == Image.MAX_IMAGE_PIXELS
