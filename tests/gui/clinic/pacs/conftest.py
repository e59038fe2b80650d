"""Fixtures of the talk with DICOM peers: an Orthanc for a module, an inbox, a receiver."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from boneage_gui.clinic.dicom_node.inbox import Inbox
from boneage_gui.clinic.dicom_node.receive import Receiver
from boneage_gui.clinic.dicom_node.receiver_settings import ReceiverSettings
from tests.gui.clinic.pacs import peers

MakeReceiver = Callable[..., Receiver]


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[peers.Archive]:
    """An Orthanc that is empty at first."""
    with peers.orthanc(tmp_path_factory.mktemp("orthanc")) as started:
        yield started


def named(content: bytes) -> str:
    """Stand in for the keyed hash."""
    return hashlib.sha256(b"key" + content).hexdigest()


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    """An opened inbox."""
    made = Inbox(tmp_path / "inbox", named, least_free_bytes=0)
    made.open()
    yield made
    made.close()


@pytest.fixture
def receiver(inbox: Inbox) -> Iterator[MakeReceiver]:
    """Start receivers into the inbox, and stop them at the end."""
    started: list[Receiver] = []

    def make(*, patience: Any = peers.PATIENT, into: Inbox = inbox, **settings: Any) -> Receiver:
        values: dict[str, Any] = {"port": 0, "allowed": ("STORESCU",)}
        made = Receiver(ReceiverSettings(**(values | settings)), into, patience=patience)
        made.start()
        started.append(made)
        return made

    yield make
    for one in started:
        one.stop()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[peers.Archive]:
    """An archive of dcmtk that is empty at first."""
    with peers.dcmqrscp(tmp_path_factory.mktemp("dcmqrscp")) as started:
        yield started
