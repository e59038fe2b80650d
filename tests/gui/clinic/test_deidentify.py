"""A radiograph without its patient: nothing that was planted leaves, the picture does, and the object stays valid."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from boneage_gui.clinic.chronology import age_months
from boneage_gui.clinic.deidentify import Choices, Pseudonyms, attributes, cautions_of, export, secret_of_file
from boneage_gui.clinic.deidentify.cautions import BURNED_IN, CAPTURE, LOOK, PICTURE, UNKNOWN
from boneage_gui.clinic.deidentify.export import OTHER_KIND
from tests.factories import hand, write_dicom, write_png, write_raw_element
from tests.gui.clinic.planted import MARK, NUMBER, UID, keywords, write_planted
from trainer.errors import DataError, RadiographError
from trainer.radiograph import Sex, read

ALL = Choices(keep_characteristics=True, shift_dates=True)
NONE = Choices()
HEADER: dict[str, Any] = {
    "PatientID": "4711",
    "PatientName": "Muster^Anna",
    "PatientSex": "F",
    "PatientBirthDate": "20100317",
    "StudyDate": "20200310",
    "StudyInstanceUID": "1.2.3.1",
    "SeriesInstanceUID": "1.2.3.2",
    "AccessionNumber": "A17",
    "BurnedInAnnotation": "NO",
    "ImageType": ["ORIGINAL", "PRIMARY"],
}
tools = pytest.mark.skipif(not shutil.which("dciodvfy"), reason="dicom3tools is not installed")


def _exported(path: Path, choices: Choices = NONE, pseudonyms: Pseudonyms | None = None) -> Dataset:
    goal = path.with_name(f"{path.stem}-out.dcm")
    export(path, goal, pseudonyms or Pseudonyms(), choices)
    return dcmread(goal)


# -- nothing of the patient


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A radiograph that says everywhere who it is of."""
    path = tmp_path_factory.mktemp("planted") / "planted.dcm"
    assert write_planted(path) > 3800
    return path


@pytest.mark.parametrize("choices", [NONE, ALL], ids=["nothing kept", "everything kept"])
def test_nothing_that_was_planted_leaves(planted: Path, choices: Choices) -> None:
    assert planted.read_bytes().count(MARK) > 30_000
    assert planted.read_bytes().count(UID) > 5000
    made = _exported(planted, choices)
    content = planted.with_name("planted-out.dcm").read_bytes()
    assert MARK not in content
    assert b"8151623" not in content
    assert b"SECRET" not in content
    assert content[:128] == b"\0" * 128
    assert [element for element in made if element.tag.is_private] == []
    assert [element for element in made if element.tag.group in range(0x5000, 0x6100)] == []
    assert np.array_equal(read(planted).pixels, read(planted.with_name("planted-out.dcm")).pixels)


def test_numbers_leave_only_where_the_list_asks_for_measures(tmp_path: Path) -> None:
    path = tmp_path / "planted.dcm"
    measures = frozenset(keyword for keyword in attributes.KEPT if keyword not in ("SeriesNumber", "InstanceNumber"))
    write_planted(path, digits=True, kept=measures)
    assert path.read_bytes().count(NUMBER) > 500
    _exported(path, ALL)
    assert NUMBER not in (tmp_path / "planted-out.dcm").read_bytes()


def test_whatever_is_in_an_export_is_on_the_list(planted: Path) -> None:
    known = {
        *attributes.KEPT, *attributes.CODES, *attributes.EMPTY, *attributes.STUDY_DATES,
        "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "PatientName", "PatientID",
        "PatientAge", "PatientIdentityRemoved", "DeidentificationMethod", "DeidentificationMethodCodeSequence",
        "CodeValue", "CodingSchemeDesignator", "CodeMeaning", "LongitudinalTemporalInformationModified",
        "SamplesPerPixel", "PhotometricInterpretation", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit",
        "PixelRepresentation", "PixelPaddingValue", "PixelData",
    }  # fmt: skip
    assert keywords(_exported(planted, ALL)) <= known


def test_identifiers_have_pseudonyms_and_what_must_be_there_is_empty(tmp_path: Path) -> None:
    made = _exported(write_dicom(tmp_path / "a.dcm", hand(), **HEADER))
    assert made.PatientIdentityRemoved == "YES"
    assert [item.CodeValue for item in made.DeidentificationMethodCodeSequence] == ["113100"]
    assert made.DeidentificationMethodCodeSequence[0].CodingSchemeDesignator == "DCM"
    assert re.fullmatch("ANON-[0-9A-F]{12}", made.PatientID)
    assert str(made.PatientName) == f"{made.PatientID}^"
    for keyword in ("PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "AccessionNumber", "StudyID"):
        assert not made[keyword].value, keyword
    assert "PatientAge" not in made
    assert made.LongitudinalTemporalInformationModified == "REMOVED"
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        assert re.fullmatch(r"2\.25\.[1-9]\d{0,38}", made[keyword].value)
    assert made.file_meta.MediaStorageSOPInstanceUID == made.SOPInstanceUID


def test_files_of_one_study_stay_together_and_two_exports_cannot_be_linked(tmp_path: Path) -> None:
    one = write_dicom(tmp_path / "1.dcm", hand(), **HEADER)
    two = write_dicom(tmp_path / "2.dcm", hand(), **(HEADER | {"SOPInstanceUID": "1.2.3.9"}))
    pseudonyms = Pseudonyms()
    first, second = _exported(one, ALL, pseudonyms), _exported(two, ALL, pseudonyms)
    for keyword in ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "StudyDate"):
        assert first[keyword].value == second[keyword].value
    assert first.SOPInstanceUID != second.SOPInstanceUID
    other = _exported(one, ALL)
    for keyword in ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        assert first[keyword].value != other[keyword].value


def test_a_kept_key_gives_the_same_pseudonyms_and_is_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "my.key"
    assert Pseudonyms(secret_of_file(path)).uid("1.2") == Pseudonyms(secret_of_file(path)).uid("1.2")
    assert path.stat().st_mode & 0o077 == 0
    path.write_bytes(b"short")
    with pytest.raises(DataError, match="too short"):
        secret_of_file(path)
    with pytest.raises(DataError, match="cannot be used"):
        secret_of_file(tmp_path / "gone" / "my.key")


def test_a_key_that_could_not_be_written_once_is_made_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(descriptor: int, *_: object) -> None:
        os.close(descriptor)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(os, "fdopen", no_room)
        with pytest.raises(DataError, match="No space"):
            secret_of_file(tmp_path / "my.key")
    assert list(tmp_path.glob("*.key*")) + list(tmp_path.glob(".*")) == []
    assert len(secret_of_file(tmp_path / "my.key")) == 32


# -- what may stay of the patient


def test_sex_and_age_stay_where_asked(tmp_path: Path) -> None:
    made = _exported(write_dicom(tmp_path / "a.dcm", hand(), **HEADER), Choices(keep_characteristics=True))
    assert (made.PatientSex, made.PatientAge, made.StudyDate, made.PatientBirthDate) == ("F", "119M", "", "")
    assert [item.CodeValue for item in made.DeidentificationMethodCodeSequence] == ["113100", "113108"]


@pytest.mark.parametrize(
    ("header", "age"),
    [
        ({"PatientAge": "089Y"}, "089Y"),
        ({"PatientAge": "090Y"}, "090Y"),
        ({"PatientAge": "104Y"}, "090Y"),
        ({"PatientAge": "006M"}, "006M"),
        ({"PatientAge": "ZQX"}, "119M"),
        ({"PatientBirthDate": "19200101"}, "090Y"),
        ({"PatientBirthDate": "19350101"}, "085Y"),
        ({"PatientBirthDate": ""}, ""),
        ({"PatientBirthDate": "20300101"}, ""),
    ],
)
def test_an_age_is_kept_or_worked_out_and_none_is_above_ninety(
    tmp_path: Path, header: dict[str, str], age: str
) -> None:
    path = write_dicom(tmp_path / "a.dcm", hand(), **HEADER)
    for keyword, value in header.items():
        write_raw_element(path, keyword, value.encode())
    made = _exported(path, ALL)
    assert made.get("PatientAge", "") == age
    if age == "090Y":
        assert not made.PatientBirthDate


def test_moved_dates_keep_their_distance_and_the_age_in_months(tmp_path: Path) -> None:
    pseudonyms = Pseudonyms()
    days, reading = [], []
    for name, study in (("1", "20200310"), ("2", "20210410")):
        path = write_dicom(tmp_path / f"{name}.dcm", hand(), **(HEADER | {"StudyDate": study, "SeriesDate": study}))
        made = _exported(path, ALL, pseudonyms)
        assert made.SeriesDate == made.StudyDate != study
        days.append(date.fromisoformat(made.StudyDate))
        reading.append(read(tmp_path / f"{name}-out.dcm"))
        assert made.LongitudinalTemporalInformationModified == "MODIFIED"
        assert "113107" in [item.CodeValue for item in made.DeidentificationMethodCodeSequence]
    assert (days[1] - days[0]).days == 396
    for one, months in zip(reading, (119, 132), strict=True):
        assert one.study.birth_date is not None
        assert one.study.study_date is not None
        assert int(age_months(birth=one.study.birth_date, study=one.study.study_date)) == months
        assert one.sex is Sex.FEMALE


def test_dates_move_without_telling_the_age(tmp_path: Path) -> None:
    made = _exported(write_dicom(tmp_path / "a.dcm", hand(), **HEADER), Choices(shift_dates=True))
    assert made.StudyDate
    assert (made.PatientBirthDate, made.PatientSex, "PatientAge" in made) == ("", "", False)


# -- codes, words and classes


def test_a_code_stays_where_dicom_knows_it_and_has_dicoms_meaning(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "a.dcm", hand(), **HEADER)
    data = dcmread(path)
    for keyword, value in (("ViewCodeSequence", "272479007"), ("AnatomicRegionSequence", "85562004")):
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "SCT", "Hand of Anna Muster"
        setattr(data, keyword, [item])
    data.save_as(path)
    made = _exported(path)
    assert made.ViewCodeSequence[0].CodeMeaning == "postero-anterior"
    assert made.AnatomicRegionSequence[0].CodeMeaning == "Hand"
    data.ViewCodeSequence[0].CodeValue = "MUSTER"
    data.save_as(path)
    assert "ViewCodeSequence" not in _exported(path)


def test_an_object_of_another_kind_becomes_a_secondary_capture_and_says_so(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "a.dcm", hand(), **(HEADER | {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}))
    exported = export(path, tmp_path / "out.dcm", Pseudonyms(), NONE)
    assert OTHER_KIND in exported.cautions
    made = dcmread(tmp_path / "out.dcm")
    assert (made.SOPClassUID, made.Modality, made.ConversionType) == (attributes.SC, "OT", "WSD")


DX: dict[str, Any] = {
    "PresentationIntentType": "FOR PRESENTATION", "ImagerPixelSpacing": [0.1, 0.1], "PixelIntensityRelationship": "LOG",
    "PixelIntensityRelationshipSign": -1, "RescaleIntercept": 0, "RescaleSlope": 1, "RescaleType": "US",
    "PresentationLUTShape": "IDENTITY", "LossyImageCompression": "00", "ImageLaterality": "L", "DetectorType": "DIRECT",
    "PatientOrientation": ["R", "F"], "WindowCenter": 2048, "WindowWidth": 4096, "Modality": "DX",
    "PixelSpacing": [0.09, 0.09], "PixelSpacingCalibrationType": "GEOMETRY",
}  # fmt: skip
DX_RAW = {key: value for key, value in DX.items() if not key.startswith("Window")} | {
    "PresentationIntentType": "FOR PROCESSING"
}
XRAY: dict[str, Any] = {"PixelIntensityRelationship": "LIN", "RadiationSetting": "GR", "XRayTubeCurrent": 5, "KVP": 60,
                        "ExposureTime": 12, "Exposure": 3}  # fmt: skip


@tools
@pytest.mark.parametrize("choices", [NONE, ALL], ids=["nothing kept", "everything kept"])
@pytest.mark.parametrize(
    ("uid", "header"),
    [
        (attributes.CR, {"Modality": "CR"}),
        (attributes.DX, DX),
        (attributes.DX_RAW, DX_RAW),
        (attributes.SC, {"Modality": "OT", "ConversionType": "WSD"}),
        (attributes.XA, XRAY | {"Modality": "XA", "ImageType": ["ORIGINAL", "PRIMARY", "SINGLE PLANE"]}),
        (attributes.RF, XRAY | {"Modality": "RF", "ImageType": ["ORIGINAL", "PRIMARY", "SINGLE PLANE"]}),
        ("1.2.840.10008.5.1.4.1.1.2", {"Modality": "CT"}),
    ],
    ids=["CR", "DX", "DX raw", "SC", "XA", "RF", "CT"],
)
def test_exports_are_valid(tmp_path: Path, uid: str, header: dict[str, Any], choices: Choices) -> None:
    path = write_dicom(tmp_path / "a.dcm", hand(), **(HEADER | {"SOPClassUID": uid} | header))
    _exported(path, choices)
    done = subprocess.run(["dciodvfy", str(tmp_path / "a-out.dcm")], capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).splitlines()
    assert [line for line in said if line.startswith("Error")] == []
    assert "Image" in "".join(said), "dciodvfy did not know the object"


# -- what the user must hear, and what is refused


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ({"BurnedInAnnotation": "YES"}, (BURNED_IN,)),
        ({"BurnedInAnnotation": ""}, (UNKNOWN,)),
        ({"BurnedInAnnotation": "NO"}, ()),
        ({"ImageType": ["DERIVED", "PRIMARY"]}, (CAPTURE,)),
        ({"SOPClassUID": attributes.SC, "BurnedInAnnotation": "YES"}, (BURNED_IN, CAPTURE)),
    ],
)
def test_text_on_the_picture_is_warned_of(tmp_path: Path, header: dict[str, Any], said: tuple[str, ...]) -> None:
    path = write_dicom(tmp_path / "a.dcm", hand(), **(HEADER | header))
    whole = (*said, LOOK) if said else ()
    assert cautions_of(path) == whole
    assert export(path, tmp_path / "out.dcm", Pseudonyms(), NONE).cautions == whole
    assert cautions_of(write_png(tmp_path / "a.png", hand())) == (PICTURE, LOOK)


def test_what_cannot_be_read_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "a.dcm", hand(), **HEADER)
    path.write_bytes(path.read_bytes()[:-500])
    for source in (path, tmp_path / "gone.dcm"):
        with pytest.raises(RadiographError):
            export(source, tmp_path / "out" / "x.dcm", Pseudonyms(), NONE)
    assert not (tmp_path / "out" / "x.dcm").exists()


def test_the_original_is_never_overwritten(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "a.dcm", hand(), **HEADER)
    before = path.read_bytes()
    with pytest.raises(DataError, match="choose another name"):
        export(path, path, Pseudonyms(), NONE)
    assert path.read_bytes() == before


def test_a_picture_that_would_change_is_not_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(attributes.KEPT, "WindowCenter", lambda _found: [7.0])
    path = write_dicom(tmp_path / "a.dcm", hand(), lut="window", **HEADER)
    with pytest.raises(RadiographError, match="would look different"):
        export(path, tmp_path / "out.dcm", Pseudonyms(), NONE)
    assert sorted(found.name for found in tmp_path.iterdir() if found.is_file()) == ["a.dcm"]
