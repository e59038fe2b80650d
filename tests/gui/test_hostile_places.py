"""What lies where a radiograph should: pipes, devices, loops of links, paths that lead out, in the real window."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from boneage_gui.windows.main_window import MainWindow
from tests.factories import hand, write_dicom, write_png
from tests.window_fixtures import LONG_MS
from trainer.augment.shelf import Shelf, read_recipe
from trainer.errors import ConfigError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has none of these")


def to_a_device(folder: Path) -> Path:
    (folder / "zeros.png").symlink_to("/dev/zero")
    return folder / "zeros.png"


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.dcm")
    return folder / "pipe.dcm"


def loop(folder: Path) -> Path:
    (folder / "one.png").symlink_to(folder / "two.png")
    (folder / "two.png").symlink_to(folder / "one.png")
    return folder / "one.png"


def to_nothing(folder: Path) -> Path:
    (folder / "gone.png").symlink_to(folder / "nothing")
    return folder / "gone.png"


def hole(folder: Path) -> Path:
    path = folder / "hole.dcm"
    path.touch()
    os.truncate(path, 1 << 42)  # takes no room on the disk
    return path


def too_long(folder: Path) -> Path:
    return folder / ("x" * 5000)


def two_in_one(folder: Path) -> Path:
    return folder / "a\0b.png"


PLACES = {
    to_a_device: "is not a file that holds a picture",
    pipe: "is not a file that holds a picture",
    loop: "cannot be opened",
    to_nothing: "is not there",
    hole: "is too large",
    too_long: "cannot be opened",
    two_in_one: "cannot be opened",
}


@pytest.mark.parametrize(("make", "words"), PLACES.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_no_file_is_refused_at_once(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, make: Callable[[Path], Path], words: str
) -> None:
    with qtbot.waitSignal(window.refused, timeout=LONG_MS):
        window.open_paths([make(tmp_path)])
    assert words in window.banner.text
    assert str(tmp_path) not in window.banner.text
    assert window.radiograph is None


def test_a_folder_shows_only_what_can_be_read(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    folder, outside = tmp_path / "study", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    for make in (to_a_device, pipe, loop, to_nothing):
        make(folder)
    (folder / "up.png").symlink_to(outside)
    write_png(folder / "b.png", hand())
    (folder / "a.png").symlink_to(write_png(outside / "linked.png", hand()))
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([folder])
    assert [path.name for path in window.strip.files()] == ["a.png", "b.png"]
    qtbot.waitUntil(lambda: not window.opening.thumbnails_pending, timeout=LONG_MS)


def test_no_word_of_a_header_becomes_a_path(qtbot: QtBot, window: MainWindow, tmp_path: Path, own_home: Path) -> None:
    """A number of study or patient that reads as a path leaves no file outside the folder that was chosen."""
    out = tmp_path / "deep" / "out"
    evil = "../../../evil"
    header: dict[str, Any] = {"PatientID": evil, "PatientName": evil, "AccessionNumber": evil, "StudyID": evil}
    uids: dict[str, Any] = {"StudyInstanceUID": "1.2.3.1", "SeriesInstanceUID": "1.2.3.2", "StudyDate": "20200310"}
    path = write_dicom(tmp_path / "hand.dcm", hand(), PatientSex="M", PatientBirthDate="20100310", **header, **uids)
    qtbot.waitUntil(lambda: window.clinic.readings.opened is not None, timeout=LONG_MS)
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([path])
    with qtbot.waitSignal(window.clinic.readings.kept, timeout=LONG_MS):
        window.menus.actions["accept_reading"].trigger()
    before = {file for file in tmp_path.rglob("*") if not file.is_relative_to(own_home)}
    with qtbot.waitSignal(window.clinic.reports.written, timeout=LONG_MS):
        window.clinic.reports.save_dicom(out)
    new = {file for file in tmp_path.rglob("*") if not file.is_relative_to(own_home)} - before
    assert all(file.is_relative_to(out.parent) for file in new)
    assert len([file for file in new if file.is_file()]) == 3
    assert not list(tmp_path.parent.glob("evil*"))


@pytest.mark.parametrize("make", [to_a_device, pipe, loop])
def test_a_recipe_that_is_no_file_holds_nobody_up(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path).rename(tmp_path / "mine.json")
    shelf = Shelf(tmp_path)
    assert shelf.recipes() == {}
    assert len(shelf.broken()) == 1
    with pytest.raises(ConfigError, match=r"“mine\.json” (is not a recipe|cannot be read)"):
        read_recipe(path)
