"""Letters that a terminal, or the file behind a >, cannot write."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def boneage(encoding: str, *arguments: str | bytes) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "trainer", *arguments]
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437"])
def test_a_card_is_printed_in_every_encoding(encoding: str) -> None:
    done = boneage(encoding, "card", "improved-sex")
    assert done.returncode == 0, done.stderr
    assert b"\n- MAE " in done.stdout.replace(b"\r\n", b"\n")


def test_a_name_that_cannot_be_written_refuses_its_file_and_no_other(tmp_path: Path) -> None:
    names = [tmp_path / "nönö.png", tmp_path / "二.png"]
    done = boneage("ascii", "predict", *map(str, names))
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert done.stdout.count(b"is not there") == 2


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names are bytes on Linux alone")
def test_a_name_that_is_no_text_is_printed_all_the_same(tmp_path: Path) -> None:
    done = boneage("utf-8", "predict", os.fsencode(tmp_path) + b"/\xff.png")
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert b"is not there" in done.stdout
