"""What the DICOM header tells of patient, examination and ruler; what is malformed in it counts as absent."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pydicom
import pytest

from tests import factories
from trainer.radiograph import Radiograph, Sex, SpacingFrom, Study, read

HAND = factories.hand()


def read_with(tmp_path: Path, **header: Any) -> Radiograph:
    return read(factories.write_dicom(tmp_path / "case.dcm", HAND, **header))


def test_a_full_header_gives_its_facts(tmp_path: Path) -> None:
    radiograph = read_with(
        tmp_path,
        PatientSex="F",
        PatientBirthDate="20100228",
        StudyDate="20200131",
        PatientID="A 17",
        PatientName="Muster^Anna^Maria=MUSTER^ANNA",
        IssuerOfPatientID="WARD",
        Laterality="L",
        ViewPosition="PA",
    )
    assert radiograph.sex is Sex.FEMALE
    assert radiograph.study == Study(
        patient_key="A 17^^^WARD",
        patient_name="Muster, Anna",
        birth_date=date(2010, 2, 28),
        study_date=date(2020, 1, 31),
        laterality="left",
        view="PA",
    )
    assert "WARD" not in repr(radiograph)
    assert "Anna" not in repr(radiograph)


def test_an_empty_header_gives_none(tmp_path: Path) -> None:
    radiograph = read_with(tmp_path, PatientID="", PatientName="", PatientSex="", PatientBirthDate="", StudyDate="")
    assert radiograph.sex is None
    assert radiograph.study == Study()


@pytest.mark.parametrize(("written", "sex"), [("M", Sex.MALE), ("F", Sex.FEMALE), ("O", None)])
def test_sex(tmp_path: Path, written: str, sex: Sex | None) -> None:
    assert read_with(tmp_path, PatientSex=written).sex is sex


@pytest.mark.parametrize(
    ("header", "side"),
    [
        ({"ImageLaterality": "R", "Laterality": "L"}, "right"),
        ({"Laterality": "R"}, "right"),
        ({"ImageLaterality": "U"}, None),
        ({"ImageLaterality": "B"}, None),
    ],
)
def test_laterality(tmp_path: Path, header: dict[str, str], side: str | None) -> None:
    assert read_with(tmp_path, **header).study.laterality == side


def test_a_view_code_stands_in_for_a_view_position(tmp_path: Path) -> None:
    code = pydicom.Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "399348003", "SCT", "antero-posterior"
    assert read_with(tmp_path, ViewCodeSequence=[code]).study.view == "antero-posterior"


def test_the_acquisition_date_stands_in_for_the_study_date(tmp_path: Path) -> None:
    assert read_with(tmp_path, AcquisitionDate="20200131").study.study_date == date(2020, 1, 31)


def test_a_birth_after_the_study_is_ignored_and_said(tmp_path: Path) -> None:
    radiograph = read_with(tmp_path, PatientBirthDate="20210101", StudyDate="20200131")
    assert radiograph.study.birth_date is None
    assert radiograph.study.study_date == date(2020, 1, 31)
    assert any("birth date" in caution for caution in radiograph.cautions)


CALIBRATED, DETECTOR, NONE = SpacingFrom.CALIBRATED, SpacingFrom.DETECTOR, SpacingFrom.NONE


@pytest.mark.parametrize(
    ("header", "spacing_mm", "source"),
    [
        ({}, None, NONE),
        ({"PixelSpacing": [0.1, 0.12], "PixelSpacingCalibrationType": "FIDUCIAL"}, (0.1, 0.12), CALIBRATED),
        ({"PixelSpacing": [0.1, 0.1], "ImagerPixelSpacing": [0.15, 0.15]}, (0.1, 0.1), CALIBRATED),
        # the same value twice: not corrected for anything (PS3.3 10.7.1.3)
        ({"PixelSpacing": [0.15, 0.15], "ImagerPixelSpacing": [0.15, 0.15]}, (0.15, 0.15), DETECTOR),
        ({"ImagerPixelSpacing": [0.15, 0.2]}, (0.15, 0.2), DETECTOR),
        (
            {"ImagerPixelSpacing": [0.15, 0.15], "EstimatedRadiographicMagnificationFactor": "1.5"},
            (0.1, 0.1),
            DETECTOR,
        ),
        (
            {"ImagerPixelSpacing": [0.15, 0.15], "EstimatedRadiographicMagnificationFactor": "0"},
            (0.15, 0.15),
            DETECTOR,
        ),
        ({"ImagerPixelSpacing": [0.15, 0]}, None, NONE),
        ({"ImagerPixelSpacing": [-0.1, -0.1]}, None, NONE),
    ],
)
def test_the_ruler_says_where_it_comes_from(
    tmp_path: Path, header: dict[str, Any], spacing_mm: tuple[float, float] | None, source: SpacingFrom
) -> None:
    radiograph = read_with(tmp_path, **header)
    assert radiograph.spacing_from is source
    assert radiograph.spacing_mm == (None if spacing_mm is None else pytest.approx(spacing_mm))
    stretched = spacing_mm is not None and spacing_mm[0] != spacing_mm[1]
    assert [caution for caution in radiograph.cautions if "not square" not in caution] == []
    assert len(radiograph.cautions) == stretched


def test_a_spacing_that_may_be_either_is_no_ruler_and_said(tmp_path: Path) -> None:
    radiograph = read_with(tmp_path, PixelSpacing=[0.1, 0.1])
    assert (radiograph.spacing_mm, radiograph.spacing_from) == (None, SpacingFrom.NONE)
    assert any("spacing" in caution for caution in radiograph.cautions)


MALFORMED = {
    "PatientSex": [b"X" * 40, b"\xff\xfe", b"F\\M"],
    "PatientBirthDate": [b"20101341", b"1", b"abcdefgh", b"\xff" * 8, b"2010-02-30"],
    "StudyDate": [b"00000000", b"2020013", b"20200131-20200201"],
    "PatientID": [b"\\\\", b"\x00\x01"],
    "ImageLaterality": [b"LEFT", b"\x80"],
    "ViewPosition": [b"\xe9\xff", b"P\x07A"],
    "ImagerPixelSpacing": [b"abc", b"0.1", b"0.1\\x", b"nan\\nan", b"1e400\\1", b"0.1\\0.1\\0.1"],
    "PixelSpacing": [b",\\,", b"0,1\\0,1"],
    "EstimatedRadiographicMagnificationFactor": [b"x", b"inf"],
    "WindowCenter": [b"nan", b"a", b""],
    "WindowWidth": [b"0", b"-5", b"1e999"],
    "RescaleSlope": [b"0", b"x", b"nan"],
    "NumberOfFrames": [b"x", b"1.5", b"0", b""],
    "VOILUTFunction": [b"\xff"],
    "SpecificCharacterSet": [b"NO SUCH SET", b"\xff"],
}


@pytest.mark.parametrize(("keyword", "value"), [(key, raw) for key, raws in MALFORMED.items() for raw in raws])
def test_a_malformed_value_counts_as_absent(tmp_path: Path, keyword: str, value: bytes) -> None:
    path = factories.write_dicom(tmp_path / "plain.dcm", HAND, PatientID=None)
    factories.write_raw_element(path, keyword, value)
    radiograph = read(path)
    assert radiograph.pixels.shape == HAND.shape
    assert radiograph.pixels.max() == 1.0
    assert radiograph.spacing_mm is None or keyword == "EstimatedRadiographicMagnificationFactor"
    assert radiograph.study.birth_date is None
    assert radiograph.study.study_date is None or value.startswith(b"20200131")
    assert radiograph.study.laterality is None


def test_two_sexes_are_none(tmp_path: Path) -> None:
    path = factories.write_dicom(tmp_path / "a.dcm", factories.hand(), PatientSex=["F", "M"])
    assert read(path).sex is None


def test_a_spacing_that_was_rounded_is_no_calibration(tmp_path: Path) -> None:
    rounded = factories.write_dicom(
        tmp_path / "a.dcm", factories.hand(), ImagerPixelSpacing=[0.142857] * 2, PixelSpacing=[0.143] * 2
    )
    assert read(rounded).spacing_from is SpacingFrom.DETECTOR
    corrected = factories.write_dicom(
        tmp_path / "b.dcm", factories.hand(), ImagerPixelSpacing=[0.142857] * 2, PixelSpacing=[0.13] * 2
    )
    assert read(corrected).spacing_from is SpacingFrom.CALIBRATED


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou"),
        ("=山田^太郎", "山田, 太郎"),
        ("==やまだ^たろう", "やまだ, たろう"),
        ("==", None),
    ],
)
def test_of_the_groups_of_a_name_the_first_that_is_given_counts(tmp_path: Path, written: str, name: str | None) -> None:
    path = factories.write_dicom(tmp_path / "case.dcm", HAND, SpecificCharacterSet="ISO_IR 192", PatientName=written)
    assert read(path).study.patient_name == name


@pytest.mark.parametrize(
    ("header", "square"),
    [
        ({}, True),
        ({"PixelSpacing": [0.1, 0.1]}, True),
        ({"PixelSpacing": [0.1, 0.2]}, False),
        ({"ImagerPixelSpacing": [0.2, 0.1]}, False),
        ({"PixelAspectRatio": [1, 1]}, True),
        ({"PixelAspectRatio": [2, 1]}, False),
        ({"PixelAspectRatio": [2, 1], "PixelSpacing": [0.1, 0.1]}, True),
        ({"PixelAspectRatio": [0, 0]}, True),
    ],
)
def test_pixels_that_are_not_square_are_said(tmp_path: Path, header: dict[str, Any], square: bool) -> None:
    path = factories.write_dicom(tmp_path / "case.dcm", HAND, **header)
    assert any("not square" in caution for caution in read(path).cautions) is not square
