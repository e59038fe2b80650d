"""A picture whose data is damaged or gone is refused, though its decoder says nothing; bombs of many parts are too."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests import factories
from trainer.errors import RadiographError
from trainer.radiograph import read, read_identity

HAND = np.kron(factories.hand(), np.ones((3, 3), np.uint8))  # large enough for data to be cut from
MANY = 200_000

Damage = Callable[[bytes], bytes]


def cut_before_its_end(stream: bytes) -> bytes:
    return stream[: int(len(stream) * 0.6)] + b"\xff\xd9"


def filled_with_zeros(stream: bytes) -> bytes:
    return stream[: int(len(stream) * 0.6)] + bytes(int(len(stream) * 0.4))


def overwritten(stream: bytes) -> bytes:
    middle = len(stream) // 2
    return stream[:middle] + b"\x55" * 60 + stream[middle + 60 :]


def refusal(path: Path) -> str:
    with pytest.raises(RadiographError) as caught:
        read(path)
    return str(caught.value)


@pytest.mark.parametrize("damage", [cut_before_its_end, filled_with_zeros, overwritten])
@pytest.mark.parametrize("form", ["grey", "colours", "progressive"])
def test_a_jpeg_whose_data_is_damaged_is_refused(tmp_path: Path, form: str, damage: Damage) -> None:
    path = factories.write_jpeg(
        tmp_path / "hand.jpg", HAND, mode="RGB" if form == "colours" else "L", progressive=form == "progressive"
    )
    assert read(path).pixels.shape == HAND.shape
    path.write_bytes(damage(path.read_bytes()))
    assert "truncated or damaged" in refusal(path)


def test_a_jpeg_with_a_few_bytes_behind_its_picture_is_read(tmp_path: Path) -> None:
    path = factories.write_jpeg(tmp_path / "hand.jpg", HAND)
    whole = path.read_bytes()
    path.write_bytes(whole[:-2] + b"\0\0" + whole[-2:])
    assert read(path).pixels.shape == HAND.shape
    path.write_bytes(whole + b"a maker's own data")
    assert read(path).pixels.shape == HAND.shape


@pytest.mark.parametrize("damage", [filled_with_zeros, overwritten])
@pytest.mark.parametrize("bits", [8, 16])
def test_a_png_whose_data_is_damaged_is_refused(tmp_path: Path, bits: int, damage: Damage) -> None:
    path = factories.write_png(tmp_path / "hand.png", HAND if bits == 8 else HAND.astype(np.uint16) * 257)
    path.write_bytes(damage(path.read_bytes()))
    assert "truncated or damaged" in refusal(path)


def test_a_png_that_ends_behind_its_picture_is_refused_and_with_odd_parts_is_read(tmp_path: Path) -> None:
    path = factories.write_png(tmp_path / "hand.png", HAND)
    whole = path.read_bytes()
    path.write_bytes(whole[:-12])
    assert "truncated or damaged" in refusal(path)
    path.write_bytes(whole[:-12] + factories.png_chunk(b"prVt", b"a maker's own data") + whole[-12:] + b"behind")
    assert read(path).pixels.shape == HAND.shape


@pytest.mark.parametrize("damage", [cut_before_its_end, overwritten])
@pytest.mark.parametrize("syntax", [factories.JPEG_BASELINE, factories.JPEG_LOSSLESS])
def test_jpeg_of_8_bits_inside_a_dicom_file_is_held_to_the_same(tmp_path: Path, syntax: str, damage: Damage) -> None:
    import pydicom
    from pydicom.encaps import get_frame

    path = factories.write_dicom(tmp_path / "hand.dcm", HAND, bits=8, syntax=syntax)
    assert read(path).pixels.shape == HAND.shape
    stream = get_frame(pydicom.dcmread(path).PixelData, 0, number_of_frames=1).rstrip(b"\0")
    factories.write_encapsulated(path, damage(stream), HAND.shape, bits=8, syntax=syntax)
    assert "truncated or damaged" in refusal(path)


def jpeg_of_segments() -> bytes:
    whole = jpeg()
    return whole[:2] + b"\xff\xfe\0\x02" * MANY + whole[2:]


def jpeg_of_filling() -> bytes:
    whole = jpeg()
    return whole[:2] + b"\xff" * MANY + whole[2:]


def jpeg_of_scans() -> bytes:
    whole = jpeg(progressive=True)
    return whole[:-2] + whole[whole.rindex(b"\xff\xda") : -2] * 200 + whole[-2:]


def jpeg(**options: bool) -> bytes:
    content = io.BytesIO()
    Image.fromarray(HAND).save(content, "JPEG", **options)
    return content.getvalue()


def png_of(chunk: bytes) -> bytes:
    content = io.BytesIO()
    Image.fromarray(HAND).save(content, "PNG")
    whole = content.getvalue()
    return whole[:33] + chunk * MANY + whole[33:]


def png_of_empty_data() -> bytes:
    return png_of(factories.png_chunk(b"IDAT", b""))


def png_of_words() -> bytes:
    return png_of(factories.png_chunk(b"tEXt", b"k\0v"))


@pytest.mark.parametrize(
    "bomb",
    [jpeg_of_segments, jpeg_of_filling, jpeg_of_scans, png_of_empty_data, png_of_words],
    ids=lambda made: made.__name__,
)
def test_a_picture_of_more_parts_than_any_is_refused(tmp_path: Path, bomb: Callable[[], bytes]) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(bomb())
    assert "truncated or damaged" in refusal(path)


def test_of_the_pages_of_a_tiff_only_the_second_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import TiffImagePlugin

    path, page = tmp_path / "pages.tif", Image.fromarray(HAND)
    page.save(path, save_all=True, append_images=[page] * 20)
    seen: list[int] = []
    seek = TiffImagePlugin.TiffImageFile._seek

    def count(image: TiffImagePlugin.TiffImageFile, frame: int) -> None:
        seen.append(frame)
        seek(image, frame)

    monkeypatch.setattr(TiffImagePlugin.TiffImageFile, "_seek", count)
    assert "several pictures" in refusal(path)
    assert max(seen) == 1


def empty_elements() -> bytes:
    return b"".join(
        struct.pack("<HH2sH", 0x7001 + 2 * (i // 60_000), 0x1000 + i % 60_000, b"LO", 0) for i in range(MANY)
    )


def empty_items() -> bytes:
    item, end = b"\xfe\xff\x00\xe0\0\0\0\0", b"\xfe\xff\xdd\xe0\0\0\0\0"
    return b"\x01\x70\x10\x10SQ\0\0\xff\xff\xff\xff" + item * MANY + end


@pytest.mark.parametrize("parts", [empty_elements, empty_items], ids=lambda made: made.__name__)
def test_a_dicom_file_of_more_parts_than_any_is_refused(tmp_path: Path, parts: Callable[[], bytes]) -> None:
    path = factories.write_dicom(tmp_path / "bomb.dcm", HAND, bits=8)
    whole = path.read_bytes()
    pixels = whole.rindex(b"\xe0\x7f\x10\x00")
    path.write_bytes(whole[:pixels] + parts() + whole[pixels:])
    assert "more parts than any radiograph" in refusal(path)
    assert read_identity(path) is None


def test_a_dicom_frame_of_more_fragments_than_any_is_refused(tmp_path: Path) -> None:
    path = factories.write_dicom(tmp_path / "bomb.dcm", HAND, bits=8, syntax=factories.JPEG_LS)
    whole = path.read_bytes()
    first = whole.rindex(b"\xe0\x7f\x10\x00") + 12
    path.write_bytes(whole[:first] + b"\xfe\xff\x00\xe0\0\0\0\0" * MANY + whole[first:])
    assert "more parts than any radiograph" in refusal(path)


@pytest.mark.parametrize("keyword", ["WindowCenter", "PatientName", "PatientSex", "PixelSpacing"])
def test_a_value_of_millions_of_values_counts_as_absent(tmp_path: Path, keyword: str) -> None:
    path = factories.write_dicom(tmp_path / "bomb.dcm", HAND, bits=8, WindowWidth=256, PatientName=None)
    plain = read(path)
    factories.write_raw_element(path, keyword, b"1\\" * 1_000_000)
    radiograph = read(path)
    assert np.array_equal(radiograph.pixels, plain.pixels)
    assert (radiograph.sex, radiograph.spacing_mm, radiograph.study.patient_name) == (None, None, None)
