"""C-STORE to real peers: what is sent arrives as it was, and what does not arrive is named with its reason."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pynetdicom import AE, evt
from pynetdicom.presentation import AllStoragePresentationContexts

from boneage_gui.clinic.dicom_node.node import Node, NodeError
from boneage_gui.clinic.dicom_node.send import Sent, send, unsent_in_words
from boneage_gui.clinic.dicom_report import pdf_object, picture_object, source_header, write_object
from boneage_gui.clinic.dicom_report.structured import structured_report
from boneage_gui.clinic.report import Report, report_pdf
from tests.factories import (
    BIG_ENDIAN,
    DEFLATED,
    IMPLICIT,
    JPEG_2000,
    JPEG_BASELINE,
    JPEG_LOSSLESS,
    RLE,
    hand,
)
from tests.gui.clinic.drawn_readings import reading
from tests.gui.clinic.pacs import peers
from tests.gui.clinic.pacs.peers import IMPATIENT, PATIENT, broken_peer, free_port, needed, node, run, write_study

SR, PICTURE, PDF = (f"1.2.840.10008.5.1.4.1.1.{end}" for end in ("88.22", "7", "104.1"))


def results(node: Node, *paths: Path, **more: Any) -> list[Sent]:
    """Send files and return what became of each."""
    return list(send(node, {path.name: path for path in paths}, **({"patience": PATIENT} | more)))


def _report(tmp_path: Path) -> tuple[Path, dict[str, Dataset]]:
    (path,) = write_study(tmp_path, count=1, study="1.2.6.1")
    source, made = source_header(path), reading()
    return path, {
        "report": structured_report(made, source, laterality="left"),
        "picture": picture_object(hand(), source, description="as read"),
        "document": pdf_object(report_pdf(Report(reading=made, file_name="h.dcm", picture=hand())), source, title="T"),
    }


@needed("findscu", "getscu")
def test_the_objects_of_a_report_arrive_in_their_study(orthanc: peers.Archive, tmp_path: Path) -> None:
    path, objects = _report(tmp_path / "s")
    for name, made in objects.items():
        write_object(tmp_path / f"{name}.dcm", made)
    sent = list(send(orthanc.node, {"hand": path, **objects}, patience=PATIENT))
    assert [(one.name, one.number, one.total, one.problem) for one in sent] == [
        ("hand", 1, 4, ""),
        ("report", 2, 4, ""),
        ("picture", 3, 4, ""),
        ("document", 4, 4, ""),
    ]
    got = tmp_path / "got"
    got.mkdir()
    keys = ("-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2.6.1")
    run("getscu", "-aet", "BONEAGE", "-aec", "ORTHANC", "-S", "-od", got, *keys, "127.0.0.1", orthanc.node.port)
    back = {str(data.SOPClassUID): data for data in map(dcmread, got.iterdir())}
    assert set(back) >= {SR, PICTURE, PDF}
    measured = str(back[SR])
    for code in ("126000", "85151-9", "37362-1", "121033"):
        assert code in measured
    assert back[PDF].EncapsulatedDocument.startswith(b"%PDF-")
    assert back[PICTURE].PixelData == objects["picture"].PixelData


@pytest.mark.parametrize("syntax", [IMPLICIT, BIG_ENDIAN, DEFLATED, RLE, JPEG_BASELINE, JPEG_LOSSLESS, JPEG_2000])
@needed("storescp")
def test_a_radiograph_arrives_as_it_is_stored(tmp_path: Path, syntax: str) -> None:
    bits = 8 if syntax == JPEG_BASELINE else 12
    (path,) = write_study(tmp_path / "s", count=1, syntax=syntax, bits=bits)
    got, port = tmp_path / "got", free_port()
    got.mkdir()
    with peers.running("storescp", "+xa", "-od", got, port, port=port, folder=tmp_path):
        (sent,) = results(node(port), path)
    assert sent.arrived, sent.problem
    (arrived,) = (dcmread(file) for file in got.iterdir())
    # Of the two plain ways the node may choose; nothing is lost by it.
    assert syntax in (arrived.file_meta.TransferSyntaxUID, IMPLICIT)
    assert (arrived.pixel_array == dcmread(path).pixel_array).all()


@needed("storescp")
def test_what_a_node_does_not_take_is_named(tmp_path: Path) -> None:
    plain, packed = (
        *write_study(tmp_path / "s", count=1, study="1.2.6.2"),
        *write_study(tmp_path / "s", count=1, study="1.2.6.3", syntax=JPEG_2000),
    )
    port = free_port()
    with peers.running("storescp", "-od", tmp_path, port, port=port, folder=tmp_path):
        sent = results(node(port), packed, plain)
        assert [one.arrived for one in sent] == [False, True]
        assert "does not take objects such as “1.2.6.3-0.dcm” (Computed Radiography" in sent[0].problem
        (alone,) = results(node(port), packed)
    assert "does not take objects" in alone.problem
    said = unsent_in_words(sent) or ""
    assert said.startswith("1 of 2 did not get there (1.2.6.3-0.dcm).")
    assert unsent_in_words(sent[1:]) is None


def test_files_that_are_no_objects_are_named_and_the_others_sent(orthanc: peers.Archive, tmp_path: Path) -> None:
    (good,) = write_study(tmp_path / "s", count=1, study="1.2.6.4")
    text, damaged = tmp_path / "notes.txt", tmp_path / "damaged.dcm"
    text.write_text("not DICOM")
    damaged.write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 200)
    sent = {one.name: one for one in results(orthanc.node, text, damaged, tmp_path / "missing.dcm", good)}
    assert len(sent) == 4
    assert [name for name, one in sent.items() if one.arrived] == [good.name]
    assert "is no DICOM file" in sent["notes.txt"].problem
    assert "is damaged" in sent["damaged.dcm"].problem


def test_nothing_is_sent_where_nobody_listens(tmp_path: Path) -> None:
    paths = write_study(tmp_path / "s")
    with pytest.raises(NodeError, match="nobody listens there"):
        results(node(free_port()), *paths)
    with broken_peer() as silent, pytest.raises(NodeError, match="did not answer within"):
        results(silent, *paths, patience=IMPATIENT)


# -- an archive that behaves as a test says


@pytest.fixture
def storing() -> Iterator[Callable[[Callable[[Any], int]], Node]]:
    """Return a function that starts an archive which answers every object as told, and returns its address."""
    entities = []

    def start(answer: Callable[[Any], int]) -> Node:
        entity = AE("PEER")
        entity.supported_contexts = AllStoragePresentationContexts
        server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, answer)])
        entities.append(entity)
        assert server is not None
        return node(server.server_address[1])

    yield start
    for entity in entities:
        entity.shutdown()


@pytest.mark.parametrize(
    ("status", "said"),
    [(0x0000, ""), (0xB000, ""), (0xA701, "has no room for"), (0xA900, r"refused “.*” \(status A900\)")],
)
def test_the_status_of_each_object_is_said(storing: Any, tmp_path: Path, status: int, said: str) -> None:
    paths = write_study(tmp_path / "s", count=3)
    answers = iter([0x0000, status, 0x0000])
    sent = results(storing(lambda _: next(answers)), *paths)
    assert [one.arrived for one in sent] == [True, not said, True]
    if said:
        with pytest.raises(NodeError, match=said):
            raise NodeError(sent[1].problem)


def test_a_lost_association_is_opened_once_more_and_nothing_is_left_out(storing: Any, tmp_path: Path) -> None:
    paths = write_study(tmp_path / "s", count=6)
    stored: list[str] = []
    lose = iter([False, True, False, False, True, False, False, False])

    def answer(event: Any) -> int:
        if next(lose):
            event.assoc.abort()
            return 0xC000
        stored.append(str(event.request.AffectedSOPInstanceUID))
        return 0x0000

    sent = results(storing(answer), *paths)
    assert all(one.arrived for one in sent)
    assert stored == [f"{peers.STUDY_UID}.{number}" for number in range(1, 7)]


def test_a_node_that_hangs_up_on_the_same_object_twice_ends_it_and_the_rest_is_named(
    storing: Any, tmp_path: Path
) -> None:
    paths = write_study(tmp_path / "s", count=4)
    tried: list[str] = []

    def answer(event: Any) -> int:
        tried.append(str(event.request.AffectedSOPInstanceUID))
        if len(tried) > 1:
            event.assoc.abort()
        return 0x0000

    sent = results(storing(answer), *paths)
    assert [one.arrived for one in sent] == [True, False, False, False]
    assert tried == [f"{peers.STUDY_UID}.{number}" for number in (1, 2, 2)]
    assert all("hung up, or fell silent, twice while “1.2.3.10-1.dcm” was sent" in one.problem for one in sent[1:])
    assert (unsent_in_words(sent) or "").startswith("3 of 4 did not get there (1.2.3.10-1.dcm, ")


def test_a_node_that_falls_silent_counts_as_lost(storing: Any, tmp_path: Path) -> None:
    wake = threading.Event()
    (path,) = write_study(tmp_path / "s", count=1)

    def answer(_: Any) -> int:
        wake.wait(10)
        return 0x0000

    (sent,) = results(storing(answer), path, patience=IMPATIENT)
    wake.set()
    assert "fell silent" in sent.problem


def test_more_objects_than_one_association_can_agree_on(storing: Any, tmp_path: Path) -> None:
    paths = write_study(tmp_path / "s", count=1)
    stored: list[str] = []

    def answer(event: Any) -> int:
        stored.append(str(event.request.AffectedSOPInstanceUID))
        return 0x0000

    objects = {f"object {number}": dcmread(paths[0]) for number in range(130)}
    for number, made in enumerate(objects.values()):
        made.SOPInstanceUID = f"1.2.7.{number}"
    sent = list(send(storing(answer), objects, patience=PATIENT))
    assert all(one.arrived for one in sent)
    assert stored == [f"1.2.7.{number}" for number in range(130)]


def test_sending_stops_when_nobody_asks_for_more(storing: Any, tmp_path: Path) -> None:
    stored: list[str] = []

    def answer(event: Any) -> int:
        stored.append(str(event.request.AffectedSOPInstanceUID))
        return 0x0000

    paths = write_study(tmp_path / "s", count=5)
    running: Any = send(storing(answer), {path.name: path for path in paths}, patience=PATIENT)
    next(running)
    running.close()
    assert len(stored) == 1
