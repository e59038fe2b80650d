"""The grey-scale chain of DICOM in numbers worked by hand from PS3.3 C.11."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from tests import factories
from trainer.radiograph.dicom import read_dicom

RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)  # every level once


def shown(tmp_path: Path, **header: Any) -> list[float]:
    """What each of the 256 levels shows as, before bone is looked for."""
    path = factories.write_dicom(tmp_path / "ramp.dcm", RAMP, bits=8, **header)
    return [float(value) for value in read_dicom(path, path.name).pixels.ravel()]


@pytest.mark.parametrize(
    ("function", "centre", "width", "expected"),
    [
        # C.11.2.1.2.1: below or at c - 0.5 - (w - 1) / 2 nothing, above c - 0.5 + (w - 1) / 2 all
        ("LINEAR", 100, 50, {0: 0.0, 75: 0.0, 76: 1 / 49, 99: 0.5 - 0.5 / 49, 100: 0.5 + 0.5 / 49, 124: 1.0, 255: 1.0}),
        ("LINEAR", 100, 1, {99: 0.0, 100: 1.0, 255: 1.0}),
        ("LINEAR", 100.5, 1, {99: 0.0, 100: 0.0, 101: 1.0}),
        ("LINEAR", 100, 2, {98: 0.0, 99: 0.0, 100: 1.0}),
        # a width below 1 is none (C.11.2.1.2): the whole range is shown
        ("LINEAR", 100, 0.5, {0: 0.0, 51: 0.2, 255: 1.0}),
        # C.11.2.1.3.2
        ("LINEAR_EXACT", 100, 50, {0: 0.0, 75: 0.0, 76: 0.02, 100: 0.5, 124: 0.98, 125: 1.0, 255: 1.0}),
        ("LINEAR_EXACT", 100, 0.5, {99: 0.0, 100: 0.5, 101: 1.0}),
        ("LINEAR_EXACT", 100, -1, {0: 0.0, 51: 0.2, 255: 1.0}),
        # C.11.2.1.3.1: 1 / (1 + exp(-4 (x - c) / w))
        ("SIGMOID", 100, 50, {75: 0.119203, 100: 0.5, 125: 0.880797, 255: 0.999996}),
        ("SIGMOID", 100, 0.5, {0: 0.0, 99: 0.000335, 100: 0.5, 255: 1.0}),
    ],
)
def test_a_window(tmp_path: Path, function: str, centre: float, width: float, expected: dict[int, float]) -> None:
    levels = shown(tmp_path, WindowCenter=centre, WindowWidth=width, VOILUTFunction=function)
    assert {level: levels[level] for level in expected} == pytest.approx(expected, abs=1e-6)


def lut(words: list[int] | bytes, *, descriptor: list[int]) -> list[Dataset]:
    item = Dataset()
    item.add_new(0x00283002, "US", descriptor)
    item.add_new(0x00283006, "US" if isinstance(words, list) else "OW", words)
    return [item]


FALLING = list(range(255, -1, -1))
PACKED = [low | high << 8 for low, high in zip(FALLING[::2], FALLING[1::2], strict=True)]


@pytest.mark.parametrize(
    "sequence",
    [
        lut(FALLING, descriptor=[256, 0, 8]),
        lut(PACKED, descriptor=[256, 0, 8]),  # two 8-bit entries in each word (C.11.1.1.1)
        lut(bytes(FALLING), descriptor=[256, 0, 8]),
        lut(np.array(FALLING, "<u2").tobytes(), descriptor=[256, 0, 8]),
        lut([entry * 257 for entry in FALLING], descriptor=[256, 0, 16]),
        lut([entry * 16 for entry in FALLING], descriptor=[256, 0, 12]),
    ],
    ids=["words", "packed words", "bytes", "words as bytes", "16 bits", "12 bits"],
)
def test_a_table_is_read_however_it_is_stored(tmp_path: Path, sequence: list[Dataset]) -> None:
    levels = shown(tmp_path, VOILUTSequence=sequence)
    top = {8: 255, 12: 4095, 16: 65535}[sequence[0].LUTDescriptor[2]]
    scale = {8: 1, 12: 16, 16: 257}[sequence[0].LUTDescriptor[2]]
    assert levels == pytest.approx([entry * scale / top for entry in FALLING], abs=1e-6)


def test_a_table_holds_its_first_entry_below_and_its_last_above(tmp_path: Path) -> None:
    levels = shown(tmp_path, VOILUTSequence=lut([0, 255], descriptor=[2, 100, 8]))
    assert levels == [0.0] * 101 + [1.0] * 155


@pytest.mark.parametrize(
    "sequence",
    [
        lut(FALLING[:200], descriptor=[256, 0, 8]),  # shorter than it says
        lut(FALLING, descriptor=[256, 0, 7]),
        lut(FALLING, descriptor=[256, 0, 17]),
        lut(FALLING, descriptor=[256, 0]),
        lut([7], descriptor=[256, 0, 8]),
        [],
    ],
    ids=["short", "7 bits", "17 bits", "half a descriptor", "one entry", "no table"],
)
@pytest.mark.parametrize("keyword", ["VOILUTSequence", "ModalityLUTSequence"])
def test_a_malformed_table_counts_as_absent(tmp_path: Path, keyword: str, sequence: list[Dataset]) -> None:
    levels = shown(tmp_path, **{keyword: sequence})
    assert levels == pytest.approx([level / 255 for level in range(256)], abs=1e-6)


@pytest.mark.parametrize(
    ("slope", "intercept", "expected"),
    [
        ("2", "-100", {0: 0.0, 255: 1.0, 51: 0.2}),  # the whole range, whatever it is called
        ("-1", "255", {0: 1.0, 255: 0.0, 51: 0.8}),
        ("0", "3", {0: 0.0, 255: 1.0, 51: 0.2}),  # flat: no rescale that anyone meant
    ],
)
def test_a_rescale(tmp_path: Path, slope: str, intercept: str, expected: dict[int, float]) -> None:
    levels = shown(tmp_path, RescaleSlope=slope, RescaleIntercept=intercept)
    assert {level: levels[level] for level in expected} == pytest.approx(expected, abs=1e-6)


def test_a_window_is_in_the_units_of_the_rescale(tmp_path: Path) -> None:
    levels = shown(
        tmp_path,
        RescaleSlope="2",
        RescaleIntercept="-100",
        WindowCenter=100,
        WindowWidth=100,
        VOILUTFunction="LINEAR_EXACT",
    )
    assert [levels[level] for level in (75, 100, 125)] == pytest.approx([0.0, 0.5, 1.0], abs=1e-6)


def test_padding_shows_as_dark_though_it_were_bright(tmp_path: Path) -> None:
    levels = shown(tmp_path, photometric="MONOCHROME1", PixelPaddingValue=5, PixelPaddingRangeLimit=0)
    assert levels[250:] == [0.0] * 6
    assert levels[:250] == pytest.approx([level / 255 for level in range(250)], abs=1e-6)
