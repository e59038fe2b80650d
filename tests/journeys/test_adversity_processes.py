"""The program as whole processes: two at once with one home, a home that cannot be written to, a screen of 200 %."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QImage

import resources
from boneage_gui import settings
from boneage_gui.clinic.readings import Query, ReadingStore
from boneage_gui.settings import Settings, SettingsFile, ThemeName

ROOT = Path(__file__).parents[2]
LONGEST_S = 240
# Root may write everywhere, unless the right to is taken from it.
AS_A_USER = ("setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-dac_override")


class Driven:
    """A program that is told what to do."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def tell(self, line: str) -> dict[str, Any]:
        """Tell it one thing; return what it shows then."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "it ended"
        shown: dict[str, Any] = json.loads(answer)
        return shown

    def close(self) -> None:
        """Close its window; it must end well."""
        self.tell("close")
        assert self._process.wait(LONGEST_S) == 0


@contextmanager
def driven(model: Path, film: Path, *, prefix: tuple[str, ...] = ()) -> Iterator[Driven]:
    """Start the program on a radiograph."""
    command = [*prefix, sys.executable, "-m", "tests.journeys.driven_window", "--model", str(model), str(film)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Driven(process)
        finally:
            process.kill()


@pytest.fixture
def films(tmp_path: Path) -> list[Path]:
    """Two radiographs of our own that the gate takes for hands."""
    return [shutil.copyfile(path, tmp_path / path.name) for path in resources.sample_paths()[:2]]


def test_two_at_once_read_and_keep_and_leave_each_others_settings_alone(
    untrained_model: Path, films: list[Path]
) -> None:
    SettingsFile().save(Settings(theme=ThemeName.DARK, unfinished_run="gone"))
    with driven(untrained_model, films[0]) as one, driven(untrained_model, films[1]) as other:
        for program in (one, other):
            assert program.tell("look")["state"].startswith("Bone age: ")
            assert program.tell("accept")["decision"].startswith("Accepted: ")
        assert one.tell("choose reference_greulich_pyle")["reference"] == "greulich-pyle"
        assert other.tell("choose light_theme")["theme"] == "light"
        assert other.tell("look")["banner"] == ""
        one.close()
        other.close()  # it began before the reference was chosen, and must not undo that
    store = ReadingStore(settings.readings_folder() / "readings.sqlite3")
    store.open()
    assert (store.note, store.count(Query())) == (None, 2)
    kept = SettingsFile().load()
    assert (kept.reference, kept.theme) == ("greulich-pyle", ThemeName.LIGHT)


@pytest.fixture
def read_only_home(own_home: Path) -> Iterator[tuple[str, ...]]:
    """A home in which nothing can be written; yields what a command must begin with for that to be so."""
    if sys.platform == "win32":
        pytest.skip("permissions of Unix")
    prefix = AS_A_USER if os.geteuid() == 0 else ()
    if prefix and shutil.which(prefix[0]) is None:
        pytest.skip("root may write everywhere, and setpriv is not here")
    own_home.chmod(0o500)
    yield prefix
    own_home.chmod(0o700)


def test_with_a_home_that_cannot_be_written_to_the_window_reads_and_says_what_it_cannot_keep(
    untrained_model: Path, films: list[Path], own_home: Path, read_only_home: tuple[str, ...]
) -> None:
    with driven(untrained_model, films[0], prefix=read_only_home) as program:
        shown = program.tell("look")
        assert shown["state"].startswith("Bone age: ")
        assert f"Settings are not remembered: {own_home} cannot be written to." in shown["banner"]
        assert f"The readings in {own_home / 'readings'} cannot be opened" in shown["banner"]
        assert shown["banner"].endswith("Permission denied.")
        assert shown["decision"] == "Readings cannot be kept: their file could not be opened."
        assert not shown["can_accept"]
        assert program.tell("choose light_theme")["theme"] == "light"
        program.tell(f"open {films[1]}")
        assert program.tell("look")["banner"] == shown["banner"]  # once, and not wiped away by a picture
        program.close()
    assert list(own_home.iterdir()) == []


def test_on_a_screen_of_200_percent_the_picture_has_twice_the_pixels(
    untrained_model: Path, films: list[Path], tmp_path: Path
) -> None:
    picture = tmp_path / "window.png"
    options = ["--screenshot", str(picture), "--size", "1280x800", "--model", str(untrained_model)]
    done = subprocess.run(
        [sys.executable, "-m", "boneage_gui", *options, str(films[0])],
        cwd=ROOT,
        env={**os.environ, "QT_SCALE_FACTOR": "2"},
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (2560, 1600)
