"""What jobs do with a PACS: a received radiograph becomes a reading that waits, and a report goes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from boneage_gui.clinic.dicom_node.address_book import AddressBook
from boneage_gui.clinic.dicom_node.find import FoundStudy
from boneage_gui.clinic.dicom_node.inbox import Inbox, InboxFullError
from boneage_gui.clinic.dicom_node.node import NodeError
from boneage_gui.clinic.dicom_node.query import StudyQuery
from boneage_gui.clinic.dicom_node.receiver_settings import ReceiverSettings
from boneage_gui.clinic.dicom_node.send import send
from boneage_gui.clinic.reading import Decision, ReadingError
from boneage_gui.clinic.readings import Query
from boneage_gui.work import pacs, read
from boneage_gui.work.readings import OpenedReadings, open_readings
from boneage_gui.work.reports import make_report, report_objects
from tests.conftest import LogWatch
from tests.factories import hand, write_dicom
from tests.gui.clinic.drawn_readings import prediction
from tests.gui.clinic.pacs import peers
from tests.gui.clinic.pacs.peers import IMPATIENT, PATIENT, broken_peer, write_study
from trainer.errors import RadiographError
from trainer.prediction import Prediction
from trainer.radiograph import Radiograph, Sex

HEADER: dict[str, Any] = {
    "PatientID": "4711",
    "PatientSex": "F",
    "PatientBirthDate": "20150309",
    "StudyDate": "20240310",
}


class FakePredictor:
    """Answers like a model, or raises what it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.told = error, list[Sex | None]()

    def predict(
        self,
        radiograph: Radiograph,
        *,
        sex: Sex | None,
        anyway: bool = False,
        chronological_months: float | None = None,
    ) -> Prediction:
        """Answer 100 months."""
        self.told.append(sex)
        if self.error is not None:
            raise self.error
        return prediction(sex=sex)


@pytest.fixture
def opened(tmp_path: Path) -> OpenedReadings:
    """A store of readings that is empty."""
    return open_readings(tmp_path / "readings")


@pytest.fixture
def box(tmp_path: Path, opened: OpenedReadings) -> Iterator[Inbox]:
    """The inbox beside it."""
    made = pacs.open_inbox(tmp_path / "box", ReceiverSettings(), opened)
    made.least_free_bytes = 0
    yield made
    made.close()


def taken(box: Inbox, path: Path) -> Path:
    """Put a file into the inbox as if it had been received."""
    return box.take_in(path.read_bytes())[0]


def test_a_received_radiograph_becomes_a_reading_that_waits(tmp_path: Path, opened: OpenedReadings, box: Inbox) -> None:
    path = taken(box, write_dicom(tmp_path / "hand.dcm", hand(), **HEADER))
    predictor = FakePredictor()
    received = pacs.read_received(path, predictor, opened, box, reference_key="greulich-pyle")
    assert predictor.told == [Sex.FEMALE]
    (reading,) = opened.store.find(Query())
    assert received.reading == reading
    assert (reading.decision, reading.sex, reading.age_months) == (Decision.WAITING, Sex.FEMALE, 100.0)
    assert reading.chronological_months == pytest.approx(108.03, abs=0.01)
    assert (reading.study_date, reading.reference_key) == (date(2024, 3, 10), "greulich-pyle")
    assert (reading.patient_hash, reading.label) == (opened.keys.of_patient("4711"), None)
    assert (received.problem, received.known, box.waiting()) == ("", False, [])
    assert box.kept(reading.radiograph_hash) == received.path
    assert read(received.path).sex is Sex.FEMALE
    assert "4711" not in repr(received)


def test_a_reading_says_whose_it_is_only_where_the_user_wants_it(
    tmp_path: Path, opened: OpenedReadings, box: Inbox
) -> None:
    path = taken(box, write_dicom(tmp_path / "hand.dcm", hand(), **HEADER))
    pacs.read_received(path, FakePredictor(), opened, box, readable=True)
    assert opened.store.find(Query())[0].label == "SECRET, PATIENT (4711)"


@pytest.mark.parametrize(
    "gaps",
    [{"PatientSex": "O"}, {"PatientBirthDate": ""}, {"StudyDate": ""}, {"PatientBirthDate": "18000101"}],
    ids=str,
)
def test_what_the_header_does_not_say_is_not_guessed(
    tmp_path: Path, opened: OpenedReadings, box: Inbox, gaps: dict[str, Any]
) -> None:
    path = taken(box, write_dicom(tmp_path / "hand.dcm", hand(), **(HEADER | gaps)))
    received = pacs.read_received(path, FakePredictor(), opened, box)
    reading = received.reading
    assert reading is not None
    assert (reading.sex is None) == ("PatientSex" in gaps)
    assert (reading.chronological_months is None) == ("PatientSex" not in gaps)
    assert any("120 years" in caution for caution in received.cautions) == (gaps.get("PatientBirthDate") == "18000101")


def test_a_program_that_died_before_moving_the_file_reads_it_once(
    tmp_path: Path, opened: OpenedReadings, box: Inbox
) -> None:
    source = write_dicom(tmp_path / "hand.dcm", hand(), **HEADER)
    first = pacs.read_received(taken(box, source), FakePredictor(), opened, box)
    back = box.folder / "received" / first.path.name
    first.path.replace(back)
    predictor = FakePredictor()
    again = pacs.read_received(back, predictor, opened, box)
    assert (again.known, again.reading, predictor.told) == (True, first.reading, [])
    assert opened.store.count(Query(superseded_too=True)) == 1
    assert box.waiting() == []


@pytest.mark.parametrize("content", [b"\0" * 128 + b"DICM" + b"\xff" * 300, b"not DICOM"])
def test_what_holds_no_radiograph_is_put_aside_with_its_sentence(
    opened: OpenedReadings, box: Inbox, content: bytes
) -> None:
    path, _ = box.take_in(content)
    received = pacs.read_received(path, FakePredictor(), opened, box)
    assert received.reading is None
    assert received.problem.endswith(".")
    assert [(one.path, one.sentence) for one in box.refused()] == [(received.path, received.problem)]
    assert received.path.read_bytes() == content
    assert opened.store.count(Query()) == 0


@pytest.mark.parametrize(
    ("error", "said"),
    [(RadiographError("This is no hand."), "This is no hand."), (MemoryError(), "not enough memory")],
    ids=["refused", "memory"],
)
def test_what_the_model_refuses_is_put_aside(
    tmp_path: Path, opened: OpenedReadings, box: Inbox, error: Exception, said: str
) -> None:
    path = taken(box, write_dicom(tmp_path / "hand.dcm", hand(), **HEADER))
    assert said in pacs.read_received(path, FakePredictor(error), opened, box).problem
    assert len(box.refused()) == 1


def test_a_bug_is_logged_without_what_it_says_and_the_file_put_aside(
    tmp_path: Path, opened: OpenedReadings, box: Inbox, log_watch: LogWatch
) -> None:
    path = taken(box, write_dicom(tmp_path / "hand.dcm", hand(), **HEADER))
    received = pacs.read_received(path, FakePredictor(ZeroDivisionError("SECRET")), opened, box)
    assert "Something went wrong in the program (ZeroDivisionError)" in received.problem
    assert len(box.refused()) == 1
    assert "SECRET" not in str([record.getMessage() for record in log_watch.records])
    log_watch.expect("was not read: ZeroDivisionError")


def test_a_store_that_fails_leaves_the_file_waiting(
    tmp_path: Path, opened: OpenedReadings, box: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise ReadingError("The disk is full.")

    path = taken(box, write_dicom(tmp_path / "hand.dcm", hand(), **HEADER))
    monkeypatch.setattr(opened.store, "add", full)
    with pytest.raises(ReadingError, match="disk is full"):
        pacs.read_received(path, FakePredictor(), opened, box)
    assert box.waiting() == [path]


def test_an_inbox_full_of_what_could_not_be_read_takes_radiographs_again(
    tmp_path: Path, opened: OpenedReadings, box: Inbox
) -> None:
    path = taken(box, write_dicom(tmp_path / "hand.dcm", hand(), **HEADER))
    waiting = pacs.read_received(path, FakePredictor(), opened, box).path
    box.max_bytes = box.used_bytes + 100_000
    for number in range(10):
        pacs.read_received(box.take_in(bytes([number]) * 10_000)[0], FakePredictor(), opened, box)
    with pytest.raises(InboxFullError):
        box.take_in(b"one more")
    made = pacs.make_room(box, opened)
    assert made.in_words == "0 radiographs and 10 files that could not be read deleted, 0 MB."
    assert (made.size_bytes, box.used_bytes, box.refused()) == (100_000, waiting.stat().st_size, [])
    assert box.read_files() == [waiting], "what nobody has confirmed stays"
    assert box.take_in(b"one more")[1]


def test_a_study_is_found_fetched_read_and_answered(
    orthanc: peers.Archive, tmp_path: Path, opened: OpenedReadings, box: Inbox
) -> None:
    """The whole way round with an archive: what a clinician's morning is."""
    book = AddressBook(nodes=(orthanc.node,), receiver=ReceiverSettings(port=orthanc.our_port, allowed=("ORTHANC",)))
    assert "answered in" in pacs.ask_node(orthanc.node, book, patience=PATIENT)
    (source,) = write_study(tmp_path / "s", count=1, study="1.2.8.1", PatientID="815")
    assert [sent.arrived for sent in send(orthanc.node, {"hand": source}, patience=PATIENT)] == [True]
    rows: list[FoundStudy] = list(pacs.search(orthanc.node, StudyQuery(patient_id="815"), book, patience=PATIENT))
    told = list(pacs.fetch(orthanc.node, rows[0].study_uid, book, box, patience=PATIENT))
    (path,) = [path for one in told for path in one.arrived]
    received = pacs.read_received(path, FakePredictor(), opened, box)
    assert received.reading is not None
    radiograph = read(received.path)
    report = make_report(replace(received.reading, decision=Decision.ACCEPTED), radiograph, hand(), opened)
    objects = report_objects(report, radiograph).named()
    sent = list(pacs.send_report(orthanc.node, objects, book, patience=PATIENT))
    assert [(one.name, one.problem) for one in sent] == [("report", ""), ("picture", ""), ("document", "")]
    (row,) = pacs.search(orthanc.node, StudyQuery(patient_id="815"), book, patience=PATIENT)
    assert set(row.modalities) == {"CR", "SR", "OT", "DOC"}
    assert row.images == 4


def test_the_receiver_announces_what_it_takes(orthanc: peers.Archive, box: Inbox, tmp_path: Path) -> None:
    receiver = pacs.start_receiver(ReceiverSettings(port=0, allowed=("BONEAGE",)), box, patience=PATIENT)
    try:
        book = AddressBook()
        own = peers.node(receiver.port, "BONEAGE")
        assert "answered in" in pacs.ask_node(own, book, patience=PATIENT)
    finally:
        receiver.stop()
    with pytest.raises(NodeError, match="nobody listens"):
        pacs.ask_node(own, book, patience=PATIENT)
    with broken_peer() as silent, pytest.raises(NodeError, match="did not answer within"):
        list(pacs.search(silent, StudyQuery(patient_id="1"), book, patience=IMPATIENT))
