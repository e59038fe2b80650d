"""No socket of the network is made by anything in the program, C++ libraries included: strace watches the processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import resources

SAMPLE = next(path for path in resources.sample_paths() if path.suffix == ".dcm")
NETWORK = ("AF_INET", "AF_INET6", "AF_PACKET")


@pytest.fixture
def watched(tmp_path: Path) -> list[str]:
    """Begin a command under strace; skip where that is not installed or may not trace."""
    command = ["strace", "-f", "-qq", "-e", "trace=socket,connect,bind,sendto", "-o", str(tmp_path / "calls.txt")]
    if (
        shutil.which("strace") is None
        or subprocess.run([*command, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("strace is not installed, or may not trace here")
    return command


@pytest.mark.parametrize(
    "arguments",
    [
        ["boneage_gui", "--screenshot", "window.png", str(SAMPLE)],
        ["boneage_gui.command_line", "predict", "--json", str(SAMPLE)],
    ],
    ids=["window", "predict"],
)
def test_no_socket_of_the_network_is_made(watched: list[str], tmp_path: Path, arguments: list[str]) -> None:
    environment = {**os.environ, "BONEAGE_HOME": str(tmp_path / "home"), "QT_QPA_PLATFORM": "offscreen"}
    environment["PYTHONPATH"] = str(resources.FOLDER.parent)
    done = subprocess.run(
        [*watched, sys.executable, "-m", *arguments],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "12 years" in done.stdout or '"age_months"' in done.stdout
    calls = (tmp_path / "calls.txt").read_text(encoding="utf-8", errors="replace")
    assert not [line for line in calls.splitlines() if any(family in line for family in NETWORK)]


def test_a_socket_would_be_seen(watched: list[str], tmp_path: Path) -> None:
    talk = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()"
    subprocess.run([*watched, sys.executable, "-c", talk], check=True, timeout=60)
    assert "AF_INET" in (tmp_path / "calls.txt").read_text()
