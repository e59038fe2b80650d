"""Addresses of other systems: what cannot be one is refused by its field, and the file that keeps them is whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from boneage_gui.clinic.dicom_node.address_book import AddressBook, load_address_book, put_aside, save_address_book
from boneage_gui.clinic.dicom_node.node import Node, NodeError
from boneage_gui.clinic.dicom_node.receiver_settings import ReceiverSettings

NODE: dict[str, Any] = {"name": "PACS", "ae_title": "MAIN PACS", "host": "10.0.0.5", "port": 104}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", " ", "name is missing"),
        ("ae_title", "", "AE title must have 1 to 16"),
        ("ae_title", "A" * 17, "AE title must have 1 to 16"),
        ("ae_title", " PACS", "neither begin nor end"),
        ("ae_title", "PA\\CS", "no backslash"),
        ("ae_title", "PÄCS", "plain letters"),
        ("ae_title", "PA\nCS", "plain letters"),
        ("host", "", "host must be"),
        ("host", "a b", "host must be"),
        ("host", "http://pacs", "host must be"),
        ("port", 0, "port must be a number from 1 to 65535"),
        ("port", 65_536, "port must be"),
    ],
)
def test_what_cannot_be_an_address_is_refused_by_its_field(field: str, value: object, said: str) -> None:
    with pytest.raises(NodeError, match=said):
        Node(**(NODE | {field: value}))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ae_title": ""}, "Our own AE title"),
        ({"allowed": ("GOOD", "")}, "may call must have"),
        ({"port": -1}, "port must be a number from 0"),
        ({"max_bytes": 0}, "max_bytes"),
        ({"max_associations": 0}, "max_associations"),
        ({"cert_file": "a.pem"}, "both the certificate and its key"),
        ({"ca_file": "a.pem"}, "cert_file and key_file are given"),
    ],
)
def test_receiver_settings_are_refused_by_their_field(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(NodeError, match=said):
        ReceiverSettings(**changes)


def test_by_default_nobody_but_this_computer_is_heard_and_nobody_may_call() -> None:
    settings = ReceiverSettings()
    assert settings.is_loopback
    assert settings.allowed == ()
    assert not ReceiverSettings(host="0.0.0.0").is_loopback  # noqa: S104 - said to be open, and it is


def test_a_book_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    book = AddressBook(
        nodes=(Node(**NODE), Node(**(NODE | {"name": "Zweites PÄCS", "tls": True, "ca_file": "/ca.pem"}))),
        receiver=ReceiverSettings(allowed=("MAIN PACS", "CR1"), port=4242),
    )
    path = tmp_path / "new" / "nodes.json"
    save_address_book(book, path)
    assert load_address_book(path) == book
    assert [file.name for file in path.parent.iterdir()] == ["nodes.json"]
    assert book.node("PACS") == book.nodes[0]
    assert book.node("nobody") is None


def test_without_a_file_the_book_is_empty(tmp_path: Path) -> None:
    assert load_address_book(tmp_path / "nodes.json") == AddressBook()


def test_a_name_means_one_system() -> None:
    with pytest.raises(NodeError, match="Two systems are named “PACS”"):
        AddressBook(nodes=(Node(**NODE), Node(**NODE)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ('{"version": 1', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a JSON object"),
        ("{}", "version is not 1"),
        ('{"version": 2}', "version is not 1"),
        ('{"version": 1, "nodes": {}}', "nodes must be a list"),
        ('{"version": 1, "nodes": [7]}', r"nodes\[0\] must be a JSON object"),
        ('{"version": 1, "receiver": []}', "receiver must be a JSON object"),
        ('{"version": 1, "receiver": {"prot": 7}}', "receiver has a field “prot”"),
        (f'{{"version": 1, "receiver": {{"{"tl" * 900}": 7}}}}', "receiver has a field “[tl]{39}…”"),
        ('{"version": 1, "receiver": {"\\u001b[2J": 7}}', r"receiver has a field “\?\[2J”"),
        ('{"version": 1, "receiver": {"port": "7"}}', "receiver.port must be a whole number"),
        ('{"version": 1, "receiver": {"port": true}}', "receiver.port must be a whole number"),
        ('{"version": 1, "receiver": {"allowed": "A"}}', "receiver.allowed must be a list of texts"),
        ('{"version": 1, "receiver": {"port": 70000}}', "receiver: The port must be"),
        (" " * (2 << 20), "too large"),
    ],
)
def test_a_broken_file_is_refused_by_its_field(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "nodes.json"
    path.write_text(text)
    with pytest.raises(NodeError, match=said) as raised:
        load_address_book(path)
    assert str(raised.value).startswith("The list of DICOM systems, nodes.json, is broken.")


@pytest.mark.parametrize("lacking", list(NODE))
def test_a_system_without_its_address_is_refused(tmp_path: Path, lacking: str) -> None:
    path = tmp_path / "nodes.json"
    rest = {name: value for name, value in NODE.items() if name != lacking}
    path.write_text(json.dumps({"version": 1, "nodes": [NODE, rest]}))
    with pytest.raises(NodeError, match=rf"nodes\[1\].{lacking} is missing"):
        load_address_book(path)


def test_what_cannot_be_read_is_put_aside_whole_or_said(tmp_path: Path) -> None:
    path = tmp_path / "nodes.json"
    assert put_aside(path) is None
    path.write_text("broken")
    aside = put_aside(path)
    assert aside is not None
    assert (aside.read_text(), path.exists()) == ("broken", False)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NodeError, match=r"cannot be put aside for a new one: .* Nothing was changed"):
        put_aside(tmp_path / "file" / "nodes.json")
