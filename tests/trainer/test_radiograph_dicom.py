"""The table of DICOM cases: however a file stores the hand, the same hand is read."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import factories
from trainer.errors import RadiographError
from trainer.radiograph import OTHER_EXAMINATION, dicom_codec, read
from trainer.radiograph.dicom_part import SAYS

HALF_A_LEVEL = 0.5 / 255 + 1e-6
DEPTHS = (8, 10, 12, 14, 16)
PHOTOMETRICS = ("MONOCHROME1", "MONOCHROME2")
HAND = factories.hand()
WANTED = HAND / np.float32(255)


def largest_difference(path: Path) -> float:
    radiograph = read(path)
    assert radiograph.cautions == ()
    assert not radiograph.was_inverted
    return float(np.abs(radiograph.pixels - WANTED).max())


@pytest.mark.parametrize("syntax", factories.LOSSLESS_SYNTAXES)
@pytest.mark.parametrize("photometric", PHOTOMETRICS)
@pytest.mark.parametrize("bits", DEPTHS)
def test_every_depth_photometric_and_syntax_reads_as_the_same_hand(
    tmp_path: Path, bits: int, photometric: str, syntax: str
) -> None:
    for signed in (False, True):
        path = tmp_path / f"{signed}.dcm"
        factories.write_dicom(path, HAND, bits=bits, photometric=photometric, signed=signed, syntax=syntax)
        assert largest_difference(path) <= HALF_A_LEVEL
        assert read(path).bits_stored == bits


@pytest.mark.parametrize("lut", factories.LUTS)
@pytest.mark.parametrize("photometric", PHOTOMETRICS)
@pytest.mark.parametrize("bits", DEPTHS)
def test_every_depth_photometric_and_lut_reads_as_the_same_hand(
    tmp_path: Path, bits: int, photometric: str, lut: str
) -> None:
    for signed in (False, True):
        for syntax in (factories.EXPLICIT, factories.BIG_ENDIAN):
            path = tmp_path / "case.dcm"
            factories.write_dicom(path, HAND, bits=bits, photometric=photometric, lut=lut, signed=signed, syntax=syntax)
            assert largest_difference(path) <= HALF_A_LEVEL, (signed, syntax)


@pytest.mark.parametrize("photometric", PHOTOMETRICS)
@pytest.mark.parametrize(
    ("syntax", "depths", "levels"),
    [
        (factories.JPEG_BASELINE, (8,), 2),
        (factories.JPEG_LS_NEAR, DEPTHS, 3),
        (factories.JPEG_2000, DEPTHS, 9),
    ],
)
def test_lossy_syntaxes_read_as_nearly_the_same_hand(
    tmp_path: Path, photometric: str, syntax: str, depths: tuple[int, ...], levels: int
) -> None:
    for bits in depths:
        path = factories.write_dicom(tmp_path / "case.dcm", HAND, bits=bits, photometric=photometric, syntax=syntax)
        assert largest_difference(path) <= levels / 255


def test_twelve_bit_extended_jpeg_is_read(tmp_path: Path) -> None:
    # No Python package writes 12-bit lossy JPEG; this codestream is factories.hand() through DCMTK's dcmcjpeg +ee.
    stream = Path(__file__).with_name("hand_extended_12bit.jpg").read_bytes()
    path = factories.write_encapsulated(
        tmp_path / "case.dcm", stream, HAND.shape, bits=12, syntax=factories.JPEG_EXTENDED
    )
    assert largest_difference(path) <= 2 / 255


def test_without_charls_jpeg_ls_is_read_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no pyjpegls, GDCM decodes it, and survives what is damaged."""
    monkeypatch.setattr(dicom_codec, "find_spec", lambda _name: None)
    monkeypatch.setattr(dicom_codec, "_by_charls", None)
    for syntax, levels in ((factories.JPEG_LS, 0), (factories.JPEG_LS_NEAR, 3)):
        for bits in DEPTHS:
            path = factories.write_dicom(tmp_path / "case.dcm", HAND, bits=bits, syntax=syntax)
            assert largest_difference(path) <= levels / 255 + HALF_A_LEVEL
        whole, rng, refused = path.read_bytes(), np.random.default_rng(0), 0
        stream = whole.index(b"\xff\xd8\xff")
        for _ in range(100):  # a fault may go unseen or be refused; it may not end the process
            damaged = bytearray(whole)
            for place in rng.integers(stream, len(whole) - 2, 3):
                damaged[place] = rng.integers(256)
            path.write_bytes(damaged)
            try:
                assert read(path).pixels.shape == HAND.shape
            except RadiographError:
                refused += 1
        assert refused


@pytest.mark.parametrize(
    "command",
    [
        ("dcmcjpeg", "+e1"),
        ("dcmcjpeg", "+el"),
        ("dcmcjpeg", "+ee", "+q", "100"),
        ("dcmcjpls",),
        ("dcmcrle",),
        ("dcmconv", "+td"),
        ("dcmconv", "+tb"),
        ("dcmconv", "+ti"),
    ],
    ids=" ".join,
)
def test_what_another_toolkit_encodes_is_read(tmp_path: Path, command: tuple[str, ...]) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} of DCMTK is not installed")
    for bits in (8, 12, 16):
        plain = factories.write_dicom(tmp_path / "plain.dcm", HAND, bits=bits)
        coded = tmp_path / "coded.dcm"
        subprocess.run([*command, str(plain), str(coded)], check=True, capture_output=True)
        lossy = "+ee" in command
        assert largest_difference(coded) <= (1 / 255 if lossy else 0) + HALF_A_LEVEL


def test_a_window_cuts_and_stretches_as_the_standard_says(tmp_path: Path) -> None:
    # PS3.3 C.11.2.1.2.1: centre 101, width 101 shows 50.5 as black and 150.5 as white.
    path = factories.write_dicom(
        tmp_path / "case.dcm", HAND, bits=8, WindowCenter=["101", "9"], WindowWidth=["101", "9"]
    )
    wanted = np.clip((HAND.astype(float) - 50.5) / 100, 0, 1)
    np.testing.assert_allclose(read(path).pixels, wanted, atol=1e-6)


def test_a_sigmoid_window_follows_its_formula(tmp_path: Path) -> None:
    path = factories.write_dicom(
        tmp_path / "case.dcm",
        HAND,
        bits=8,
        WindowCenter="120",
        WindowWidth="150",
        VOILUTFunction="SIGMOID",
    )
    wanted = 1 / (1 + np.exp(-4 * (HAND.astype(float) - 120) / 150))
    np.testing.assert_allclose(read(path).pixels, wanted, atol=1e-6)


def test_a_window_beside_the_picture_is_left_out_and_said(tmp_path: Path) -> None:
    path = factories.write_dicom(tmp_path / "case.dcm", HAND, bits=8, WindowCenter="9000", WindowWidth="10")
    radiograph = read(path)
    np.testing.assert_array_equal(radiograph.pixels, WANTED)
    assert any("window" in caution for caution in radiograph.cautions)


@pytest.mark.parametrize("photometric", PHOTOMETRICS)
def test_twelve_bits_lying_in_sixteen_are_not_read_as_black(tmp_path: Path, photometric: str) -> None:
    path = factories.write_dicom(
        tmp_path / "case.dcm", HAND, bits=12, photometric=photometric, BitsStored=16, HighBit=15
    )
    radiograph = read(path)
    assert np.abs(radiograph.pixels - WANTED).max() <= HALF_A_LEVEL
    assert any("12" in caution for caution in radiograph.cautions)


def test_overlay_bits_above_the_stored_bits_are_dropped(tmp_path: Path) -> None:
    stored = factories.to_depth(HAND, 12).astype("<u2") | np.uint16(0x8000)
    path = factories.write_dicom(tmp_path / "case.dcm", HAND, bits=12, PixelData=stored.tobytes())
    assert largest_difference(path) <= HALF_A_LEVEL


def test_stored_bits_may_lie_high(tmp_path: Path) -> None:
    stored = factories.to_depth(HAND, 12).astype("<u2") << np.uint16(4)
    path = factories.write_dicom(tmp_path / "case.dcm", HAND, bits=12, PixelData=stored.tobytes(), HighBit=15)
    assert largest_difference(path) <= HALF_A_LEVEL


def test_pixel_padding_shows_dark(tmp_path: Path) -> None:
    levels = HAND.copy()
    levels[:, :6] = 255
    path = factories.write_dicom(tmp_path / "case.dcm", levels, bits=12, photometric="MONOCHROME1", PixelPaddingValue=0)
    pixels = read(path).pixels
    assert (pixels[:, :6] == 0).all()
    assert np.abs(pixels[6:, 6:] - WANTED[6:, 6:]).max() <= HALF_A_LEVEL


def padded(path: Path, fill: int, *, add: int = 0, **header: Any) -> Path:
    """Write 12 bits in 16 with the first columns filled up, as a collimated picture is."""
    stored = (factories.to_depth(HAND, 12) + add).astype("<u2")
    stored[:, :6] = fill
    stored[::2, :6] -= np.uint16(5)
    return factories.write_dicom(path, HAND, bits=12, BitsStored=16, HighBit=15, PixelData=stored.tobytes(), **header)


@pytest.mark.parametrize("ends", [(65530, 65535), (65535, 65530)], ids=["upwards", "downwards"])
def test_a_range_of_padding_shows_dark_and_does_not_darken_the_hand(tmp_path: Path, ends: tuple[int, int]) -> None:
    path = padded(tmp_path / "a.dcm", 65535, PixelPaddingValue=ends[0], PixelPaddingRangeLimit=ends[1])
    radiograph = read(path)
    assert (radiograph.pixels[:, :6] == 0).all()
    assert np.abs(radiograph.pixels - WANTED)[:, 6:].max() <= HALF_A_LEVEL
    assert any("uses 12" in caution for caution in radiograph.cautions)


def test_a_window_that_shows_nothing_but_padding_is_left_out_and_said(tmp_path: Path) -> None:
    window = {"WindowCenter": "100", "WindowWidth": "200"}
    path = padded(tmp_path / "a.dcm", 5, add=20_000, **window, PixelPaddingValue=0, PixelPaddingRangeLimit=5)
    radiograph = read(path)
    assert len(np.unique(radiograph.pixels[:, 6:])) > 40
    assert any("window" in caution for caution in radiograph.cautions)


def test_a_picture_of_padding_alone_is_dark(tmp_path: Path) -> None:
    path = factories.write_dicom(tmp_path / "a.dcm", HAND, bits=8, PixelPaddingValue=0, PixelPaddingRangeLimit=255)
    assert (read(path).pixels == 0).all()


@pytest.mark.parametrize(("slope", "intercept"), [("1e308", "0"), ("1", "1e308"), ("1e308", "-1e308"), ("0", "3")])
def test_a_rescale_beyond_all_numbers_is_none(tmp_path: Path, slope: str, intercept: str) -> None:
    path = factories.write_dicom(tmp_path / "a.dcm", HAND, bits=12, RescaleSlope=slope, RescaleIntercept=intercept)
    assert largest_difference(path) <= HALF_A_LEVEL


@pytest.mark.parametrize(
    "sop_class",
    [
        "1.2.840.10008.5.1.4.1.1.1",
        "1.2.840.10008.5.1.4.1.1.1.1",
        "1.2.840.10008.5.1.4.1.1.1.1.1",
        "1.2.840.10008.5.1.4.1.1.12.1",
        "1.2.840.10008.5.1.4.1.1.12.2",
        "1.2.840.10008.5.1.4.1.1.7",
    ],
    ids=["CR", "DX for presentation", "DX for processing", "XA", "RF", "secondary capture"],
)
def test_kinds_of_radiograph_are_accepted(tmp_path: Path, sop_class: str) -> None:
    path = factories.write_dicom(tmp_path / "case.dcm", HAND, SOPClassUID=sop_class)
    assert largest_difference(path) <= HALF_A_LEVEL


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ({"BodyPartExamined": "FOOT"}, "a foot"),
        ({"BodyPartExamined": "C SPINE"}, "the spine"),
        ({"Modality": "MG"}, "a breast"),
        ({"Modality": "PX", "BodyPartExamined": "HAND"}, "a jaw"),
        ({"BodyPartExamined": "HAND"}, None),
        ({"BodyPartExamined": "LEFT WRIST"}, None),
        ({"BodyPartExamined": "EXTREMITY"}, None),
        ({"BodyPartExamined": ""}, None),
        ({"Modality": "DX"}, None),
    ],
)
def test_another_part_of_the_body_is_read_with_a_caution(
    tmp_path: Path, header: dict[str, Any], said: str | None
) -> None:
    radiograph = read(factories.write_dicom(tmp_path / "case.dcm", HAND, **header))
    found = [caution for caution in radiograph.cautions if caution.startswith(SAYS)]
    assert found == ([] if said is None else [f"The file says that it shows {said}, not a hand."])


def test_another_examination_is_read_with_a_caution(tmp_path: Path) -> None:
    assert OTHER_EXAMINATION in read(factories.write_dicom(tmp_path / "case.dcm", HAND, Modality="MR")).cautions
    assert read(factories.write_dicom(tmp_path / "case.dcm", HAND, Modality="DX")).cautions == ()


def test_a_file_without_preamble_is_read(tmp_path: Path) -> None:
    for syntax in (factories.EXPLICIT, factories.IMPLICIT):
        path = factories.write_dicom(tmp_path / "whole.dcm", HAND, syntax=syntax)
        bare = tmp_path / "bare"
        bare.write_bytes(path.read_bytes()[132:])
        assert largest_difference(bare) <= HALF_A_LEVEL


def test_a_tiff_header_in_the_preamble_does_not_mislead(tmp_path: Path) -> None:
    path = factories.write_dicom(tmp_path / "case.dcm", HAND)
    whole = path.read_bytes()
    path.write_bytes(b"II*\0\x08\0\0\0" + whole[8:])
    assert largest_difference(path) <= HALF_A_LEVEL


def test_a_five_megapixel_file_is_read_in_a_blink(tmp_path: Path) -> None:
    levels = np.tile(HAND, (27, 28))[:2500, :2000]
    path = factories.write_dicom(tmp_path / "case.dcm", levels, bits=12)
    read(path)
    times = []
    for _ in range(8):
        start = time.thread_time()
        read(path)
        times.append(time.thread_time() - start)
    # 10 to 25 ms by the wall clock. The aim is 60 ms; processor time, for others may be at work on the machine.
    assert min(times) < 0.06


@pytest.mark.parametrize(("least", "said"), [(0, "stores 16 bits but uses 12"), (-2048, "stores 16 bits but uses 12")])
def test_signed_levels_without_a_window_use_the_whole_scale(tmp_path: Path, least: int, said: str) -> None:
    levels = np.rint(np.linspace(least, least + 4095, HAND.size)).astype("<i2").reshape(HAND.shape)
    path = factories.write_dicom(tmp_path / "case.dcm", HAND, bits=16, signed=True)
    factories.change_header(path, PixelData=levels.tobytes())
    radiograph = read(path)
    assert (radiograph.pixels.min(), radiograph.pixels.max()) == (0.0, 1.0)
    assert any(said in caution for caution in radiograph.cautions)


def test_overlays_in_the_upper_bits_do_not_hide_how_many_bits_are_used(tmp_path: Path) -> None:
    levels = np.rint(np.linspace(0, 4095, HAND.size)).astype("<u2").reshape(HAND.shape)
    levels[0, 0] = 0x4001  # the overlay's bit over a dark pixel
    path = factories.write_dicom(tmp_path / "case.dcm", HAND, bits=12)
    factories.change_header(path, PixelData=levels.tobytes())
    radiograph = read(path)
    assert radiograph.pixels.max() == 1.0
    assert radiograph.cautions == ()
