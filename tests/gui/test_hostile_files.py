"""Files that cannot be read, and names that would be more than a name, in the real window."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from boneage_gui.widgets.text import plain_tooltip
from boneage_gui.windows import dialogs
from boneage_gui.windows.main_window import MainWindow
from tests.factories import hand, write_png
from tests.window_fixtures import LONG_MS

NAMES = {  # as it is on disk: as it may stand on screen
    "line\nbreak.png": "line?break.png",
    "right-\u202egnp.exe.png": "right-?gnp.exe.png",
    "<b>bold<img src=x>.png": "<b>bold<img src=x>.png",
    "\x1b[31mred\x07.png": "?[31mred?.png",
    "half \udcff of a letter.png": "half ? of a letter.png",
}
needs_odd_names = pytest.mark.skipif(os.name == "nt", reason="Windows allows no such names")


def open_and_wait(qtbot: QtBot, window: MainWindow, *paths: Path) -> None:
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths(paths)


def shown(window: MainWindow) -> str:
    assert window.radiograph is not None
    return window.radiograph.source.name


def marked(window: MainWindow) -> list[str]:
    return [str(index.data()) for index in window.strip.selectedIndexes()]


def folder_with_gaps(folder: Path) -> Path:
    """1, 4 and 5 are radiographs; 2 and 3 are not."""
    folder.mkdir()
    for number in (1, 4, 5):
        write_png(folder / f"{number}.png", hand())
    for number in (2, 3):
        (folder / f"{number}.png").write_bytes(b"no picture")
    return folder


def test_files_that_cannot_be_read_are_walked_past(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    open_and_wait(qtbot, window, folder_with_gaps(tmp_path / "gaps"))
    for broken in ("2.png", "3.png"):
        with qtbot.waitSignal(window.refused, timeout=LONG_MS):
            window.menus.actions["next"].trigger()
        assert broken in window.banner.text
        assert shown(window) == "1.png"
        assert marked(window) == ["1.png"]
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.menus.actions["next"].trigger()
    assert shown(window) == "4.png"
    assert marked(window) == ["4.png"]
    with qtbot.waitSignal(window.refused, timeout=LONG_MS):
        window.menus.actions["previous"].trigger()
    assert "3.png" in window.banner.text


def test_a_folder_whose_first_file_is_broken_can_be_walked(
    qtbot: QtBot, window: MainWindow, hand_png: Path, tmp_path: Path
) -> None:
    open_and_wait(qtbot, window, hand_png)
    folder = folder_with_gaps(tmp_path / "gaps")
    (folder / "1.png").write_bytes(b"")
    with qtbot.waitSignal(window.refused, timeout=LONG_MS):
        window.open_paths([folder])
    assert marked(window) == []
    for _ in range(2):
        with qtbot.waitSignal(window.refused, timeout=LONG_MS):
            window.menus.actions["next"].trigger()
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.menus.actions["next"].trigger()
    assert shown(window) == "4.png"


def test_one_broken_file_takes_no_folder_away(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    open_and_wait(qtbot, window, folder_with_gaps(tmp_path / "gaps"))
    files = window.strip.files()
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    with qtbot.waitSignal(window.refused, timeout=LONG_MS):
        window.open_paths([broken])
    assert window.strip.files() == window.opening.files == files
    assert window.strip.isVisible()
    assert marked(window) == ["1.png"]
    other = write_png(tmp_path / "other.png", hand())
    open_and_wait(qtbot, window, other)
    assert window.opening.files == [other]


@needs_odd_names
@pytest.mark.parametrize(("name", "words"), NAMES.items())
def test_a_name_stays_a_name(qtbot: QtBot, window: MainWindow, tmp_path: Path, name: str, words: str) -> None:
    open_and_wait(qtbot, window, write_png(tmp_path / name, hand()), write_png(tmp_path / "second.png", hand()))
    facts = window.status_line.facts
    assert window.windowTitle().startswith(words)
    assert facts.accessibleDescription().startswith(words)
    assert facts.textFormat() is Qt.TextFormat.PlainText
    index = window.strip.model().index(0, 0)
    assert index.data() == words
    assert window.recent.menu.actions()[0].text().endswith(words)
    window.menus.actions["copy_reading"].trigger()
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith(f"{words}: bone age ")
    assert copied.isprintable()
    assert words.replace("<", "&lt;").replace(">", "&gt;") in index.data(Qt.ItemDataRole.ToolTipRole)


def test_a_tooltip_shows_markup_as_it_is() -> None:
    assert "<img" not in plain_tooltip("<img src=x>")


def test_a_long_name_loses_its_middle(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    name = "first-" + "name-" * 40 + "last.png"
    open_and_wait(qtbot, window, write_png(tmp_path / name, hand()))
    facts = window.status_line.facts
    qtbot.waitUntil(lambda: "…" in facts.text(), timeout=LONG_MS)
    assert facts.text().startswith("first")
    assert "lengths in pixels" in facts.text()
    assert facts.fontMetrics().horizontalAdvance(facts.text()) <= facts.width()


def test_what_happens_is_said_in_the_status_bar(qtbot: QtBot, window: MainWindow, hand_png: Path) -> None:
    with qtbot.waitSignal(window.opening.reading, timeout=LONG_MS):
        window.open_paths([hand_png])
    said = window.status_line.probe
    assert said.text() == f"Opening {hand_png.name}…"
    qtbot.waitSignal(window.answered, timeout=LONG_MS).wait()
    assert said.text().startswith("Point at")
    window.menus.actions["copy_reading"].trigger()
    assert said.isVisible()
    assert "clipboard" in said.text()
    window.status_line.fall_silent()
    assert said.text().startswith("Point at")


def test_the_saved_picture_says_what_it_is_for(
    qtbot: QtBot, window: MainWindow, hand_png: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_and_wait(qtbot, window, hand_png)
    goal = tmp_path / "view.png"
    monkeypatch.setattr(dialogs, "ask_png", lambda *_: goal)
    window.menus.actions["save_picture"].trigger()
    saved, seen = QImage(str(goal)), window.view.grab().toImage()
    assert saved.size() == seen.size()
    bottom_left = (0, saved.height() - 80, 200, 80)
    assert saved.copy(*bottom_left) != seen.convertToFormat(saved.format()).copy(*bottom_left)
    assert saved.copy(0, 0, 200, 80) == seen.convertToFormat(saved.format()).copy(0, 0, 200, 80)


def test_a_date_left_half_typed_is_marked(qtbot: QtBot, window: MainWindow, hand_png: Path) -> None:
    open_and_wait(qtbot, window, hand_png)
    window.activateWindow()
    window.menus.actions["type_dates"].trigger()
    field = window.focusWidget()
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, "2020.1")
    assert not field.property("wrong")
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert field.property("wrong")
    assert "for example" in window.panel.dates.spoken
