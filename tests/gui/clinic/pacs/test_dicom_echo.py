"""C-ECHO with real peers and broken ones: an answer in time, or a sentence in time."""

from __future__ import annotations

import socket
import struct
import threading
import time
from pathlib import Path

import pytest

from boneage_gui.clinic.dicom_node.echo import echo
from boneage_gui.clinic.dicom_node.node import Node, NodeError
from tests.gui.clinic.pacs import peers
from tests.gui.clinic.pacs.conftest import MakeReceiver
from tests.gui.clinic.pacs.peers import IMPATIENT, PATIENT, broken_peer, free_port, needed, node

BEGUN = struct.pack(">BBL", 2, 0, 16) + b"half"  # of an answer that is never finished
ENDLESS = struct.pack(">BBL", 2, 0, 0xFFFF_FFFF) + b"x" * 5_000  # one of four gigabytes
REFUSED_CALLING = struct.pack(">BBLBBBB", 3, 0, 4, 0, 1, 1, 3)
BUSY = struct.pack(">BBLBBBB", 3, 0, 4, 0, 2, 3, 2)
ABORT = struct.pack(">BBLBBBB", 7, 0, 4, 0, 0, 2, 0)


def test_orthanc_answers_those_it_knows(orthanc: peers.Archive) -> None:
    assert 0 < echo(orthanc.node, patience=PATIENT) < 10
    with pytest.raises(NodeError, match="it is not called WRONG"):
        echo(node(orthanc.node.port, "WRONG"), patience=PATIENT)


@needed("storescp")
def test_dcmtk_answers(tmp_path: Path) -> None:
    port = free_port()
    with peers.running("storescp", "-aet", "PEER", port, port=port, folder=tmp_path):
        assert echo(node(port), patience=PATIENT) > 0
    with pytest.raises(NodeError, match="nobody listens there"):
        echo(node(port), patience=PATIENT)


def test_our_receiver_answers_dcmtk_and_us(receiver: MakeReceiver) -> None:
    port = receiver(allowed=("ECHOSCU", "BONEAGE")).port
    assert echo(node(port, "BONEAGE"), patience=PATIENT) > 0


@needed("echoscu")
def test_our_receiver_answers_echoscu(receiver: MakeReceiver) -> None:
    port = receiver(allowed=("ECHOSCU",)).port
    assert peers.run("echoscu", "-aec", "BONEAGE", "127.0.0.1", port).returncode == 0
    assert peers.run("echoscu", "-aec", "WRONG", "127.0.0.1", port).returncode != 0


def test_a_computer_that_nobody_knows_is_named() -> None:
    stranger = Node(name="far", ae_title="FAR", host="nowhere.invalid", port=104)
    with pytest.raises(NodeError, match=r"no computer is known as nowhere\.invalid"):
        echo(stranger, patience=IMPATIENT)


@pytest.mark.parametrize(
    ("says", "hangs_up", "said"),
    [
        pytest.param(b"", False, "did not answer within 0.5 s", id="never answers"),
        pytest.param(b"", True, "hung up, or answered with something", id="hangs up"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", False, "something that is not DICOM", id="speaks HTTP"),
        pytest.param(BEGUN, False, "Is this its DICOM port", id="stops half-way"),
        pytest.param(BEGUN, True, "something that is not DICOM", id="hangs up half-way"),
        pytest.param(ENDLESS, False, "something that is not DICOM", id="announces gigabytes"),
        pytest.param(struct.pack(">BBL", 2, 0, 8) + b"garbage!", False, "does not offer", id="accepts in garbage"),
        pytest.param(REFUSED_CALLING, False, "does not know us as BONEAGE", id="does not know us"),
        pytest.param(BUSY, False, "serves as many as it can", id="busy"),
        pytest.param(ABORT, False, "hung up", id="aborts"),
    ],
)
def test_a_broken_peer_is_a_sentence_in_time(says: bytes, hangs_up: bool, said: str) -> None:
    before = set(threading.enumerate())
    with broken_peer(says=says, hangs_up=hangs_up) as peer:
        began = time.monotonic()
        with pytest.raises(NodeError, match=said) as raised:
            echo(peer, patience=IMPATIENT)
        assert time.monotonic() - began < 5
        left = [thread for thread in threading.enumerate() if thread not in before and "serve" not in thread.name]
    assert str(raised.value).startswith("“peer” (PEER at 127.0.0.1:")
    assert not left


def test_a_full_backlog_is_a_time_out() -> None:
    """A computer that drops what arrives: its queue of connections is full and nobody takes one out."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        port = server.getsockname()[1]
        waiting = []
        for _ in range(4):
            caller = socket.socket()
            caller.setblocking(False)
            caller.connect_ex(("127.0.0.1", port))
            waiting.append(caller)
        try:
            with pytest.raises(NodeError, match=r"did not answer within 0\.5 s"):
                echo(node(port), patience=IMPATIENT)
        finally:
            for caller in waiting:
                caller.close()


def test_our_own_title_is_checked() -> None:
    with pytest.raises(NodeError, match="Our own AE title must have"):
        echo(node(free_port()), ae_title="")
