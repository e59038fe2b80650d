"""The process that decodes: it gives what reading here gives, and whatever ends it costs one file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from boneage_gui import work
from boneage_gui.work import decoder as decoder_module
from boneage_gui.work import decoder_line
from boneage_gui.work.decoder import Decoder, DecoderBugError
from tests.conftest import LogWatch
from tests.factories import hand, write_dicom, write_jpeg, write_png
from tests.gui.decoders import NAUGHTY, decoder, naughty
from trainer.errors import RadiographError
from trainer.radiograph import read

__all__ = ["decoder", "naughty"]

ROOT = Path(__file__).resolve().parents[2]
LONG_S = 60.0
STOPPED = r"^The file “{}” made its decoder stop\. It is damaged, or made to do harm: nothing was read\."
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")


def gone(pid: int | None) -> bool:
    """Whether no process of that number runs any more."""
    assert pid is not None
    deadline = time.monotonic() + LONG_S
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Files whose headers say all that a header can, and pictures whose files say nothing."""
    told: dict[str, Any] = {"PatientSex": "M", "PatientBirthDate": "20100310", "StudyDate": "20200310"}
    return [
        write_dicom(tmp_path / "told.dcm", hand(), **told, ViewPosition="PA", ImagerPixelSpacing=[0.2, 0.1]),
        write_dicom(tmp_path / "inverted.dcm", 255 - hand(200, 150)),
        write_png(tmp_path / "plain.png", hand()),
        write_jpeg(tmp_path / "photograph.jpg", hand(), mode="RGB"),
    ]


@pytest.mark.parametrize("shared_memory", [True, False])
def test_what_comes_is_what_reading_here_gives(
    decoder: Decoder, files: list[Path], shared_memory: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not shared_memory:  # as on systems other than Linux
        monkeypatch.delattr(os, "memfd_create", raising=False)
    for path in files:
        there, here = decoder.read(path), read(path)
        assert np.array_equal(there.pixels, here.pixels)
        assert there.pixels.dtype == np.float32
        assert not there.pixels.flags.writeable
        for field in fields(here):
            if field.compare and field.name != "pixels":
                assert getattr(there, field.name) == getattr(here, field.name), field.name
        assert np.array_equal(decoder.thumbnail(path, side_px=40), work.thumbnail(here, side_px=40))


def test_a_refusal_is_said_in_the_readers_own_words(decoder: Decoder, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\xff" * 300)
    for path in (broken, tmp_path / "missing.png", tmp_path):
        with pytest.raises(RadiographError) as here:
            read(path)
        with pytest.raises(RadiographError) as there:
            decoder.read(path)
        assert str(there.value) == str(here.value)


@posix
@pytest.mark.parametrize("name", ["segfault", "aborts"])
def test_a_file_that_ends_its_decoder_costs_one_file(
    naughty: Decoder, tmp_path: Path, name: str, log_watch: LogWatch
) -> None:
    good = write_png(tmp_path / "good.png", hand())
    bad = write_png(tmp_path / f"{name}.png", hand())
    naughty.read(good)
    before = naughty.process_id
    with pytest.raises(RadiographError, match=STOPPED.format(bad.name)):
        naughty.read(bad)
    assert gone(before)
    log_watch.expect("a process that decodes ended (died, SIG")
    assert naughty.read(good).pixels.shape == hand().shape


@posix
@pytest.mark.parametrize("name", ["hangs", "hangs for ever"])
def test_a_file_that_hangs_is_refused_in_time(
    naughty: Decoder, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch
) -> None:
    monkeypatch.setattr(decoder_module, "LEAST_LIMIT_S", 1.0)
    naughty.warm_up()
    begun = time.monotonic()
    with pytest.raises(RadiographError, match="kept its decoder busy for more than 1 seconds"):
        naughty.read(write_png(tmp_path / f"{name}.png", hand()))
    assert time.monotonic() - begun < 10
    log_watch.expect("a process that decodes ended (late, SIGKILL)")
    assert naughty.read(write_png(tmp_path / "good.png", hand())).pixels.shape == hand().shape


@posix
def test_a_file_that_takes_all_memory_is_refused(naughty: Decoder, tmp_path: Path) -> None:
    with pytest.raises(RadiographError, match="needs more memory"):
        naughty.read(write_png(tmp_path / "swallows.png", hand()))
    assert naughty.read(write_png(tmp_path / "good.png", hand())).pixels.shape == hand().shape


@posix
def test_a_decoder_that_was_killed_from_outside_accuses_no_file(
    naughty: Decoder, tmp_path: Path, log_watch: LogWatch
) -> None:
    good = write_png(tmp_path / "good.png", hand())
    naughty.read(good)
    os.kill(naughty.process_id or 0, signal.SIGKILL)  # while nothing is asked
    assert naughty.read(good).pixels.shape == hand().shape
    while_reading = write_png(tmp_path / "killed once.png", hand())
    assert naughty.read(while_reading).pixels.shape == hand().shape
    assert (tmp_path / "mark").exists()
    log_watch.records.clear()  # of the first kill only where it was noticed in the middle of the question


@posix
def test_a_file_that_is_no_longer_wanted_is_given_up(naughty: Decoder, tmp_path: Path) -> None:
    naughty.warm_up()
    unwanted = threading.Event()
    refused: list[RadiographError] = []

    def ask(name: str) -> None:
        try:
            naughty.read(write_png(tmp_path / f"{name}.png", hand()), unwanted=unwanted.is_set)
        except RadiographError as error:
            refused.append(error)

    both = [threading.Thread(target=ask, args=("hangs",)) for _ in range(2)]  # the second waits for its turn
    for thread in both:
        thread.start()
    time.sleep(0.2)
    unwanted.set()
    for thread in both:
        thread.join(LONG_S)
    assert [str(error) for error in refused] == ["The file “hangs.png” was not read: another one was asked for."] * 2


def test_a_line_that_was_killed_is_not_asked_again_while_it_ends() -> None:
    line = decoder_line.Line()
    line.wait_until_ready()
    before = line.is_alive
    line.kill("unwanted")
    after = line.is_alive  # at once, whether or not the process has ended
    line.close()
    assert (before, after) == (True, False)


@posix
@pytest.mark.parametrize(
    "lie",
    [
        '{"shape": [100000, 100000]}',
        '{"shape": [-1, 5]}',
        '{"shape": "wide"}',
        '{"shape": [4000, 4000]}',
        '{"facts": 1}',
    ],
)
def test_a_decoder_that_lies_is_not_believed(
    naughty: Decoder, tmp_path: Path, lie: str, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch
) -> None:
    monkeypatch.setenv("NAUGHTY_LIE", lie)
    with pytest.raises(RadiographError, match=STOPPED.format("good.png")):
        naughty.read(write_png(tmp_path / "good.png", hand()))
    log_watch.records.clear()  # where the line itself was wrong


@posix
def test_a_bug_is_logged_with_its_place_and_without_the_words_of_the_file(
    naughty: Decoder, tmp_path: Path, log_watch: LogWatch
) -> None:
    with pytest.raises(DecoderBugError, match="ZeroDivisionError"):
        naughty.read(write_png(tmp_path / "bug.png", hand()))
    (record,) = log_watch.records
    assert "naughty_decoder.py" in record.getMessage()
    assert "SECRET" not in record.getMessage().replace('"SECRET^PATIENT"', "")  # but for the line of source
    log_watch.expect("a bug while a file was decoded (ZeroDivisionError)")


@posix
def test_what_a_library_prints_does_not_come_between(
    naughty: Decoder, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert naughty.read(write_png(tmp_path / "prints.png", hand())).pixels.shape == hand().shape
    assert "SECRET" not in "".join(capfd.readouterr())


@posix
@pytest.mark.parametrize("name", ["good", "hangs for ever"])
def test_the_decoder_ends_with_a_window_that_is_killed(tmp_path: Path, name: str) -> None:
    path = write_png(tmp_path / f"{name}.png", hand())
    program = (
        "import sys, threading, time\nfrom pathlib import Path\n"
        "from boneage_gui.work import decoder, decoder_line\n"
        f"decoder_line.PROGRAM, decoder.LEAST_LIMIT_S = {NAUGHTY!r}, 2.0\n"
        "decoder.reader.warm_up()\n"
        "threading.Thread(target=decoder.reader.read, args=(Path(sys.argv[1]),), daemon=True).start()\n"
        "print(decoder.reader.process_id, flush=True)\ntime.sleep(1000)"
    )
    window = subprocess.Popen([sys.executable, "-c", program, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert window.stdout is not None
    with window.stdout:
        pid = int(window.stdout.readline())
    time.sleep(0.3)
    assert psutil.pid_exists(pid)
    window.kill()
    window.wait()
    assert gone(pid)


def test_closing_ends_it_and_the_next_file_begins_it_again(decoder: Decoder, tmp_path: Path) -> None:
    good = write_png(tmp_path / "good.png", hand())
    decoder.read(good)
    pid = decoder.process_id
    decoder.close()
    assert gone(pid)
    assert decoder.process_id is None
    assert decoder.read(good).pixels.shape == hand().shape


@posix
def test_closing_in_the_middle_of_a_file_ends_at_once_and_tries_nothing_again(naughty: Decoder, tmp_path: Path) -> None:
    naughty.warm_up()
    pid = naughty.process_id
    refused: list[RadiographError] = []

    def ask() -> None:
        try:
            naughty.read(write_png(tmp_path / "hangs.png", hand()))
        except RadiographError as error:
            refused.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.3)
    naughty.close()
    asking.join(LONG_S)
    assert [str(error) for error in refused] == ["The file “hangs.png” was not read: another one was asked for."]
    assert gone(pid)
    assert naughty.process_id is None


def test_what_is_not_wanted_any_more_is_not_begun(decoder: Decoder, tmp_path: Path) -> None:
    with pytest.raises(RadiographError, match="another one was asked for"):
        decoder.read(write_png(tmp_path / "good.png", hand()), unwanted=lambda: True)
    assert decoder.process_id is None


def test_a_process_that_cannot_start_is_a_sentence(
    decoder: Decoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_watch: LogWatch
) -> None:
    good = write_png(tmp_path / "good.png", hand())
    monkeypatch.setattr(decoder_line, "PROGRAM", (str(tmp_path / "no such program"),))
    with pytest.raises(RadiographError, match="could not be started"):
        decoder.read(good)
    monkeypatch.setattr(decoder_line, "PROGRAM", (sys.executable, "-c", "pass"))
    decoder.warm_up()  # says nothing: the first file will
    with pytest.raises(RadiographError, match="could not be started"):
        decoder.read(good)
    log_watch.expect("a process that decodes ended (died, status 0)")
