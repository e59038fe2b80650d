"""DICOM alone: pictures found by what their headers say, whatever their files are called."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
import pytest

from trainer.cases import CaseTable, read_cases
from trainer.columns import NONE, Columns
from trainer.errors import DataError
from trainer.phantom import write_dataset
from trainer.radiograph import Sex, read_identity

Write = Callable[..., Path]


@pytest.fixture(scope="session")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One phantom as DICOM."""
    folder = write_dataset(tmp_path_factory.mktemp("phantom"), count=1, file_format="dicom", height_px=100)
    return next(folder.rglob("*.dcm"))


@pytest.fixture
def write(phantom: Path, tmp_path: Path) -> Write:
    """Writes the phantom again under another name with other facts in its header."""

    def write(name: str, **facts: Any) -> Path:
        data = pydicom.dcmread(phantom)
        for keyword in ("PatientID", "PatientSex", "AccessionNumber"):
            setattr(data, keyword, facts.pop(keyword, ""))
        for keyword, value in facts.items():
            setattr(data, keyword, value)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data.save_as(path)
        return path

    return write


def _read(folder: Path, *rows: tuple[object, ...], columns: Columns | None = None) -> CaseTable:
    with (folder / "ages.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return read_cases(folder, columns)


def test_ids_may_be_of_the_picture_the_examination_or_the_patient(write: Write, tmp_path: Path) -> None:
    files = [
        write("PAT1/STU1/IM000001", SOPInstanceUID="1.2.3.1", AccessionNumber="A1", PatientID="P1", PatientSex="F"),
        write("PAT1/STU1/IM000002", SOPInstanceUID="1.2.3.2", AccessionNumber="A2", PatientID="P1", PatientSex="F"),
        write("PAT2/1.2.3.3", SOPInstanceUID="1.2.3.3", AccessionNumber="A3", PatientID="P2", PatientSex="M"),
    ]
    table = _read(tmp_path, ("id", "boneage"), ("A1", 60), ("1.2.3.2", 72), ("P2", 84), ("P1", 90), ("A9", 100))
    assert [(case.case_id, case.image_path, case.sex, case.patient_key) for case in table.cases] == [
        ("A1", files[0], Sex.FEMALE, "P1"),
        ("1.2.3.2", files[1], Sex.FEMALE, "P1"),
        ("P2", files[2], Sex.MALE, "P2"),
    ]
    assert [(row.case_id, row.reason) for row in table.dropped] == [("P1", "several pictures"), ("A9", "no picture")]


def test_the_table_goes_before_the_header(write: Write, tmp_path: Path) -> None:
    for name, patient in (("a.dcm", "P1"), ("b.dcm", "P2"), ("c.dcm", "P3")):
        write(name, PatientID=patient, PatientSex="F")
    table = _read(
        tmp_path,
        ("id", "boneage", "sex", "patient"),
        ("a", 60, "M", "Anna"),
        ("b", 60, "", ""),
        ("c.dcm", 60, "unknown", "Berta"),
    )
    assert [(case.sex, case.patient_key) for case in table.cases] == [
        (Sex.MALE, "Anna"),
        (Sex.FEMALE, "P2"),
        (Sex.FEMALE, "Berta"),
    ]


def test_files_are_known_by_their_content_not_their_ending(write: Write, tmp_path: Path) -> None:
    write("deep/IM01", PatientSex="M")
    write("deep/study.ima", PatientSex="M", AccessionNumber="A7")
    for name in ("deep/notes", "deep/IM02", "deep/DICOMDIR.txt"):
        (tmp_path / name).write_bytes(b"no picture at all")
    table = _read(tmp_path, ("id", "boneage"), ("IM01", 60), ("IM02", 60), ("notes", 60), ("A7", 60))
    assert [case.case_id for case in table.cases] == ["IM01", "A7"]
    assert {row.reason for row in table.dropped} == {"no picture"}


def test_one_patient_for_all_is_no_patient(write: Write, tmp_path: Path) -> None:
    for name in ("a.dcm", "b.dcm"):
        write(name, PatientID="ANONYMOUS", PatientSex="F")
    rows = (("id", "boneage"), ("a", 60), ("b", 60))
    assert [case.patient_key for case in _read(tmp_path, *rows).cases] == [None, None]
    write("b.dcm", PatientID="P2")
    assert [case.patient_key for case in _read(tmp_path, *rows).cases] == ["ANONYMOUS", "P2"]
    assert [case.patient_key for case in _read(tmp_path, *rows, columns=Columns(patient=NONE)).cases] == [None, None]


def test_most_of_an_archive_made_anonymous_is_not_one_patient(write: Write, tmp_path: Path) -> None:
    names = [f"{number}.dcm" for number in range(12)]
    for name in names:
        write(name, PatientID="ANONYMOUS", PatientSex="F")
    write("p.dcm", PatientID="P2", PatientSex="F")
    rows = (("id", "boneage", "male"), *((name, 60, "F") for name in (*names, "p.dcm")))
    table = _read(tmp_path, *rows)
    assert {case.patient_key for case in table.cases[:-1]} == {None}
    assert table.cases[-1].patient_key == "P2"
    (caution,) = table.cautions
    assert caution.startswith("12 DICOM headers of these radiographs name one and the same patient")
    few = _read(tmp_path, *rows[:10], rows[-1])  # nine of ten may be a child that was often seen
    assert few.cases[0].patient_key == "ANONYMOUS"
    assert few.cautions == ()


def test_old_files_without_preamble_are_known_by_their_headers(write: Write, tmp_path: Path) -> None:
    for name, facts in (
        ("deep/IM01", {"AccessionNumber": "A7", "PatientID": "P1", "PatientSex": "M"}),
        ("old.dcm", {"PatientID": "P2", "PatientSex": "F"}),
    ):
        path = write(name, **facts)
        path.write_bytes(path.read_bytes()[132:])
    (tmp_path / "deep" / "IM02").write_bytes(b"\x08\0\x05\0" + b"no header at all" * 20)
    table = _read(tmp_path, ("id", "boneage"), ("A7", 60), ("old", 72), ("IM02", 60))
    assert [(case.case_id, case.sex, case.patient_key) for case in table.cases] == [
        ("A7", Sex.MALE, "P1"),
        ("old", Sex.FEMALE, "P2"),
    ]
    assert [row.case_id for row in table.dropped] == ["IM02"]


def test_a_deflated_file_without_preamble_is_not_inflated(write: Write, tmp_path: Path) -> None:
    data = pydicom.dcmread(write("x.dcm", PatientID="P1"))
    data.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    data.save_as(tmp_path / "x.dcm")
    (tmp_path / "x.dcm").write_bytes((tmp_path / "x.dcm").read_bytes()[132:])
    assert read_identity(tmp_path / "x.dcm") is None


def test_pictures_without_headers_need_a_column_for_the_sex(write: Write, tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    with pytest.raises(DataError, match="--sex-column"):
        _read(tmp_path, ("id", "boneage"), ("a", 60))


def test_only_the_header_is_read(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("x.dcm", AccessionNumber="A1", PatientSex="M")
    whole = (tmp_path / "x.dcm").read_bytes()
    (tmp_path / "x.dcm").write_bytes(whole[:-5_000])  # what is cut off are pixels
    monkeypatch.setattr("trainer.radiograph.dicom.read_dicom", lambda *_: pytest.fail("pixels were read"))
    assert [case.sex for case in _read(tmp_path, ("id", "boneage"), ("A1", 60)).cases] == [Sex.MALE]


def test_a_hostile_header_is_no_header(write: Write, tmp_path: Path) -> None:
    path = write("x.dcm", AccessionNumber="A1", PatientSex="M")
    whole = path.read_bytes()
    for cut in (132, 140, 200, 300):
        path.write_bytes(whole[:cut])
        identity = read_identity(path)
        assert identity is None or "A1" not in identity.names
    path.write_bytes(whole[:132] + b"\xff" * 400)
    read_identity(path)
    path.write_bytes(b"")
    assert read_identity(path) is None
    assert read_identity(tmp_path / "nowhere") is None


def test_nothing_of_a_patient_is_shown(write: Write) -> None:
    identity = read_identity(write("x.dcm", PatientID="Secret", PatientSex="M", AccessionNumber="Number"))
    assert identity is not None
    assert identity.patient_key == "Secret"
    assert "Secret" not in repr(identity)
    assert "Number" not in repr(identity)
