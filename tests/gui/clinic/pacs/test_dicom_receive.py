"""Receiving from dcmtk and from callers who misbehave: what is confirmed is whole on the disk, in the inbox alone."""

from __future__ import annotations

import stat
import time
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pynetdicom import AE

from boneage_gui.clinic.dicom_node.inbox import Inbox
from boneage_gui.clinic.dicom_node.node import NodeError
from boneage_gui.clinic.dicom_node.receive import Receiver
from boneage_gui.clinic.dicom_node.receiver_settings import ReceiverSettings
from boneage_gui.clinic.dicom_node.send import send
from tests.factories import JPEG_BASELINE, JPEG_EXTENDED, hand, write_dicom
from tests.gui.clinic.pacs.callers import calling, contents
from tests.gui.clinic.pacs.conftest import MakeReceiver, named
from tests.gui.clinic.pacs.peers import IMPATIENT, PATIENT, needed, node, run, write_study
from trainer.radiograph import read

# How storescu is told to propose one way of storing pixels alone.
OPTIONS: dict[str, list[str]] = {
    "1.2.840.10008.1.2": ["-xi"],
    "1.2.840.10008.1.2.1": ["-xe"],
    "1.2.840.10008.1.2.2": ["-xb"],
    "1.2.840.10008.1.2.1.99": ["-xd"],
    "1.2.840.10008.1.2.5": ["-xr"],
    "1.2.840.10008.1.2.4.50": ["-xy"],
    "1.2.840.10008.1.2.4.51": ["-xx"],
    "1.2.840.10008.1.2.4.70": ["-xs"],
    "1.2.840.10008.1.2.4.80": ["-xt"],
    "1.2.840.10008.1.2.4.81": ["-xu"],
    "1.2.840.10008.1.2.4.90": ["-xv"],
    "1.2.840.10008.1.2.4.91": ["-xw"],
}


def storescu(port: int, *arguments: object) -> Any:
    """Send with dcmtk, saying what each object was answered."""
    return run("storescu", "-v", "-to", 10, "-aec", "BONEAGE", *arguments[:-1], "127.0.0.1", port, arguments[-1])


# -- what arrives


@needed("storescu")
@pytest.mark.parametrize("syntax", list(OPTIONS))
def test_every_way_of_storing_pixels_arrives_readable(
    receiver: MakeReceiver, inbox: Inbox, tmp_path: Path, syntax: str
) -> None:
    bits = 8 if syntax in (JPEG_BASELINE, JPEG_EXTENDED) else 12
    sent = write_dicom(tmp_path / "hand.dcm", hand(), syntax=syntax, bits=bits)
    ours = receiver()
    assert storescu(ours.port, *OPTIONS[syntax], sent).returncode == 0
    path = ours.arrived.get(timeout=5)
    assert inbox.waiting() == [path]
    assert dcmread(path).file_meta.TransferSyntaxUID == syntax
    assert (read(path).pixels == read(sent).pixels).all()


@needed("storescu")
def test_a_file_is_ours_in_name_and_head_and_its_owners_alone(
    receiver: MakeReceiver, inbox: Inbox, tmp_path: Path
) -> None:
    sent = write_dicom(tmp_path / "secret-name.dcm", hand())
    content = bytearray(sent.read_bytes())
    content[:4] = b"II*\0"  # a preamble that makes a TIFF of it
    sent.write_bytes(content)
    assert storescu(receiver().port, sent).returncode == 0
    (path,) = inbox.waiting()
    assert path.read_bytes()[:132] == b"\0" * 128 + b"DICM"
    assert path.name == named(path.read_bytes()) + ".dcm"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, inbox.folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@needed("storescu")
def test_a_thousand_objects_are_a_thousand_files(receiver: MakeReceiver, inbox: Inbox, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    small = write_dicom(tmp_path / "small.dcm", hand(16, 12), SOPInstanceUID="1.2.3.10000")
    content = small.read_bytes()
    for number in range(1_000):
        (folder / f"{number}.dcm").write_bytes(content.replace(b"1.2.3.10000", f"1.2.3.{10_000 + number}".encode()))
    ours = receiver()
    done = storescu(ours.port, "+sd", folder)
    assert done.returncode == 0
    assert done.stdout.count("Received Store Response (Success)") + done.stderr.count("(Success)") == 1_000
    instances = {str(dcmread(path).SOPInstanceUID) for path in inbox.waiting()}
    assert instances == {f"1.2.3.{10_000 + number}" for number in range(1_000)}
    assert ours.arrived.qsize() == 1_000
    assert inbox.used_bytes == sum(path.stat().st_size for path in inbox.waiting())


@needed("storescu")
def test_the_same_object_twice_is_one_file(receiver: MakeReceiver, inbox: Inbox, tmp_path: Path) -> None:
    sent = write_dicom(tmp_path / "hand.dcm", hand())
    ours = receiver()
    assert storescu(ours.port, sent).returncode == 0
    assert storescu(ours.port, sent).returncode == 0
    assert ours.arrived.qsize() == 1
    (path,) = inbox.waiting()
    kept = inbox.keep(path)
    assert storescu(ours.port, sent).returncode == 0  # known, read and kept: nothing to do
    assert (inbox.waiting(), ours.arrived.qsize()) == ([], 1)
    assert inbox.kept(kept.stem) == kept
    changed = write_dicom(tmp_path / "hand.dcm", 255 - hand())  # the same name, another picture
    assert storescu(ours.port, changed).returncode == 0
    assert len(inbox.waiting()) == 1


@needed("storescu")
def test_dcmtk_hears_that_the_inbox_is_full(receiver: MakeReceiver, tmp_path: Path) -> None:
    small = Inbox(tmp_path / "small", named, max_bytes=1_000, least_free_bytes=0)
    small.open()
    done = storescu(receiver(into=small).port, write_dicom(tmp_path / "hand.dcm", hand()))
    assert "Refused: OutOfResources" in done.stdout + done.stderr
    assert contents(small.folder) == []
    small.close()


# -- who is heard


@needed("storescu")
@pytest.mark.parametrize(
    ("allowed", "caller", "called"),
    [
        ((), "STORESCU", "BONEAGE"),
        (("OTHER",), "STORESCU", "BONEAGE"),
        (("STORESCU",), "storescu", "BONEAGE"),
        (("STORESCU",), "STORESCU", "WRONG"),
    ],
)
def test_who_is_not_on_the_list_is_not_heard(
    receiver: MakeReceiver, tmp_path: Path, allowed: tuple[str, ...], caller: str, called: str
) -> None:
    ours = receiver(allowed=allowed)
    sent = write_dicom(tmp_path / "hand.dcm", hand())
    done = run("storescu", "-aet", caller, "-aec", called, "127.0.0.1", ours.port, sent)
    assert done.returncode != 0
    which = "Calling" if called == "BONEAGE" else "Called"
    assert f"{which} AE Title Not Recognized" in done.stderr + done.stdout
    assert contents(ours.inbox.folder) == []
    (note,) = ours.notes
    assert f"“{caller}” called" in note


def test_other_objects_than_radiographs_are_not_taken(receiver: MakeReceiver, inbox: Inbox, tmp_path: Path) -> None:
    other = write_study(tmp_path / "s", count=1, SOPClassUID="1.2.840.10008.5.1.4.1.1.2")
    (sent,) = send(node(receiver().port, "BONEAGE"), {"ct": other[0]}, ae_title="STORESCU", patience=PATIENT)
    assert "does not take objects such as “ct”" in sent.problem
    assert contents(inbox.folder) == []


def test_more_callers_than_agreed_are_told_so(receiver: MakeReceiver) -> None:
    """On a busy machine pynetdicom may see the connection's end before the answer that came with it: then once more."""
    ours, told = receiver(max_associations=1), list[str]()
    with calling(ours.port):
        while len(told) < 5 and not any("serves as many as it can" in words for words in told):
            with pytest.raises(NodeError) as refused, calling(ours.port):
                pass
            told.append(str(refused.value))
    assert "serves as many as it can" in told[-1]
    assert list(ours.notes) == ["“STORESCU” called while 1 others were being heard."] * len(told)


# -- beginnings and ends


def test_what_waits_from_before_a_crash_is_announced_again_and_halves_are_gone(
    tmp_path: Path, receiver: MakeReceiver
) -> None:
    folder = tmp_path / "before"
    first = Inbox(folder, named, least_free_bytes=0)
    first.open()
    whole = [first.take_in(b"whole %d" % number)[0] for number in range(3)]
    (folder / "received" / ".0123456789abcdef.part").write_bytes(b"half")
    first.close()
    second = Inbox(folder, named, least_free_bytes=0)
    second.open()
    ours = receiver(into=second)
    assert [ours.arrived.get(timeout=5) for _ in whole] == whole
    assert len(contents(folder)) == 3
    assert second.used_bytes == first.used_bytes
    second.close()


def test_a_port_that_is_taken_is_a_sentence(receiver: MakeReceiver, inbox: Inbox) -> None:
    taken = receiver().port
    other = Receiver(ReceiverSettings(port=taken), inbox)
    with pytest.raises(NodeError, match="Choose another port"):
        other.start()
    other.stop()


def test_stopping_in_the_middle_hangs_up_and_leaves_whole_files(inbox: Inbox, tmp_path: Path) -> None:
    ours = Receiver(ReceiverSettings(port=0, allowed=("STORESCU",)), inbox, patience=PATIENT)
    ours.start()
    (source,) = write_study(tmp_path / "s", count=1)
    objects: dict[str, Dataset | Path] = {}
    for number in range(200):
        data = dcmread(source)
        data.SOPInstanceUID = f"1.2.3.{number}"
        objects[str(number)] = data
    sending = send(node(ours.port, "BONEAGE"), objects, ae_title="STORESCU", patience=IMPATIENT)
    confirmed = [next(sending) for _ in range(5)]
    began = time.monotonic()
    ours.stop()
    assert time.monotonic() - began < 5
    rest = list(sending)
    assert not any(sent.arrived for sent in rest)
    stored = {str(dcmread(path).SOPInstanceUID) for path in inbox.waiting()}
    assert stored >= {f"1.2.3.{sent.name}" for sent in confirmed}


def test_an_entity_of_the_library_alone_would_let_everybody_in() -> None:
    """Why an empty list is not handed to pynetdicom: it means everybody there."""
    assert AE().require_calling_aet == []
