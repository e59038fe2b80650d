"""C-FIND: what people type finds what is there, and an archive that answers with rubbish answers with less."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset
from pynetdicom import AE, evt

from boneage_gui.clinic.dicom_node.find import FIND, FindSummary, FoundStudy, find_series, find_studies
from boneage_gui.clinic.dicom_node.node import Node, NodeError
from boneage_gui.clinic.dicom_node.query import StudyQuery
from boneage_gui.clinic.dicom_node.send import send
from tests.gui.clinic.pacs import peers
from tests.gui.clinic.pacs.peers import IMPATIENT, PATIENT, broken_peer, node, write_study
from trainer.radiograph import Sex


def found(node: Node, **query: Any) -> tuple[list[FoundStudy], FindSummary]:
    """The rows of a search and what it came to."""
    return _drained(find_studies(node, StudyQuery(**query), patience=PATIENT))


def _drained(rows: Generator[FoundStudy, None, FindSummary]) -> tuple[list[FoundStudy], FindSummary]:
    seen = []
    while True:
        try:
            seen.append(next(rows))
        except StopIteration as end:
            return seen, end.value


def _fill(archive: peers.Archive, folder: Path) -> None:
    paths = [
        *write_study(folder, count=3, study="1.2.3.10"),
        *write_study(folder, count=1, study="1.2.3.20", PatientID="4712", StudyDate="20230101", AccessionNumber="A2"),
        *write_study(
            folder,
            count=1,
            study="1.2.3.30",
            PatientID="0815",
            PatientName="Müster^Jörg",
            PatientSex="M",
            SpecificCharacterSet="ISO_IR 192",
        ),
        *write_study(
            folder,
            count=1,
            study="1.2.3.40",
            Modality="DX",
            SOPClassUID="1.2.840.10008.5.1.4.1.1.1.1",
            PatientName="Other^Child",
        ),
    ]
    for sent in send(archive.node, {str(path): path for path in paths}, patience=PATIENT):
        assert sent.arrived, sent.problem


@pytest.fixture(scope="module", params=["orthanc", "archive"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> peers.Archive:
    """Two archives, of which one tells less with a study, each with four studies."""
    archive: peers.Archive = request.getfixturevalue(request.param)
    _fill(archive, tmp_path_factory.mktemp("studies"))
    return archive


def test_a_row_says_what_the_archive_knows(filled: peers.Archive) -> None:
    rows, summary = found(filled.node, patient_id="4711", accession="A1", patient_name="Tester")
    assert rows == [
        FoundStudy(
            study_uid="1.2.3.10",
            patient_id="4711",
            patient_name="Tester, Anna",
            birth_date=date(2015, 3, 9),
            sex=Sex.FEMALE,
            study_date=date(2024, 3, 10),
            accession="A1",
            modalities=("CR",),
            images=3,
        )
    ]
    assert summary == FindSummary(found=1, more=False, skipped=0)
    assert "4711" not in repr(rows)
    assert "Anna" not in repr(rows)


@pytest.mark.parametrize(
    ("query", "uids"),
    [
        ({"patient_id": "4712"}, {"20"}),
        ({"patient_id": "47*"}, {"10", "20", "40"}),
        ({"patient_id": "471?"}, {"10", "20", "40"}),
        ({"patient_name": "Tester, An"}, {"10", "20"}),
        ({"patient_name": "Tester^Anna"}, {"10", "20"}),
        ({"patient_name": "*Anna"}, {"10", "20"}),
        ({"patient_name": "Müster, Jörg"}, {"30"}),
        ({"accession": "A2"}, {"20"}),
        ({"since": date(2024, 1, 1)}, {"10", "30", "40"}),
        ({"until": date(2023, 12, 31)}, {"20"}),
        ({"since": date(2023, 1, 1), "until": date(2023, 1, 1)}, {"20"}),
        ({"patient_id": "47*", "modality": "dx"}, {"40"}),
        ({"patient_id": "47*", "modality": "CR"}, {"10", "20"}),
        ({"patient_id": "nobody"}, set()),
    ],
    ids=str,
)
def test_what_people_type_finds_what_is_there(filled: peers.Archive, query: dict[str, Any], uids: set[str]) -> None:
    rows, summary = found(filled.node, **query)
    assert {row.study_uid.rpartition(".")[2] for row in rows} == uids
    assert summary.found == len(uids)


def test_a_name_of_many_letters_comes_back_as_it_is_written(filled: peers.Archive) -> None:
    ((row,), _) = found(filled.node, patient_id="0815")
    assert row.patient_name == "Müster, Jörg"


def test_the_series_of_a_study_come_with_their_counts(filled: peers.Archive) -> None:
    (series,) = find_series(filled.node, "1.2.3.10", patience=PATIENT)
    assert (series.series_uid, series.modality, series.images) == ("1.2.3.10.9", "CR", 3)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({}, "a whole archive is not searched"),
        ({"modality": "CR"}, "a whole archive is not searched"),
        ({"patient_id": "1\\2"}, "backslash"),
        ({"patient_name": "a\nb"}, "control character"),
        ({"patient_name": "a" * 65}, "longer than 64"),
        ({"since": date(2024, 1, 2), "until": date(2024, 1, 1)}, "lies before the first"),
    ],
    ids=str,
)
def test_what_cannot_be_looked_for_is_not_asked(query: dict[str, Any], said: str) -> None:
    with broken_peer() as nobody, pytest.raises(NodeError, match=said):
        list(find_studies(nobody, StudyQuery(**query), patience=IMPATIENT))


def test_a_peer_that_never_answers_is_a_sentence() -> None:
    with broken_peer() as silent, pytest.raises(NodeError, match="did not answer within"):
        list(find_studies(silent, StudyQuery(patient_id="1"), patience=IMPATIENT))


# -- an archive that answers as a test says


Answers = list[tuple[int, Any]]


@pytest.fixture
def answering() -> Iterator[Any]:
    """Return a function that starts an archive with these answers to every search, and returns its address."""
    entities = []

    def start(answers: Answers) -> Node:
        entity = AE("PEER")
        entity.add_supported_context(FIND)
        server = entity.start_server(
            ("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_FIND, lambda _: iter(answers))]
        )
        entities.append(entity)
        assert server is not None
        return node(server.server_address[1])

    yield start
    for entity in entities:
        entity.shutdown()


def _row(**values: Any) -> Dataset:
    made = Dataset()
    complete = {"ModalitiesInStudy": "CR", "NumberOfStudyRelatedInstances": "1"}
    for keyword, value in (complete | values).items():
        setattr(made, keyword, value)
    return made


def test_rubbish_among_the_rows_is_left_out_and_counted(answering: Any) -> None:
    evil = _row(StudyInstanceUID="1.2.9", StudyDescription="\x1b[31mred\x07", NumberOfStudyRelatedInstances="-5")
    answers: Answers = [
        (0xFF00, _row(StudyInstanceUID="1.2.1", StudyDate="20240101")),
        (0xFF00, _row(PatientName="No^Uid")),
        (0xFF00, _row(StudyInstanceUID="")),
        (0xFF00, _row(StudyInstanceUID="1.2.1")),  # once is enough
        (0xFF01, evil),
        (0x0000, None),
    ]
    rows, summary = found(answering(answers), patient_id="1")
    assert [row.study_uid for row in rows] == ["1.2.1", "1.2.9"]
    assert rows[1].description.isprintable()
    assert summary.skipped == 2
    assert summary.in_words == "2 studies found. 2 could not be read and are left out."


def test_a_search_stops_at_its_bound_and_says_that_there_are_more(answering: Any) -> None:
    answers: Answers = [(0xFF00, _row(StudyInstanceUID=f"1.2.{number}")) for number in range(30)]
    rows, summary = _drained(
        find_studies(answering([*answers, (0x0000, None)]), StudyQuery(patient_id="1"), patience=PATIENT, most=20)
    )
    assert len(rows) == 20
    assert summary.more
    assert "There are more" in summary.in_words


def test_a_refused_search_is_a_sentence(answering: Any) -> None:
    with pytest.raises(NodeError, match=r"refused the search \(status A700\)"):
        found(answering([(0xA700, None)]), patient_id="1")


def test_a_search_that_nobody_wants_any_more_hangs_up(answering: Any) -> None:
    answers: Answers = [(0xFF00, _row(StudyInstanceUID=f"1.2.{number}")) for number in range(30)]
    rows = find_studies(answering([*answers, (0x0000, None)]), StudyQuery(patient_id="1"), patience=PATIENT)
    next(rows)
    rows.close()  # the fixture that watches over threads says whether anything was left
