"""``boneage receive`` as a process: what comes in is read; killed, it loses nothing that it confirmed."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread

from boneage_gui.clinic.reading import Decision
from boneage_gui.clinic.readings import Query
from boneage_gui.command_line import main
from boneage_gui.work.readings import open_readings
from tests.factories import hand, lifelike_hand, write_dicom
from tests.gui.clinic.pacs.peers import free_port, needed, run
from tests.window_fixtures import LONG_MS

pytestmark = pytest.mark.network

LONGEST_S = LONG_MS / 1000
HEADER: dict[str, Any] = {"PatientSex": "M", "PatientBirthDate": "20100310", "StudyDate": "20200310"}


class Running:
    """The command in its own process."""

    def __init__(self, process: subprocess.Popen[str], port: int, said: Path) -> None:
        self.process, self.port, self._said = process, port, said

    @property
    def said(self) -> str:
        """What stands on its standard error."""
        return self._said.read_text()

    def row(self) -> dict[str, Any]:
        """Wait for one line."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.said
        row: dict[str, Any] = json.loads(line)
        return row

    def ends(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        return self.process.wait(LONGEST_S)


@contextmanager
def receiving(folder: Path, model: Path) -> Iterator[Running]:
    """Run the command until it listens."""
    port = free_port()
    command = ["receive", "--port", str(port), "--allow", "STORESCU", "--folder", str(folder), "--json"]
    said = folder.with_suffix(".err")
    with said.open("a") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "boneage_gui.command_line", *command, "--model", str(model)],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    begun = said.read_text().count("Listening")
    running, deadline = Running(process, port, said), time.monotonic() + LONGEST_S
    try:
        while running.said.count("Listening") <= begun:
            assert process.poll() is None, running.said
            assert time.monotonic() < deadline, running.said
            time.sleep(0.02)
        yield running
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@needed("storescu")
def test_what_a_modality_sends_is_read_and_waits_in_the_worklist(tmp_path: Path, untrained_model: Path) -> None:
    boy = write_dicom(tmp_path / "boy.dcm", lifelike_hand(), **HEADER)
    strip = write_dicom(tmp_path / "strip.dcm", hand(10, 400))
    folder = tmp_path / "place"
    with receiving(folder, untrained_model) as running:
        for path in (boy, strip, boy):
            assert run("storescu", "-aec", "BONEAGE", "127.0.0.1", running.port, path).returncode == 0
        row, refused = running.row(), running.row()
        assert run("storescu", "-aet", "OTHER", "-aec", "BONEAGE", "127.0.0.1", running.port, boy).returncode != 0
        deadline = time.monotonic() + LONGEST_S
        while "“OTHER” called and is not on the list" not in running.said:
            assert time.monotonic() < deadline, running.said
            time.sleep(0.02)
        assert running.ends(signal.SIGTERM) == 0
        assert running.process.stdout is not None
        assert running.process.stdout.read() == ""  # the same one twice is one line
    opened = open_readings(folder / "readings")
    (reading,) = opened.store.find(Query())
    assert (reading.decision, reading.reading_id) == (Decision.WAITING, row["reading_id"])
    assert (row["model"], row["sex"], row["chronological_months"]) == ("untrained", "male", 120.0)
    assert row["low_months"] < row["age_months"] < row["high_months"]
    assert row["note"] == "Research use, not a medical device."
    assert (folder / "inbox" / "kept" / f"{reading.radiograph_hash}.dcm").is_file()
    assert "too small" in refused["refused"]
    assert refused["age_months"] is None
    assert "SECRET" not in json.dumps([row, refused]) + running.said


@needed("storescu")
def test_killed_during_a_transfer_it_loses_nothing_that_was_confirmed(tmp_path: Path, untrained_model: Path) -> None:
    folder, sources = tmp_path / "place", tmp_path / "s"
    sources.mkdir()
    levels = lifelike_hand()
    for number in range(150):
        write_dicom(sources / f"{number:03}.dcm", levels, SOPInstanceUID=f"1.2.3.{1000 + number}", **HEADER)
    with receiving(folder, untrained_model) as running:
        command = ["storescu", "-v", "-aec", "BONEAGE", "+sd", "127.0.0.1", str(running.port), str(sources)]
        sending = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        deadline = time.monotonic() + LONGEST_S
        while len(list((folder / "inbox").glob("*/*.dcm"))) < 20:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        running.process.kill()
        log = sending.communicate(timeout=LONGEST_S)[0]
    confirmed = re.findall(r"Sending file: \S*/(\d+)\.dcm(?:(?!Sending file).)*?\(Success\)", log, re.DOTALL)
    assert 10 < len(confirmed) < 150, log
    stored = {str(dcmread(path).SOPInstanceUID): path for path in (folder / "inbox").glob("*/*.dcm")}
    assert set(stored) >= {f"1.2.3.{1000 + int(name)}" for name in confirmed}
    assert all((dcmread(path).pixel_array.shape) == levels.shape for path in stored.values())  # whole, each of them
    with receiving(folder, untrained_model) as running:
        opened = open_readings(folder / "readings")
        deadline = time.monotonic() + LONGEST_S
        while opened.store.count(Query()) < len(stored) or list((folder / "inbox" / "received").glob("*")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert running.ends(signal.SIGINT) == 0
    assert opened.store.count(Query(superseded_too=True)) == len(stored)
    assert len(list((folder / "inbox" / "kept").glob("*.dcm"))) == len(stored)


def test_what_cannot_be_listened_with_is_a_sentence(
    tmp_path: Path, untrained_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["receive", "--folder", str(tmp_path / "place"), "--model", str(untrained_model)]
    assert main([*common, "--ae-title", "FAR TOO LONG A TITLE"]) == 1
    assert "Our own AE title must have 1 to 16 letters." in capsys.readouterr().err
    assert main([*common, "--port", "0", "--cert", "a.pem"]) == 1
    assert "both the certificate and its key" in capsys.readouterr().err
    assert main(["receive", "--folder", str(tmp_path / "place"), "--model", "nothing"]) == 1
    assert "There is no model file nothing" in capsys.readouterr().err
