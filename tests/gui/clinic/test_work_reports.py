"""What jobs do with reports: a page and objects say all that was said of the reading, and cover nobody else's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread

from boneage_gui.clinic.dicom_report import ReportError
from boneage_gui.clinic.reading import Decision, new_reading
from boneage_gui.clinic.report import report_lines
from boneage_gui.work.readings import keep_reading, open_readings
from boneage_gui.work.reports import make_report, report_objects, save_objects
from tests.conftest import LogWatch
from tests.factories import hand, write_dicom, write_raw_element
from tests.gui.clinic.drawn_readings import prediction, reading
from trainer.radiograph import Sex, read

HEADER: dict[str, Any] = {
    "PatientID": "4711",
    "PatientSex": "M",
    "PatientBirthDate": "20170101",
    "StudyDate": "20260301",
    "StudyInstanceUID": "1.2.3.1",
    "SeriesInstanceUID": "1.2.3.2",
}
ANYWAY = "The gate refused this picture: “This is not one whole hand.” It was read all the same."


@pytest.mark.parametrize("own_months", [None, 96.0])
def test_what_was_read_against_the_gates_advice_says_so_wherever_it_goes(
    tmp_path: Path, own_months: float | None
) -> None:
    path = write_dicom(tmp_path / "hand.dcm", hand(), **HEADER)
    opened, radiograph = open_readings(tmp_path / "readings"), read(path)
    said = prediction(cautions=(ANYWAY,))
    decision = Decision.MODIFIED if own_months else Decision.ACCEPTED
    made = new_reading(said, user="x", decision=decision, clinician_months=own_months, reason="y", sex=Sex.MALE)
    keep_reading(opened, made, radiograph, readable=False)
    again = open_readings(tmp_path / "readings")  # another day
    kept = again.store.of_patient(again.keys.of_patient("4711") or "")[0]
    report = make_report(kept, radiograph, hand(), again)
    assert report_lines(report).count(ANYWAY) == 1
    texts: list[str] = []
    structured = report_objects(report, radiograph).structured
    structured.walk(lambda _level, element: texts.append(element.value) if element.keyword == "TextValue" else None)
    assert texts.count(ANYWAY) == 1


def test_a_report_covers_no_other_patients_of_the_same_file_name(tmp_path: Path) -> None:
    out = tmp_path / "out"
    written = []
    for patient in ("4711", "4712"):
        (tmp_path / patient).mkdir()
        radiograph = read(write_dicom(tmp_path / patient / "IM1.dcm", hand(), **(HEADER | {"PatientID": patient})))
        written += save_objects(make_report(reading(), radiograph, hand(), None), radiograph, out)
    assert [path.name for path in written[::3]] == ["IM1-report.dcm", "IM1-2-report.dcm"]
    assert [dcmread(path).PatientID for path in written] == ["4711"] * 3 + ["4712"] * 3


@pytest.mark.parametrize(
    ("keyword", "written", "reported"),
    [
        ("PatientSex", "m", "M"),
        ("PatientSex", "Muster,Anna", ""),
        ("StudyTime", "10:11:12", "101112"),
        ("StudyTime", "101112.5", "101112.5"),
        ("StudyTime", "quarter past", ""),
        ("StudyDate", "2026.03.01", "20260301"),
        ("StudyDate", "2026/03/01", "20260301"),
        ("PatientBirthDate", "2017-01-01", "20170101"),
        ("PatientBirthDate", "20171301", ""),
    ],
)
def test_an_odd_header_that_was_read_makes_a_report_too(
    tmp_path: Path, keyword: str, written: str, reported: str
) -> None:
    path = write_dicom(tmp_path / "hand.dcm", hand(), **HEADER)
    write_raw_element(path, keyword, written.encode())
    radiograph = read(path)
    objects = report_objects(make_report(reading(), radiograph, hand(), None), radiograph)
    assert {made[keyword].value or "" for made in objects.named().values()} == {reported}


def test_a_header_that_no_report_can_be_made_with_is_a_sentence_and_the_log_does_not_quote_it(
    tmp_path: Path, log_watch: LogWatch
) -> None:
    path = write_dicom(tmp_path / "hand.dcm", hand(), **HEADER)
    write_raw_element(path, "SOPClassUID", b"1.2.4711")
    radiograph = read(path)
    with pytest.raises(ReportError, match="Save the PDF instead"):
        report_objects(make_report(reading(), radiograph, hand(), None), radiograph)
    (record,) = log_watch.records
    assert "4711" not in record.getMessage()
    assert "structured.py" in record.getMessage()  # in the process that draws
    log_watch.expect("could not be made")
