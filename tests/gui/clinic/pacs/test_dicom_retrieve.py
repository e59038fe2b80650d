"""C-GET and C-MOVE from real archives into the inbox; what fails is said, and a stop hangs up."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread

from boneage_gui.clinic.dicom_node.inbox import Inbox
from boneage_gui.clinic.dicom_node.node import NodeError
from boneage_gui.clinic.dicom_node.retrieve import RetrieveProgress, retrieve
from boneage_gui.clinic.dicom_node.send import send
from tests.factories import JPEG_2000_LOSSLESS, JPEG_LOSSLESS, RLE
from tests.gui.clinic.pacs import peers
from tests.gui.clinic.pacs.conftest import MakeReceiver, named
from tests.gui.clinic.pacs.peers import IMPATIENT, PATIENT, broken_peer, write_study

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"


def fetched(*args: Any, **kwargs: Any) -> tuple[list[RetrieveProgress], RetrieveProgress]:
    """What a retrieval told, and how it ended."""
    told: list[RetrieveProgress] = []
    running: Generator[RetrieveProgress, None, RetrieveProgress] = retrieve(*args, **({"patience": PATIENT} | kwargs))
    while True:
        try:
            told.append(next(running))
        except StopIteration as end:
            return told, end.value


def _fill(archive: peers.Archive, paths: list[Path]) -> None:
    for sent in send(archive.node, {str(path): path for path in paths}, patience=PATIENT):
        assert sent.arrived, sent.problem


def test_a_study_comes_by_get_as_it_was_stored(orthanc: peers.Archive, inbox: Inbox, tmp_path: Path) -> None:
    sources = write_study(tmp_path / "s", count=3, study="1.2.5.1")
    _fill(orthanc, sources)
    told, last = fetched(orthanc.node, "1.2.5.1", inbox=inbox)
    assert (last.done, last.failed, last.way) == (3, 0, "C-GET")
    assert last.in_words == "3 objects fetched."
    assert [one.done for one in told] == sorted(one.done for one in told)
    assert sorted(path for one in told for path in one.arrived) == sorted(inbox.waiting())
    pixels = {dcmread(path).SOPInstanceUID: dcmread(path).PixelData for path in sources}
    assert {dcmread(path).SOPInstanceUID: dcmread(path).PixelData for path in inbox.waiting()} == pixels


@pytest.mark.parametrize("syntax", [JPEG_LOSSLESS, JPEG_2000_LOSSLESS, RLE])
def test_compressed_radiographs_come_compressed(
    orthanc: peers.Archive, inbox: Inbox, tmp_path: Path, syntax: str
) -> None:
    study = f"1.2.5.2.{syntax.rpartition('.')[2]}"
    (source,) = write_study(tmp_path / "s", count=1, study=study, syntax=syntax)
    _fill(orthanc, [source])
    assert fetched(orthanc.node, study, inbox=inbox)[1].done == 1
    (path,) = inbox.waiting()
    assert dcmread(path).file_meta.TransferSyntaxUID == syntax
    assert dcmread(path).PixelData == dcmread(source).PixelData


def test_one_series_of_a_study(orthanc: peers.Archive, inbox: Inbox, tmp_path: Path) -> None:
    hands = write_study(tmp_path / "a", count=2, study="1.2.5.3")
    other = write_study(
        tmp_path / "b", count=1, study="1.2.5.3", SeriesInstanceUID="1.2.5.3.8", SOPInstanceUID="1.2.5.3.88"
    )
    _fill(orthanc, [*hands, *other])
    assert fetched(orthanc.node, "1.2.5.3", "1.2.5.3.8", inbox=inbox)[1].done == 1
    assert [dcmread(path).SOPInstanceUID for path in inbox.waiting()] == ["1.2.5.3.88"]


@pytest.mark.parametrize("kind", ["orthanc", "archive"])
def test_of_a_study_the_radiographs_come(
    kind: str, request: pytest.FixtureRequest, inbox: Inbox, tmp_path: Path
) -> None:
    """Orthanc ends a retrieval at the first object that is not taken: with a report in the study nothing would come."""
    archive: peers.Archive = request.getfixturevalue(kind)
    hands = write_study(tmp_path / "a", count=1, study="1.2.5.4")
    other = {"SOPClassUID": CT_IMAGE, "Modality": "CT", "SeriesInstanceUID": "1.2.5.4.1", "SOPInstanceUID": "1.2.5.4.7"}
    _fill(archive, [*write_study(tmp_path / "b", count=1, study="1.2.5.4", **other), *hands])
    last = fetched(archive.node, "1.2.5.4", inbox=inbox)[1]
    assert (last.done, last.failed) == (1, 0)
    assert [dcmread(path).SOPInstanceUID for path in inbox.waiting()] == ["1.2.5.4.1"]


@pytest.mark.parametrize("kind", ["orthanc", "archive"])
def test_what_fails_is_said_beside_what_came(
    kind: str, request: pytest.FixtureRequest, inbox: Inbox, tmp_path: Path
) -> None:
    archive: peers.Archive = request.getfixturevalue(kind)
    hands = write_study(tmp_path / "a", count=1, study="1.2.5.9")
    liar = {"SOPClassUID": CT_IMAGE, "SeriesInstanceUID": "1.2.5.9.8", "SOPInstanceUID": "1.2.5.9.7"}
    _fill(archive, [*write_study(tmp_path / "b", count=1, study="1.2.5.9", **liar), *hands])
    last = fetched(archive.node, "1.2.5.9", inbox=inbox)[1]
    assert (last.done, last.failed) == (1, 1)
    assert last.in_words.startswith("1 object fetched")
    assert "1 failed" in last.in_words
    assert len(inbox.waiting()) == 1


def test_without_get_the_archive_calls_our_receiver(
    inbox: Inbox, receiver: MakeReceiver, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    with peers.dcmqrscp(tmp_path_factory.mktemp("noget"), "--disable-get") as archive:
        _fill(archive, write_study(tmp_path / "s", count=3, study="1.2.5.5"))
        with pytest.raises(NodeError, match="Start the receiver"):
            fetched(archive.node, "1.2.5.5", inbox=inbox)
        ours = receiver(port=archive.our_port, allowed=("DCMQR",))
        last = fetched(archive.node, "1.2.5.5", inbox=inbox, receiver=ours)[1]
        assert (last.done, last.failed, last.way) == (3, 0, "C-MOVE")
        assert {ours.arrived.get(timeout=5) for _ in range(3)} == set(inbox.waiting())
        stranger = receiver(ae_title="STRANGER", allowed=("DCMQR",))
        with pytest.raises(NodeError, match="does not know our receiver STRANGER"):
            fetched(archive.node, "1.2.5.5", inbox=inbox, receiver=stranger)


def test_an_archive_of_dcmtk_sends_by_get(archive: peers.Archive, inbox: Inbox, tmp_path: Path) -> None:
    _fill(archive, write_study(tmp_path / "s", count=2, study="1.2.5.6"))
    assert fetched(archive.node, "1.2.5.6", inbox=inbox)[1].done == 2
    assert len(inbox.waiting()) == 2


def test_a_full_inbox_ends_a_retrieval_with_a_sentence(orthanc: peers.Archive, tmp_path: Path) -> None:
    sources = write_study(tmp_path / "s", count=4, study="1.2.5.7")
    _fill(orthanc, sources)
    small = Inbox(tmp_path / "small", named, max_bytes=sources[0].stat().st_size * 2 + 500, least_free_bytes=0)
    small.open()
    with pytest.raises(NodeError, match="inbox or its disk is full"):
        fetched(orthanc.node, "1.2.5.7", inbox=small)
    assert len(small.waiting()) == 2
    small.close()


def test_a_stopped_retrieval_hangs_up_and_keeps_what_came(orthanc: peers.Archive, inbox: Inbox, tmp_path: Path) -> None:
    _fill(orthanc, write_study(tmp_path / "s", count=20, study="1.2.5.8"))
    running = retrieve(orthanc.node, "1.2.5.8", inbox=inbox, patience=PATIENT)
    next(running)
    running.close()
    came = len(inbox.waiting())
    assert 1 <= came < 20
    assert fetched(orthanc.node, "1.2.5.8", inbox=inbox)[1].done == 20
    assert len(inbox.waiting()) == 20


def test_a_study_that_is_not_there_brings_nothing(orthanc: peers.Archive, inbox: Inbox) -> None:
    with pytest.raises(NodeError, match="no longer knows this study"):
        fetched(orthanc.node, "1.2.5.999", inbox=inbox)
    with pytest.raises(NodeError, match="Start the receiver"):
        fetched(orthanc.node, "1.2.5.999", "1.2.5.999.1", inbox=inbox)
    assert inbox.waiting() == []


def test_a_silent_peer_is_a_sentence(inbox: Inbox) -> None:
    with broken_peer() as silent, pytest.raises(NodeError, match="did not answer within"):
        fetched(silent, "1.2.3", inbox=inbox, patience=IMPATIENT)
