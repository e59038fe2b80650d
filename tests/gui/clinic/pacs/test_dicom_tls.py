"""TLS with certificates made on the spot: both sides prove themselves, and who cannot is told so."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from boneage_gui.clinic.dicom_node.echo import echo
from boneage_gui.clinic.dicom_node.node import NodeError
from tests.gui.clinic.pacs import peers
from tests.gui.clinic.pacs.conftest import MakeReceiver
from tests.gui.clinic.pacs.peers import IMPATIENT, PATIENT, broken_peer, free_port, needed, node, run

pytestmark = needed("openssl")


class Pair(NamedTuple):
    """A certificate and its key."""

    cert: str
    key: str


def _made(folder: Path, name: str, address: str = "127.0.0.1") -> Pair:
    pair = Pair(str(folder / f"{name}.pem"), str(folder / f"{name}.key"))
    subject = ("-subj", f"/CN={name}", "-addext", f"subjectAltName=IP:{address}")
    kind = ("-newkey", "rsa:2048", "-nodes", "-x509", "-days", "2")
    subprocess.run(
        ["openssl", "req", *kind, *subject, "-keyout", pair.key, "-out", pair.cert], check=True, capture_output=True
    )
    return pair


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Of this computer."""
    return _made(tmp_path_factory.mktemp("ours"), "ours")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Of the peer."""
    return _made(tmp_path_factory.mktemp("theirs"), "theirs")


@needed("storescp")
def test_we_call_dcmtk_over_tls(ours: Pair, theirs: Pair, tmp_path: Path) -> None:
    port = free_port()
    tls = ("+tls", theirs.key, theirs.cert, "+cf", ours.cert)
    with peers.running("storescp", "-aet", "PEER", *tls, port, port=port, folder=tmp_path):
        peer = node(port, tls=True, ca_file=theirs.cert, cert_file=ours.cert, key_file=ours.key)
        assert echo(peer, patience=PATIENT) > 0
        with pytest.raises(NodeError, match="could not prove who it is"):
            echo(node(port, tls=True, ca_file=ours.cert, cert_file=ours.cert, key_file=ours.key), patience=PATIENT)
        with pytest.raises(NodeError, match=r"hung up|did not answer"):
            echo(node(port), patience=IMPATIENT)


@needed("echoscu")
def test_dcmtk_calls_us_over_tls(receiver: MakeReceiver, ours: Pair, theirs: Pair) -> None:
    port = receiver(
        allowed=("ECHOSCU",), patience=IMPATIENT, cert_file=ours.cert, key_file=ours.key, ca_file=theirs.cert
    ).port
    call = ("-aec", "BONEAGE", "-to", 5, "127.0.0.1", port)
    assert run("echoscu", "+tls", theirs.key, theirs.cert, "+cf", ours.cert, *call).returncode == 0
    assert run("echoscu", "+tls", ours.key, ours.cert, "+cf", ours.cert, *call).returncode != 0  # not vouched for
    assert run("echoscu", *call).returncode != 0  # no TLS


def test_one_who_never_finishes_shaking_hands_holds_up_nobody(receiver: MakeReceiver, ours: Pair) -> None:
    import socket

    port = receiver(allowed=("BONEAGE",), cert_file=ours.cert, key_file=ours.key).port
    with socket.create_connection(("127.0.0.1", port)) as silent:
        silent.sendall(b"\x16\x03")
        assert echo(node(port, "BONEAGE", tls=True, ca_file=ours.cert), patience=PATIENT) > 0


def test_a_certificate_for_another_address_proves_nothing(receiver: MakeReceiver, tmp_path: Path) -> None:
    other = _made(tmp_path, "other", address="10.1.2.3")
    port = receiver(allowed=("BONEAGE",), cert_file=other.cert, key_file=other.key).port
    with pytest.raises(NodeError, match="could not prove who it is"):
        echo(node(port, "BONEAGE", tls=True, ca_file=other.cert), patience=PATIENT)


def test_a_peer_without_tls_is_told_apart(receiver: MakeReceiver, ours: Pair) -> None:
    with pytest.raises(NodeError, match="over TLS"):
        echo(node(receiver(patience=IMPATIENT).port, tls=True, ca_file=ours.cert), patience=IMPATIENT)
    with broken_peer() as silent, pytest.raises(NodeError, match="did not answer over TLS in time"):
        echo(node(silent.port, tls=True, ca_file=ours.cert), patience=IMPATIENT)


def test_files_that_are_no_certificates_are_named(receiver: MakeReceiver, ours: Pair, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no certificate")
    with pytest.raises(NodeError, match=r"notes\.txt that vouches"):
        echo(node(1, tls=True, ca_file=str(text)))
    with pytest.raises(NodeError, match=r"missing\.pem and its key cannot be used"):
        echo(node(1, tls=True, ca_file=ours.cert, cert_file=str(tmp_path / "missing.pem"), key_file=ours.key))
    with pytest.raises(NodeError, match=r"notes\.txt and its key cannot be used"):
        receiver(cert_file=str(text), key_file=ours.key)


def test_a_locked_key_asks_nobody(receiver: MakeReceiver, ours: Pair, tmp_path: Path) -> None:
    locked = tmp_path / "locked.key"
    subprocess.run(
        ["openssl", "pkey", "-in", ours.key, "-aes256", "-passout", "pass:secret", "-out", locked],
        check=True,
        capture_output=True,
    )
    with pytest.raises(NodeError, match="key without a password"):
        receiver(cert_file=ours.cert, key_file=str(locked))
