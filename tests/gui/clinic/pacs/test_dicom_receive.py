"""Receiving from dcmtk and from callers who misbehave: what is confirmed is whole on the disk, in the inbox alone."""

from __future__ import annotations

import socket
import stat
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pynetdicom import AE, build_context
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE

from boneage_gui.clinic.dicom_node.association import associated
from boneage_gui.clinic.dicom_node.inbox import Inbox
from boneage_gui.clinic.dicom_node.node import NodeError
from boneage_gui.clinic.dicom_node.receive import Receiver
from boneage_gui.clinic.dicom_node.receiver_settings import ReceiverSettings
from boneage_gui.clinic.dicom_node.send import send
from tests.conftest import LogWatch
from tests.factories import CR_IMAGE, JPEG_BASELINE, JPEG_EXTENDED, hand, write_dicom
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


@contextmanager
def calling(port: int, **more: Any) -> Iterator[Association]:
    """Our own caller, for what dcmtk would not send."""
    contexts = [build_context(CR_IMAGE)]
    with associated(node(port, "BONEAGE"), contexts, ae_title="STORESCU", patience=PATIENT, **more) as association:
        yield association


def offer(association: Association, data: bytes, instance: str = "1.2.3", sop_class: str = CR_IMAGE) -> int | None:
    """Send bytes as an object; return the status, or None where it was never answered."""
    request = C_STORE()
    request.MessageID, request.Priority = 1, 2
    request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = sop_class, instance
    request.DataSet = BytesIO(data)
    (context,) = association.accepted_contexts
    association._reactor_checkpoint.clear()
    assert context.context_id is not None
    association.dimse.send_msg(request, context.context_id)
    _, answer = association.dimse.get_msg(block=True)
    association._reactor_checkpoint.set()
    status: int | None = getattr(answer, "Status", None)
    return status


def contents(folder: Path) -> list[Path]:
    """Every file below a folder but the lock."""
    return [path for path in folder.rglob("*") if path.is_file() and path.name != ".inbox.lock"]


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
    ours = receiver(max_associations=1)
    with calling(ours.port), pytest.raises(NodeError, match="serves as many as it can"), calling(ours.port):
        pass
    assert list(ours.notes) == ["“STORESCU” called while 1 others were being heard."]


# -- bounds


def test_a_full_inbox_says_so_and_what_was_confirmed_is_whole(tmp_path: Path, receiver: MakeReceiver) -> None:
    paths = write_study(tmp_path / "s", count=6)
    small = Inbox(tmp_path / "small", named, max_bytes=paths[0].stat().st_size * 3 + 900, least_free_bytes=0)
    small.open()
    ours = receiver(into=small)
    objects = {path.name: path for path in paths}
    sent = list(send(node(ours.port, "BONEAGE"), objects, ae_title="STORESCU", patience=PATIENT))
    assert [one.arrived for one in sent] == [True] * 3 + [False] * 3
    assert all("has no room for" in one.problem and "A700" in one.problem for one in sent[3:])
    confirmed = {str(dcmread(path).SOPInstanceUID) for path in paths[:3]}
    assert {str(dcmread(path).SOPInstanceUID) for path in small.waiting()} == confirmed
    assert len(contents(small.folder)) == 3
    small.forget(small.waiting()[0])
    (again,) = send(node(ours.port, "BONEAGE"), {"x": paths[5]}, ae_title="STORESCU", patience=PATIENT)
    assert again.arrived
    small.close()


def test_a_disk_that_is_nearly_full_says_so(tmp_path: Path, receiver: MakeReceiver) -> None:
    tight = Inbox(tmp_path / "tight", named, least_free_bytes=1 << 60)
    tight.open()
    with calling(receiver(into=tight).port) as association:
        assert offer(association, b"data") == 0xA700
    assert contents(tight.folder) == []
    tight.close()


def test_a_disk_that_fails_is_a_status_and_leaves_nothing(
    inbox: Inbox, receiver: MakeReceiver, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    ours = receiver()
    monkeypatch.setattr("boneage_gui.clinic.dicom_node.inbox.os.fsync", fail)
    with calling(ours.port) as association:
        assert offer(association, b"data") == 0xA700
        assert contents(inbox.folder) == []
        monkeypatch.undo()
        assert offer(association, b"data") == 0x0000
    assert len(inbox.waiting()) == 1
    log_watch.expect("could not be written: No space left on device")


def test_a_fault_of_ours_is_a_status_and_the_next_is_heard(
    inbox: Inbox, receiver: MakeReceiver, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch
) -> None:
    ours = receiver()
    with calling(ours.port) as association:
        with monkeypatch.context() as patch:
            patch.setattr(inbox, "take_in", lambda _: 1 / 0)
            assert offer(association, b"data") == 0xC000
        assert offer(association, b"data") == 0x0000
    log_watch.expect("could not be stored (ZeroDivisionError)")


def test_an_object_above_the_bound_is_refused_and_the_next_is_heard(inbox: Inbox, receiver: MakeReceiver) -> None:
    ours = receiver(max_object_bytes=200_000)
    with calling(ours.port) as association:
        assert offer(association, b"x" * 200_000) == 0x0000
        assert offer(association, b"y" * 200_001) == 0xA700
        assert offer(association, b"y" * 700_000) == 0xA700
        assert offer(association, b"z" * 199_999) == 0x0000
    assert len(inbox.waiting()) == 2


def test_an_endless_object_is_hung_up_on(inbox: Inbox, receiver: MakeReceiver) -> None:
    ours = receiver(max_object_bytes=100_000)
    with calling(ours.port) as association:
        assert offer(association, b"x" * 5_000_000) is None
    assert contents(inbox.folder) == []
    with calling(ours.port) as association:
        assert offer(association, b"data") == 0x0000


def test_whoever_does_not_wait_for_answers_is_hung_up_on(
    inbox: Inbox, receiver: MakeReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, took = receiver(), inbox.take_in

    def slowly(content: bytes) -> tuple[Path, bool]:
        time.sleep(0.2)
        return took(content)

    monkeypatch.setattr(inbox, "take_in", slowly)
    with calling(ours.port) as association:
        request = C_STORE()
        request.MessageID, request.Priority = 1, 2
        request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = CR_IMAGE, "1.2.3"
        (context,) = association.accepted_contexts
        assert context.context_id is not None
        for number in range(50):
            request.DataSet = BytesIO(b"data %d" % number)
            association.dimse.send_msg(request, context.context_id)
        deadline = time.monotonic() + 10
        while association.is_established and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not association.is_established
    assert len(inbox.waiting()) < 10


# -- hostile content


@pytest.mark.parametrize("instance", ["../../x", "/etc/passwd", "a/b", "1.2.3\\4", "CON", "1.2.3 "])
def test_a_hostile_name_never_becomes_a_path(
    inbox: Inbox, receiver: MakeReceiver, tmp_path: Path, instance: str
) -> None:
    before = {path for path in tmp_path.rglob("*") if inbox.folder not in path.parents}
    with calling(receiver().port) as association:
        offer(association, b"data", instance)
    after = {path for path in tmp_path.rglob("*") if inbox.folder not in path.parents}
    assert after == before
    assert all(path.stem == named(path.read_bytes()) for path in contents(inbox.folder))


@pytest.mark.parametrize("data", [b"\xff" * 1_000, b"\x08\x00\x05\x00CS\xff\xff", b"II*\0" + b"\0" * 100])
def test_bytes_that_are_no_object_are_kept_as_they_came(inbox: Inbox, receiver: MakeReceiver, data: bytes) -> None:
    with calling(receiver().port) as association:
        assert offer(association, data) == 0x0000
    (path,) = inbox.waiting()
    assert path.read_bytes().endswith(data)


def test_an_object_of_another_class_than_was_agreed_is_refused(inbox: Inbox, receiver: MakeReceiver) -> None:
    with calling(receiver().port) as association:
        assert offer(association, b"data", sop_class="1.2.840.10008.5.1.4.1.1.7") == 0xA900
    assert contents(inbox.folder) == []


@pytest.mark.parametrize(
    "says",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="HTTP"),
        pytest.param(struct.pack(">BBL", 1, 0, 200) + b"half", id="half a request"),
        pytest.param(struct.pack(">BBL", 1, 0, 0xFFFFFFFF) + b"x" * 100, id="gigabytes"),
        pytest.param(struct.pack(">BBL", 1, 0, 68) + b"\xff" * 68, id="a broken request"),
        pytest.param(struct.pack(">BBL", 4, 0, 20) + b"\0" * 20, id="data before a request"),
        pytest.param(struct.pack(">BBLL", 7, 0, 4, 0), id="an abort"),
    ],
)
def test_callers_who_speak_no_dicom_hold_up_nobody_and_go(receiver: MakeReceiver, says: bytes) -> None:
    ours = receiver(patience=IMPATIENT)
    before = set(threading.enumerate())
    callers = [socket.create_connection(("127.0.0.1", ours.port)) for _ in range(3)]
    try:
        for caller in callers:
            caller.sendall(says)
        with calling(ours.port) as association:
            assert offer(association, b"data") == 0x0000
        for caller in callers:
            caller.settimeout(10)
            with suppress(ConnectionError):
                while caller.recv(1_000):
                    pass
    finally:
        for caller in callers:
            caller.close()
    deadline = time.monotonic() + 5
    while (left := set(threading.enumerate()) - before) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not left


def test_a_crowd_of_silent_callers_is_not_let_in(receiver: MakeReceiver) -> None:
    ours = receiver(max_associations=2)
    callers = [socket.create_connection(("127.0.0.1", ours.port)) for _ in range(30)]
    try:
        time.sleep(0.3)
        assert sum("AcceptorThread" in thread.name for thread in threading.enumerate()) <= 4
    finally:
        for caller in callers:
            caller.close()


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
