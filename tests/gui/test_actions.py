"""The table of actions: complete, without collisions, reachable by keys and by a screen reader."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QMenu, QToolBar, QToolButton, QWidget

from boneage_gui.actions import ACTIONS, MENUS
from boneage_gui.widgets.shortcut_help import ShortcutHelp, in_columns
from boneage_gui.windows.dialogs import help_sections
from boneage_gui.windows.main_window import MainWindow

# The keys that CLINIC's table says hands already know.
KNOWN_KEYS = {
    "open_file": "Ctrl+O",
    "open_folder": "Ctrl+Shift+O",
    "copy_reading": "Ctrl+C",
    "fit": "F",
    "one_to_one": "1",
    "reset": "R",
    "invert": "I",
    "rotate_right": "Ctrl+R",
    "rotate_left": "Ctrl+L",
    "flip_horizontal": "H",
    "flip_vertical": "V",
    "zoom_in": "+",
    "zoom_out": "-",
    "tool_length": "D",
    "tool_angle": "A",
    "next": "PgDown",
    "previous": "PgUp",
    "full_screen": "F11",
    "shortcuts": "F1",
}


def test_names_are_unique_and_every_menu_is_known() -> None:
    assert max(Counter(info.name for info in ACTIONS).values()) == 1
    assert {info.menu for info in ACTIONS} == set(MENUS)


def test_every_action_has_keys_and_a_sentence() -> None:
    assert [info.name for info in ACTIONS if not info.keys] == []
    assert [info.name for info in ACTIONS if not info.tip or info.tip.endswith(".")] == []


def test_the_keys_are_the_ones_that_hands_know() -> None:
    keys = {info.name: info.keys[0] for info in ACTIONS}
    assert {name: keys[name] for name in KNOWN_KEYS} == KNOWN_KEYS


def test_no_two_entries_of_the_window_share_a_key(window: MainWindow) -> None:
    keys = Counter(sequence.toString() for action in window.menus.actions.values() for sequence in action.shortcuts())
    assert [key for key, count in keys.items() if count > 1] == []
    assert "Alt+1" in keys, "the shipped models have keys too"
    assert "Ctrl+1" in keys, "the presets have keys too"


def test_no_two_entries_of_a_menu_share_a_mnemonic(window: MainWindow) -> None:
    for menu in window.findChildren(QMenu):
        letters = Counter(
            action.text().split("&", 1)[1][:1].lower() for action in menu.actions() if "&" in action.text()
        )
        assert [letter for letter, count in letters.items() if count > 1] == [], menu.title()


def test_every_control_has_a_tooltip_and_a_name(window: MainWindow) -> None:
    nameless: list[str] = []
    for control in controls(window):
        name = control.accessibleName() or (control.text() if isinstance(control, QAbstractButton) else "")
        if not name or not control.toolTip():
            nameless.append(f"{type(control).__name__} {control.objectName()} {name!r} {control.toolTip()!r}")
    assert nameless == []


def test_every_control_can_be_reached_by_tab_or_has_a_key(window: MainWindow) -> None:
    for control in controls(window):
        reached = bool(control.focusPolicy() & Qt.FocusPolicy.TabFocus)
        keyed = isinstance(control, QToolButton) and (
            control.defaultAction() is not None or "(Ctrl+" in control.toolTip()
        )
        assert reached or keyed, control


def test_tooltips_name_the_keys(window: MainWindow) -> None:
    assert window.menus.actions["fit"].toolTip() == "Show the whole radiograph (F)"
    toolbar = window.findChild(QToolBar)
    assert toolbar is not None
    for action in toolbar.actions():
        if action.text():
            assert action.toolTip().endswith(")")
            assert not action.icon().isNull()


def test_the_help_lists_every_key_of_the_window(window: MainWindow) -> None:
    sections = help_sections(window.menus)
    listed = {keys for _, rows in sections for keys, _ in rows}
    for action in window.menus.actions.values():
        assert action.shortcut().toString() in listed, action.text()
    dialog = ShortcutHelp(sections, window)
    assert len(dialog.rows) == sum(len(rows) for _, rows in sections)


def test_no_key_is_cut_off(window: MainWindow) -> None:
    dialog = ShortcutHelp(help_sections(window.menus), window)
    dialog.show()
    shown = {line.text(): line for line in dialog.findChildren(QLabel)}
    for keys, _ in dialog.rows:
        for word in keys.split():  # a line breaks between words alone
            assert shown[keys].width() >= shown[keys].fontMetrics().horizontalAdvance(word), keys


def test_sections_are_spread_over_columns_in_order() -> None:
    sections = [(str(number), [("k", "w")] * size) for number, size in enumerate((8, 2, 2, 5, 3, 9))]
    columns = in_columns(sections, 3)
    assert len(columns) == 3
    assert [title for column in columns for title, _ in column] == list("012345")


def controls(window: MainWindow) -> list[QWidget]:
    """What a user can press or type into; not the parts Qt makes for itself."""
    found: list[QWidget] = [*window.findChildren(QAbstractButton), *window.findChildren(QLineEdit)]
    return [control for control in found if not control.objectName().startswith("qt_")]
