"""The strip of a folder's files: what it asks for, what it says, and what it keeps to itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QModelIndex, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from boneage_gui.widgets.thumbnail_strip import KEPT, ThumbnailStrip

FILES = [Path(f"/hands/{number:04}.dcm") for number in range(1000)]


@pytest.fixture
def strip(qtbot: QtBot) -> ThumbnailStrip:
    made = ThumbnailStrip()
    qtbot.addWidget(made)
    made.resize(made.minimumWidth(), 500)
    made.show()
    return made


def asked(strip: ThumbnailStrip, qtbot: QtBot) -> list[Path]:
    """What the strip asks for until it has settled."""
    wanted: list[Path] = []

    def keep(path: Path) -> None:
        wanted.append(path)

    strip.needs.connect(keep)
    qtbot.wait(120)
    strip.needs.disconnect(keep)
    return wanted


def colour(name: str) -> QImage:
    image = QImage(8, 6, QImage.Format.Format_RGB32)
    image.fill(name)
    return image


def test_only_thumbnails_in_sight_are_asked_for_and_once(strip: ThumbnailStrip, qtbot: QtBot) -> None:
    strip.set_files(FILES)
    first = asked(strip, qtbot)
    assert first == FILES[: len(first)]
    assert 3 <= len(first) <= 6
    strip.resize(strip.width(), 501)
    assert set(asked(strip, qtbot)).isdisjoint(first)
    strip.set_current(FILES[700])
    later = asked(strip, qtbot)
    assert FILES[700] in later
    assert len(later) <= 7


def test_a_frame_shows_where_keys_go(strip: ThumbnailStrip, qtbot: QtBot) -> None:
    strip.set_files(FILES)
    strip.clearFocus()
    accent = strip.palette().color(QPalette.ColorRole.Highlight).name()

    def edge() -> set[str]:
        picture = strip.viewport().grab().toImage()
        ratio = picture.devicePixelRatio()
        return {picture.pixelColor(0, y).name() for y in range(0, picture.height() - round(2 * ratio), 40)}

    assert edge() != {accent}
    strip.activateWindow()
    strip.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(strip.hasFocus)
    assert edge() == {accent}


def test_a_hidden_strip_asks_for_nothing(strip: ThumbnailStrip, qtbot: QtBot) -> None:
    strip.hide()
    strip.set_files(FILES)
    assert asked(strip, qtbot) == []
    strip.show()
    assert asked(strip, qtbot)[0] == FILES[0]


def test_choosing_by_mouse_or_key_is_told(strip: ThumbnailStrip, qtbot: QtBot) -> None:
    strip.set_files(FILES)
    with qtbot.waitSignal(strip.chosen, timeout=1000) as chosen:
        place = strip.visualRect(strip.model().index(1, 0)).center()
        qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == [FILES[1]]
    with qtbot.waitSignal(strip.chosen, timeout=1000) as chosen:
        qtbot.keyClick(strip, Qt.Key.Key_Down)
    assert chosen.args == [FILES[2]]
    assert strip.current() == FILES[2]


def test_what_the_window_marks_is_not_told(strip: ThumbnailStrip, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(strip.chosen):
        strip.set_files(FILES)
        strip.set_current(FILES[5])
        strip.set_current(None)
        strip.set_files(FILES[:3])
    assert strip.current() is None
    assert strip.currentIndex() == QModelIndex()


def test_neighbours(strip: ThumbnailStrip, qtbot: QtBot) -> None:
    assert strip.next() is None
    assert strip.previous() is None
    strip.set_files(FILES[:3])
    assert (strip.previous(), strip.next()) == (FILES[2], FILES[0])
    with qtbot.assertNotEmitted(strip.chosen):
        strip.set_current(FILES[0])
        assert (strip.previous(), strip.next()) == (None, FILES[1])
        strip.set_current(FILES[2])
        assert (strip.previous(), strip.next()) == (FILES[1], None)
    assert strip.current() == FILES[2]


def test_a_thumbnail_is_drawn_where_its_file_is(strip: ThumbnailStrip, qtbot: QtBot) -> None:
    strip.set_files(FILES)
    strip.set_thumbnail(FILES[1], colour("red"))
    strip.set_thumbnail(Path("/elsewhere/late.dcm"), colour("blue"))
    image = strip.viewport().grab().toImage()
    ratio = image.devicePixelRatio()
    place = strip.visualRect(strip.model().index(1, 0)).center()
    assert image.pixelColor(int(place.x() * ratio), int((place.y() - 12) * ratio)) == QColor(255, 0, 0)
    assert strip.model().rowCount() == len(FILES)


def test_a_list_that_comes_anew_has_thumbnails_of_its_own(strip: ThumbnailStrip, qtbot: QtBot) -> None:
    """Under the same names another patient's files may lie, on another CD say."""
    strip.set_files(FILES[:2])
    strip.set_thumbnail(FILES[1], colour("red"))
    strip.set_files(FILES[1:3])
    assert asked(strip, qtbot) == FILES[1:3]


def test_old_thumbnails_go_and_are_asked_for_again(strip: ThumbnailStrip, qtbot: QtBot) -> None:
    strip.set_files(FILES)
    asked(strip, qtbot)
    for path in FILES[: KEPT + 1]:
        strip.set_thumbnail(path, colour("red"))
    strip.resize(strip.width(), 502)
    assert asked(strip, qtbot) == [FILES[0]]


def test_page_keys_are_left_to_the_window(strip: ThumbnailStrip) -> None:
    strip.set_files(FILES)
    strip.set_current(FILES[0])
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(strip, event)
    assert not event.isAccepted()
    assert strip.current() == FILES[0]


@pytest.mark.parametrize("orientation", list(Qt.Orientation))
def test_column_and_row(qtbot: QtBot, orientation: Qt.Orientation) -> None:
    strip = ThumbnailStrip(orientation=orientation)
    qtbot.addWidget(strip)
    strip.set_files(FILES[:4])
    strip.resize(600, 600)
    strip.show()
    first, second = (strip.visualRect(strip.model().index(row, 0)) for row in (0, 1))
    if orientation == Qt.Orientation.Vertical:
        assert second.top() > first.top()
        assert strip.width() < 140
    else:
        assert second.left() > first.left()
        assert strip.height() < 160
