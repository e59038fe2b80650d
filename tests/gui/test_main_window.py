"""The window's menus do what they say, and its state is kept between starts."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

import resources
from boneage_gui import theme
from boneage_gui.inference import Readiness
from boneage_gui.settings import Settings, SettingsFile, ThemeName
from boneage_gui.widgets.radiograph_view import Tool
from boneage_gui.widgets.shortcut_help import ShortcutHelp
from boneage_gui.widgets.text import plain_tooltip
from boneage_gui.windows import dialogs
from boneage_gui.windows.about import About
from boneage_gui.windows.main_window import MainWindow
from tests.factories import hand, write_png
from tests.gui.fakes import FakeModels
from tests.window_fixtures import LONG_MS, MakeWindow
from trainer.prediction import RESEARCH_USE
from trainer.radiograph import Sex


def open_and_wait(qtbot: QtBot, window: MainWindow, *paths: Path) -> None:
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths(paths)


def trigger(window: MainWindow, name: str) -> None:
    window.menus.actions[name].trigger()


def test_what_needs_a_radiograph_is_greyed_out_without_one(qtbot: QtBot, window: MainWindow, hand_png: Path) -> None:
    needing = [info.name for info in window.menus.infos if info.needs_picture]
    assert needing
    assert not any(window.menus.actions[name].isEnabled() for name in needing)
    open_and_wait(qtbot, window, hand_png)
    assert all(window.menus.actions[name].isEnabled() for name in needing)


def test_the_view_obeys_the_menu(qtbot: QtBot, window: MainWindow, hand_png: Path) -> None:
    open_and_wait(qtbot, window, hand_png)
    fitted = window.view.zoom()
    trigger(window, "one_to_one")
    assert window.view.zoom() != fitted
    trigger(window, "invert")
    assert window.view.is_inverted()
    trigger(window, "reset")
    assert window.view.zoom() == pytest.approx(fitted)
    assert not window.view.is_inverted()
    before = window.view.display_window()
    trigger(window, "preset:Bone")
    assert window.view.display_window() != before


def test_tools_follow_menu_and_view(qtbot: QtBot, window: MainWindow, hand_png: Path) -> None:
    open_and_wait(qtbot, window, hand_png)
    trigger(window, "tool_length")
    assert window.view.tool() is Tool.LENGTH
    window.view.set_tool(Tool.ANGLE)
    assert window.menus.actions["tool_angle"].isChecked()
    assert not window.menus.actions["tool_length"].isChecked()


def test_keys_reach_the_window(qtbot: QtBot, window: MainWindow, hand_png: Path) -> None:
    open_and_wait(qtbot, window, hand_png)
    window.activateWindow()
    window.view.setFocus()
    QTest.keyClick(window.view, Qt.Key.Key_I)
    assert window.view.is_inverted()
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        QTest.keyClick(window.view, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    assert window.prediction is not None
    assert window.prediction.sex is Sex.FEMALE


def test_letters_typed_into_a_date_are_not_shortcuts(qtbot: QtBot, window: MainWindow, hand_png: Path) -> None:
    open_and_wait(qtbot, window, hand_png)
    window.activateWindow()
    trigger(window, "type_dates")
    field = window.focusWidget()
    assert field is not None
    assert field.accessibleName() == "Birth date"
    QTest.keyClicks(field, "2010-03-10")
    assert field.property("text") == "2010-03-10"
    assert window.view.zoom() > 0


def test_sex_in_the_menu_and_in_the_panel_are_one(qtbot: QtBot, window: MainWindow, hand_dicom: Path) -> None:
    open_and_wait(qtbot, window, hand_dicom)
    assert window.menus.actions["sex_male"].isChecked()
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        trigger(window, "sex_female")
    assert window.panel.sex.button(Sex.FEMALE).isChecked()
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.panel.sex.button(None).click()
    assert window.menus.actions["sex_not_given"].isChecked()


def test_the_reading_is_copied_as_text(qtbot: QtBot, window: MainWindow, hand_dicom: Path) -> None:
    open_and_wait(qtbot, window, hand_dicom)
    trigger(window, "copy_reading")
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("hand.dcm: bone age ")
    assert "Chronological age 10 years." in copied
    assert RESEARCH_USE in copied


def test_the_picture_is_saved(
    qtbot: QtBot, window: MainWindow, hand_png: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_and_wait(qtbot, window, hand_png)
    goal = tmp_path / "view.png"
    monkeypatch.setattr(dialogs, "ask_png", lambda *_: goal)
    trigger(window, "save_picture")
    assert not QImage(str(goal)).isNull()
    monkeypatch.setattr(dialogs, "ask_png", lambda *_: tmp_path / "missing" / "view.png")
    trigger(window, "save_picture")
    assert "could not be written" in window.banner.text


def test_files_and_folders_are_asked_for(
    qtbot: QtBot, window: MainWindow, hand_png: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogs, "ask_files", lambda *_: [])
    trigger(window, "open_file")
    assert window.radiograph is None
    monkeypatch.setattr(dialogs, "ask_folder", lambda *_: [hand_png.parent])
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        trigger(window, "open_folder")
    assert window.opening.files == [hand_png]


def test_dropped_files_are_opened(qtbot: QtBot, window: MainWindow, hand_png: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(hand_png))])
    drop = QDropEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.dropEvent(drop)
    assert window.radiograph is not None
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.view.files_dropped.emit([hand_png])


def test_a_models_menu_entry_asks_it_the_same_question(
    qtbot: QtBot, window: MainWindow, hand_dicom: Path, fake_models: FakeModels
) -> None:
    open_and_wait(qtbot, window, hand_dicom)
    assert window.menus.actions["model:improved-sex"].isChecked()
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        trigger(window, "model:baseline")
    assert window.prediction is not None
    assert window.prediction.model_name == "baseline"
    assert fake_models.predictors["baseline"].asked == [("hand.dcm", Sex.MALE)]
    assert window.settings.model == "baseline"
    assert window.menus.actions["model:baseline"].isChecked()


def test_a_model_that_fails_leaves_the_number_and_says_so(
    qtbot: QtBot, window: MainWindow, hand_dicom: Path, fake_models: FakeModels
) -> None:
    open_and_wait(qtbot, window, hand_dicom)
    fake_models.broken.add("baseline")
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        trigger(window, "model:baseline")
    assert "are not the ones its card describes" in window.banner.text
    assert window.prediction is not None
    assert window.prediction.model_name == "improved-sex"
    assert window.menus.actions["model:improved-sex"].isChecked()
    assert window.inference.readiness is Readiness.READY
    assert window.settings.model == ""  # the next start must not meet it again
    fake_models.broken.clear()
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        trigger(window, "model:baseline")
    assert window.banner.text == ""
    assert window.settings.model == "baseline"


def gone(window: MainWindow, kind: type[QDialog]) -> bool:
    return window.findChild(kind) is None


def test_help_and_about_open_and_close(qtbot: QtBot, window: MainWindow) -> None:
    for name, kind in (("shortcuts", ShortcutHelp), ("about", About)):
        trigger(window, name)
        shown = window.findChild(kind)
        assert isinstance(shown, QDialog)
        assert shown.isVisible()
        assert not shown.grab().toImage().isNull()
        shown.reject()
        qtbot.waitUntil(partial(gone, window, kind), timeout=LONG_MS)


def test_about_names_licence_and_terms(qtbot: QtBot, window: MainWindow) -> None:
    about = About(window)
    qtbot.addWidget(about)
    terms = about.property("plain_text") or about.terms.toPlainText()
    assert resources.NOTICE_PATH.read_text(encoding="utf-8").split()[-1].strip("*_.") in terms


def test_the_theme_changes_at_run_time(window: MainWindow) -> None:
    trigger(window, "light_theme")
    assert theme.current() is theme.LIGHT
    assert window.settings.theme is ThemeName.LIGHT
    trigger(window, "light_theme")
    assert theme.current() is theme.DARK


def test_state_is_kept_between_starts(
    qtbot: QtBot, make_window: MakeWindow, fake_models: FakeModels, hand_png: Path, own_home: Path
) -> None:
    first = make_window(store=SettingsFile())
    open_and_wait(qtbot, first, hand_png)
    first.resize(900, 640)  # the screen of these tests is small
    trigger(first, "show_panel")
    trigger(first, "light_theme")
    trigger(first, "model:baseline")
    first.close()
    second = make_window(SettingsFile().load(), store=SettingsFile())
    assert not second.panel.isVisible()
    assert second.settings.theme is ThemeName.LIGHT
    assert second.settings.model == "baseline"
    assert (second.width(), second.height()) == (900, 640)
    recent, gap, clear = second.recent.menu.actions()
    assert (recent.toolTip(), gap.isSeparator()) == (plain_tooltip(str(hand_png)), True)
    with qtbot.waitSignal(second.answered, timeout=LONG_MS):
        recent.trigger()
    clear = second.recent.menu.actions()[-1]
    clear.trigger()
    assert not second.recent.menu.isEnabled()
    assert SettingsFile().load().recent_files == ()


def test_full_screen_comes_and_goes_and_is_not_kept(
    qtbot: QtBot, make_window: MakeWindow, fake_models: FakeModels
) -> None:
    window = make_window(store=SettingsFile())
    trigger(window, "full_screen")
    qtbot.waitUntil(window.isFullScreen, timeout=LONG_MS)
    window.showNormal()
    qtbot.waitUntil(lambda: not window.menus.actions["full_screen"].isChecked(), timeout=LONG_MS)
    trigger(window, "full_screen")
    qtbot.waitUntil(window.isFullScreen, timeout=LONG_MS)
    window.close()
    assert not make_window(SettingsFile().load()).isFullScreen()


def test_bad_geometry_is_ignored(make_window: MakeWindow, fake_models: FakeModels) -> None:
    window = make_window(Settings(window_geometry=b"nonsense"))
    assert (window.width(), window.height()) == (1280, 800)


def test_the_probe_line_follows_the_pointer(qtbot: QtBot, window: MainWindow, hand_dicom: Path) -> None:
    open_and_wait(qtbot, window, hand_dicom)
    QTest.mouseMove(window.view, window.view.rect().center())
    qtbot.waitUntil(lambda: window.status_line.probe.text().startswith("row "), timeout=LONG_MS)
    assert "value 0." in window.status_line.probe.text() or "value 1." in window.status_line.probe.text()
    assert window.status_line.facts.text().startswith("hand.dcm")


def test_the_strip_shows_with_more_than_one_file(
    qtbot: QtBot, window: MainWindow, hand_png: Path, tmp_path: Path
) -> None:
    other = write_png(tmp_path / "other.png", hand(60, 80))
    open_and_wait(qtbot, window, hand_png)
    assert not window.strip.isVisible()
    open_and_wait(qtbot, window, hand_png, other)
    assert window.strip.isVisible()
    trigger(window, "show_thumbnails")
    assert not window.strip.isVisible()
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        trigger(window, "next")
    assert window.radiograph is not None
    assert window.radiograph.source == other


def test_entries_say_themselves_where_macos_puts_them(window: MainWindow) -> None:
    """By its words, "About this model…" would be taken for the program's own About."""
    roles = {name: action.menuRole() for name, action in window.menus.actions.items()}
    moved = {name for name, role in roles.items() if role is not QAction.MenuRole.NoRole}
    assert moved == {"about", "quit"}
