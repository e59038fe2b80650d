"""The report of a reading: what its page says, and that its DICOM objects are valid and in the right study."""

from __future__ import annotations

import io
import math
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from boneage_gui.clinic.dicom_report import (
    ReportError,
    object_bytes,
    pdf_object,
    picture_object,
    source_header,
    write_object,
)
from boneage_gui.clinic.dicom_report.structured import structured_report
from boneage_gui.clinic.reading import Decision, Reading
from boneage_gui.clinic.report import UNCONFIRMED, Report, bone_age_sentence, report_lines, report_pdf
from tests.factories import hand, write_dicom, write_png
from tests.gui.clinic.drawn_readings import reading
from trainer.errors import DataError

HEADER: dict[str, Any] = {
    "PatientID": "4711",
    "PatientName": "Müster^Anna",
    "PatientSex": "M",
    "PatientBirthDate": "20170101",
    "StudyDate": "20260301",
    "StudyInstanceUID": "1.2.3.1",
    "SeriesInstanceUID": "1.2.3.2",
    "SpecificCharacterSet": "ISO_IR 100",
    "AccessionNumber": "A17",
}
MODIFIED: dict[str, Any] = {"decision": Decision.MODIFIED, "clinician_months": 96.0, "reason": "carpals"}
NO_UNICODE = "W: The VR checker does not support this Specific Character Set: ISO_IR 192"  # of dsrdump, not of the file
tools = pytest.mark.skipif(
    not (shutil.which("dciodvfy") and shutil.which("dsrdump")), reason="dicom3tools and dcmtk are not installed"
)


@pytest.fixture
def source(tmp_path: Path) -> Dataset:
    """The header of a radiograph."""
    return source_header(write_dicom(tmp_path / "source.dcm", hand(), **HEADER))


def _report(made: Reading, **changes: Any) -> Report:
    values: dict[str, Any] = {
        "file_name": "hand.dcm",
        "picture": hand(),
        "earlier": (reading(5, chronological_months=98.0), made),
    }
    return Report(reading=made, **(values | changes))


# -- the page


def test_the_page_begins_with_the_sentence_and_ends_with_its_limits() -> None:
    lines = report_lines(_report(reading(age_months=100), cautions=("The hand is turned.",)))
    assert lines[0].startswith("Bone age 8 years 4 months at a chronological age of 9 years 2 months (boy): -1.1 SD")
    assert lines[1] == "Accepted by radiologist."
    assert lines[2] == "90 % interval of the model: 6 years 8 months to 10 years."
    assert "The hand is turned." in lines
    assert lines[-1] == "Model improved-sex (abababababab). Research use, not a medical device."


def test_every_caution_of_radiograph_and_number_is_on_the_page_once() -> None:
    made = replace(reading(), cautions=("This is not one whole hand. Read all the same.", "The hand is turned."))
    lines = report_lines(_report(made, cautions=("The hand is turned.", "The image is small.")))
    for said in (*made.cautions, "The image is small."):
        assert lines.count(said) == 1


def test_a_modified_reading_says_both_values() -> None:
    lines = report_lines(_report(reading(**MODIFIED)))
    assert lines[0].startswith("Bone age 8 years at")
    assert lines[1] == "Modified by radiologist: the model read 8 years 4 months. Reason: carpals."


def test_what_nobody_confirmed_says_so() -> None:
    assert UNCONFIRMED in report_lines(_report(reading(decision=Decision.WAITING)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sex": None}, "The sex is not known: no reference."),
        ({"chronological_months": None}, "The chronological age is not known: no reference."),
        ({"chronological_months": 216.0}, "No reference at this age."),
    ],
)
def test_without_a_reference_the_sentence_says_why(changes: dict[str, Any], said: str) -> None:
    assert said in bone_age_sentence(reading(**changes))


def test_a_model_without_an_interval_says_so() -> None:
    bare = replace(reading(), low_months=math.nan, high_months=math.nan)
    assert "The model's interval was not measured." in report_lines(_report(bare))


@pytest.mark.parametrize("made", [reading(), reading(**MODIFIED), reading(sex=None, chronological_months=None)])
@pytest.mark.parametrize("picture", [hand(200, 100), np.zeros((90, 300, 3), dtype=np.uint8)])
def test_the_pdf_is_one_page_with_the_words_as_text(made: Reading, picture: Any) -> None:
    report = _report(made, picture=picture, earlier=(made,), patient_name="$x_{Müster}$", patient_id="4711")
    content = report_pdf(report)
    assert content.startswith(b"%PDF-")
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") == 1


# -- the objects


def _written(tmp_path: Path, made: Dataset) -> Path:
    path = tmp_path / "made.dcm"
    write_object(path, made)
    return path


def _errors(path: Path) -> list[str]:
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    return [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("Error")]


READINGS = {
    "accepted": reading(),
    "modified": reading(**MODIFIED),
    "waiting": reading(decision=Decision.WAITING),
    "bare": replace(reading(sex=None, chronological_months=None), low_months=math.nan, high_months=math.nan),
    "strange user": reading(user="a^b\\c=d"),
    "cautions": replace(reading(), cautions=("“Not one whole hand”: read all the same.", "The hand is turned.")),
}


@tools
@pytest.mark.parametrize("name", READINGS)
@pytest.mark.parametrize("laterality", ["left", "right", None])
def test_structured_reports_are_valid(tmp_path: Path, source: Dataset, name: str, laterality: str | None) -> None:
    path = _written(tmp_path, structured_report(READINGS[name], source, laterality=laterality))
    assert _errors(path) == []
    done = subprocess.run(["dsrdump", "+Pc", str(path)], capture_output=True, encoding="latin-1", check=False)
    assert done.returncode == 0
    said = [line for line in done.stderr.splitlines() if line.startswith(("E:", "F:", "W:"))]
    assert [line for line in said if line != NO_UNICODE] == []


@tools
def test_pictures_and_documents_are_valid(tmp_path: Path, source: Dataset) -> None:
    for picture in (hand(31, 17), np.zeros((31, 17, 3), dtype=np.uint8)):
        assert _errors(_written(tmp_path, picture_object(picture, source, description="x"))) == []
    assert _errors(_written(tmp_path, pdf_object(b"%PDF-1.4 ...", source, title="Bone age report"))) == []


@pytest.mark.parametrize(
    ("said", "side"),
    [
        ({"ImageLaterality": "R", "Laterality": "L"}, "R"),  # the picture's goes before the series', as in reading
        ({"ImageLaterality": "", "Laterality": "L"}, "L"),
        ({"ImageLaterality": "B"}, ""),
        ({}, ""),
    ],
)
def test_a_picture_is_of_the_side_that_was_read(source: Dataset, said: dict[str, str], side: str) -> None:
    for keyword in ("ImageLaterality", "Laterality"):
        source.pop(keyword, None)
    for keyword, letter in said.items():
        setattr(source, keyword, letter)
    assert picture_object(hand(), source, description="x").Laterality == side


def _content(made: Dataset) -> dict[str, Any]:
    """The content items of a report: coded values and numbers by their code, in order."""
    found: dict[str, Any] = {}

    def walk(items: Any) -> None:
        for item in items:
            name = item.ConceptNameCodeSequence[0].CodeValue if "ConceptNameCodeSequence" in item else ""
            if item.ValueType == "NUM":
                found.setdefault(name, []).append(float(item.MeasuredValueSequence[0].NumericValue))
            elif item.ValueType == "CODE":
                found.setdefault(name, []).append(item.ConceptCodeSequence[0].CodeValue)
            elif item.ValueType in ("TEXT", "PNAME"):
                found.setdefault(name, []).append(str(item.get("TextValue") or item.get("PersonName")))
            walk(item.get("ContentSequence", []))

    walk([made])
    return found


def test_a_report_holds_the_numbers_under_their_codes(source: Dataset) -> None:
    made = structured_report(reading(age_months=100), source, laterality="left")
    found = _content(made)
    assert made.ConceptNameCodeSequence[0].CodeValue == "126000"
    assert found["85151-9"] == [100.0]
    assert found["121033"] == [110.0]
    assert found["121416"] == [-1.1]
    assert found["121414"] == [9.13]
    assert (found["385524004"], found["371933006"]) == ([91.7], [128.3])
    assert found["RDES14"] == ["RDES14.1"]
    assert found["121402"] == ["17621005"]
    assert "7771000" in found["272741003"]
    assert found["111001"] == ["improved-sex"]
    assert any("Research use" in text for text in found["111002"])
    assert any("Brush Foundation" in text for text in found["121408"])


def test_a_modified_reading_reports_both_values_and_whose_they_are(source: Dataset) -> None:
    found = _content(structured_report(reading(**MODIFIED), source, laterality=None))
    assert found["85151-9"] == [96.0, 100.0]
    assert found["111001"] == ["improved-sex"]  # of the second group alone
    assert found["121008"] == ["radiologist^"]


def test_a_model_is_one_device_in_all_its_reports(source: Dataset) -> None:
    def device(made: Reading) -> set[str]:
        uids: set[str] = set()
        structured = structured_report(made, source, laterality=None)
        structured.walk(lambda _level, item: _add_device(item, uids))
        return uids

    one, again, other = device(reading()), device(reading(1)), device(replace(reading(), model_sha256="cd" * 32))
    assert one == again == {f"2.25.{int('ab' * 16, 16)}"}
    assert one != other


def _add_device(item: Any, uids: set[str]) -> None:
    for part in item.value if item.keyword == "ContentSequence" else ():
        if part.ValueType == "UIDREF" and part.ConceptNameCodeSequence[0].CodeValue == "121012":
            uids.add(str(part.UID))


@pytest.mark.parametrize("made", [reading(), reading(**MODIFIED)], ids=["accepted", "modified"])
def test_cautions_are_comments_on_what_stands(source: Dataset, made: Reading) -> None:
    made = replace(made, cautions=("“Not one whole hand”: read all the same — Σ.",))
    said = ("The image is small.", *made.cautions)
    content = object_bytes(structured_report(made, source, laterality=None, cautions=said))
    assert _content(dcmread(io.BytesIO(content)))["121106"] == list(said)


@pytest.mark.parametrize(
    ("decision", "flags"),
    [(Decision.ACCEPTED, ("VERIFIED", "FINAL")), (Decision.WAITING, ("UNVERIFIED", "PRELIMINARY"))],
)
def test_only_what_was_confirmed_is_verified(source: Dataset, decision: Decision, flags: tuple[str, str]) -> None:
    made = structured_report(reading(decision=decision), source, laterality=None)
    assert (made.VerificationFlag, made.PreliminaryFlag) == flags


def test_delayed_and_advanced_have_their_codes_and_no_reference_is_unknown(source: Dataset) -> None:
    classes = {}
    for name, made in {
        "low": reading(age_months=60),
        "high": reading(age_months=160),
        "none": reading(sex=None),
    }.items():
        found = _content(structured_report(made, source, laterality=None))
        classes[name] = (found["RDES14"], found.get("121402"))
    assert classes == {
        "low": (["RDES14.0"], ["371880002"]),
        "high": (["RDES14.2"], ["371879000"]),
        "none": (["RDES14.4"], None),
    }


def test_all_objects_are_in_the_radiographs_study_and_refer_to_it(tmp_path: Path, source: Dataset) -> None:
    made = [
        structured_report(reading(), source, laterality="left"),
        picture_object(hand(), source, description="x"),
        pdf_object(b"%PDF-1.4", source, title="t"),
    ]
    for number, one in enumerate(made):
        write_object(tmp_path / f"{number}.dcm", one)
    read = [dcmread(tmp_path / f"{number}.dcm") for number in range(3)]
    assert {one.StudyInstanceUID for one in read} == {"1.2.3.1"}
    assert {(str(one.PatientName), one.PatientID, one.AccessionNumber) for one in read} == {
        ("Müster^Anna", "4711", "A17")
    }
    assert len({one.SeriesInstanceUID for one in read} | {source.SeriesInstanceUID}) == 4
    assert len({one.SOPInstanceUID for one in read} | {source.SOPInstanceUID}) == 4
    uid = str(source.SOPInstanceUID)
    assert all(uid in str(one) for one in read)
    assert all((tmp_path / f"{number}.dcm").read_bytes()[:128] == b"\0" * 128 for number in range(3))
    assert bytes(read[2].EncapsulatedDocument).startswith(b"%PDF-1.4")
    assert np.array_equal(read[1].pixel_array, hand())


def test_what_belongs_to_no_study_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="is no DICOM file"):
        source_header(write_png(tmp_path / "hand.png", hand()))
    with pytest.raises(ReportError, match="StudyInstanceUID is missing"):
        source_header(write_dicom(tmp_path / "a.dcm", hand(), StudyInstanceUID=""))
    with pytest.raises(ReportError):
        source_header(tmp_path / "gone.dcm")


def test_a_report_that_cannot_be_written_is_a_sentence_and_leaves_nothing(tmp_path: Path, source: Dataset) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match="could not be written"):
        write_object(tmp_path / "file" / "x.dcm", pdf_object(b"%PDF-1.4", source, title="t"))
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]
