"""Callers who send too much, too fast, or rubbish: a status or a hang-up, nothing outside the inbox, others heard."""

from __future__ import annotations

import socket
import struct
import threading
import time
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydicom import dcmread
from pynetdicom import build_context
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from boneage_gui.clinic.dicom_node.association import associated
from boneage_gui.clinic.dicom_node.inbox import Inbox
from boneage_gui.clinic.dicom_node.send import send
from boneage_gui.clinic.dicom_node.storing import MessageBound
from tests.conftest import LogWatch
from tests.factories import CR_IMAGE
from tests.gui.clinic.pacs.callers import calling, contents, offer
from tests.gui.clinic.pacs.conftest import MakeReceiver, named
from tests.gui.clinic.pacs.peers import IMPATIENT, PATIENT, node, write_study

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


@pytest.mark.parametrize(
    "pieces",
    [
        [b"\0" + b"x" * 900, b"\1\0"],  # a piece of a command in the midst of an object
        [b"\3" + b"c" * 900],  # commands that are each the last
        [b"\1" + b"c" * 900],
        [b"\0" + b"x" * 900],
    ],
)
def test_pieces_that_never_make_a_message_are_hung_up_on(pieces: list[bytes]) -> None:
    bound, hung_up = MessageBound(100_000), []
    for number in range(2_000):
        items = [SimpleNamespace(presentation_data_value=pieces[number % len(pieces)])]
        association = SimpleNamespace(
            abort=lambda **_: hung_up.append(True), dimse=SimpleNamespace(msg_queue=SimpleNamespace(qsize=lambda: 0))
        )
        event: Any = SimpleNamespace(pdu=SimpleNamespace(presentation_data_value_items=items), assoc=association)
        bound.watch(event)
        if hung_up:
            break
    assert hung_up
    assert number < 500


def test_many_requests_on_one_association_are_heard(receiver: MakeReceiver) -> None:
    """Whole messages are counted each for itself: a thousand echoes are no endless command."""
    ours = node(receiver().port, "BONEAGE")
    contexts = [build_context(Verification)]
    with associated(ours, contexts, ae_title="STORESCU", patience=PATIENT) as association:
        assert [association.send_c_echo().Status for _ in range(1_000)] == [0] * 1_000


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
