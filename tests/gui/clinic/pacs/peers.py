"""Real DICOM peers for tests: Orthanc and dcmtk's tools, on free ports of this computer; and some that misbehave."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from boneage_gui.clinic.dicom_node.node import Node
from boneage_gui.clinic.dicom_node.patience import Patience
from tests.factories import hand, write_dicom

# Short enough for peers that never answer, long enough for a busy machine where an answer is expected.
IMPATIENT = Patience(tcp_s=0.5, acse_s=0.5, dimse_s=0.5, network_s=0.5)
PATIENT = Patience(tcp_s=5, acse_s=10, dimse_s=20, network_s=10)
LONGEST_START_S = 30.0
STUDY_UID, SERIES_UID = "1.2.3.10", "1.2.3.11"


def needed(*programs: str) -> pytest.MarkDecorator:
    """Skip where a peer is not installed."""
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


def require(program: str) -> None:
    """Skip the test, from within a fixture, where a peer is not installed."""
    if shutil.which(program) is None:
        pytest.skip(f"not installed: {program}")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def node(port: int, ae_title: str = "PEER", **more: Any) -> Node:
    """A peer on this computer."""
    return Node(name="peer", ae_title=ae_title, host="127.0.0.1", port=port, **more)


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run one of dcmtk's tools to its end."""
    return subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, errors="replace", check=False, timeout=60
    )


@contextmanager
def running(*command: object, port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A peer in its own process, once it listens."""
    with (folder / "peer.log").open("ab") as log:
        process = subprocess.Popen([str(part) for part in command], cwd=folder, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + LONGEST_START_S
        while True:
            assert process.poll() is None, (folder / "peer.log").read_text(errors="replace")
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert time.monotonic() < deadline, "the peer does not listen"
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.wait()


@dataclass(frozen=True)
class Archive:
    """A running archive, which knows us as BONEAGE with a receiver at ``our_port``."""

    node: Node
    our_port: int
    folder: Path


@contextmanager
def orthanc(folder: Path) -> Iterator[Archive]:
    """Run an Orthanc without plugins whose files lie in a folder of its own."""
    require("Orthanc")
    port, our_port = free_port(), free_port()
    config = {
        "Name": "tests",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "Plugins": [],
        "HttpServerEnabled": False,
        "DicomServerEnabled": True,
        "DicomAet": "ORTHANC",
        "DicomCheckCalledAet": True,
        "DicomPort": port,
        "DicomModalities": {"us": ["BONEAGE", "127.0.0.1", our_port]},
        "DicomAlwaysAllowEcho": False,
        "DicomAlwaysAllowStore": False,
        "ConcurrentJobs": 1,
    }
    (folder / "storage").mkdir()
    (folder / "orthanc.json").write_text(json.dumps(config))
    with running("Orthanc", folder / "orthanc.json", port=port, folder=folder):
        yield Archive(node(port, "ORTHANC"), our_port, folder)


@contextmanager
def dcmqrscp(folder: Path, *options: str) -> Iterator[Archive]:
    """Run dcmtk's archive, which tells neither modalities nor counts with a study."""
    require("dcmqrscp")
    port, our_port = free_port(), free_port()
    (folder / "db").mkdir()
    (folder / "dcmqrscp.cfg").write_text(
        f"NetworkTCPPort = {port}\nMaxPDUSize = 16384\nMaxAssociations = 16\n"
        f"HostTable BEGIN\nus = (BONEAGE, 127.0.0.1, {our_port})\nHostTable END\n"
        "VendorTable BEGIN\nVendorTable END\n"
        f"AETable BEGIN\nDCMQR {folder / 'db'} RW (100, 1024mb) ANY\nAETable END\n"
    )
    with running("dcmqrscp", *options, "-c", "dcmqrscp.cfg", port=port, folder=folder):
        yield Archive(node(port, "DCMQR"), our_port, folder)


@contextmanager
def broken_peer(*, says: bytes = b"", hangs_up: bool = False) -> Iterator[Node]:
    """A peer that takes a connection, says something or nothing, and hangs up or never does."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                caller, _ = server.accept()
                with caller:
                    caller.sendall(says)
                    if not hangs_up:
                        over.wait(LONGEST_START_S)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield node(server.getsockname()[1])
        finally:
            over.set()
            with suppress(OSError):
                socket.create_connection(server.getsockname(), timeout=1).close()  # where nobody ever called
            thread.join()


def write_study(folder: Path, *, count: int = 2, study: str = STUDY_UID, **header: Any) -> list[Path]:
    """Write the radiographs of one study."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(count):
        values: dict[str, Any] = {
            "SOPInstanceUID": f"{study}.{number + 1}",
            "StudyInstanceUID": study,
            "SeriesInstanceUID": f"{study}.9",
            "PatientID": "4711",
            "PatientName": "Tester^Anna",
            "PatientSex": "F",
            "PatientBirthDate": "20150309",
            "StudyDate": "20240310",
            "StudyTime": "101500",
            "AccessionNumber": "A1",
            "StudyID": "1",
            "SeriesNumber": "1",
            "InstanceNumber": str(number + 1),
        }
        paths.append(write_dicom(folder / f"{study}-{number}.dcm", hand(), **(values | header)))
    return paths
