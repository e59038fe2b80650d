"""Both looks can be read, and icons take the theme's colours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QComboBox
from pytestqt.qtbot import QtBot

import resources
from boneage_gui import assets, theme
from boneage_gui.actions import ACTIONS

LEAST_CONTRAST = 4.5  # WCAG 2.2 AA for text
LEAST_OF_CONTROLS = 3.0  # and for what says that there is a control, and its state


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("look", [theme.DARK, theme.LIGHT], ids=lambda look: look.name)
@pytest.mark.parametrize("ink", ["text", "muted", "accent", "caution"])
@pytest.mark.parametrize("ground", ["surface", "field"])
def test_text_can_be_read(look: theme.Theme, ink: str, ground: str) -> None:
    assert contrast(getattr(look, ink), getattr(look, ground)) >= LEAST_CONTRAST


@pytest.mark.parametrize("look", [theme.DARK, theme.LIGHT], ids=lambda look: look.name)
def test_text_on_the_accent_can_be_read(look: theme.Theme) -> None:
    assert contrast(look.on_accent, look.accent) >= LEAST_CONTRAST


@pytest.mark.parametrize("look", [theme.DARK, theme.LIGHT], ids=lambda look: look.name)
def test_every_colour_of_the_stylesheet_is_filled_in(look: theme.Theme) -> None:
    assert "@" not in theme.stylesheet(look)
    assert look.accent in theme.stylesheet(look)


@pytest.mark.parametrize("look", [theme.DARK, theme.LIGHT], ids=lambda look: look.name)
def test_a_check_box_can_be_seen_and_so_can_its_tick(qtbot: QtBot, look: theme.Theme) -> None:
    box = QCheckBox("Keep names")
    qtbot.addWidget(box)
    box.setStyleSheet(theme.stylesheet(look))
    box.setPalette(theme.palette(look))
    box.show()

    def greatest_contrast(ground: str) -> float:
        picture = box.grab(QRect(0, 0, 22, box.height())).toImage()
        pixels = (picture.pixelColor(x, y).name() for x in range(2, 22) for y in range(2, picture.height() - 2))
        return max(contrast(pixel, ground) for pixel in pixels)

    assert greatest_contrast(look.surface) >= LEAST_OF_CONTROLS
    box.setChecked(True)
    assert greatest_contrast(look.accent) >= LEAST_OF_CONTROLS
    assert greatest_contrast(look.surface) >= LEAST_OF_CONTROLS


@pytest.mark.parametrize("look", [theme.DARK, theme.LIGHT], ids=lambda look: look.name)
def test_the_chosen_entry_of_a_list_can_be_read(qtbot: QtBot, look: theme.Theme) -> None:
    """It was white on white: a list that drops down takes its letters' colour from elsewhere than its ground."""
    box = QComboBox()
    qtbot.addWidget(box)
    box.addItems(["MMMMMM", "other"])
    box.setStyleSheet(theme.stylesheet(look))
    box.setPalette(theme.palette(look))
    box.show()
    box.showPopup()
    row = box.view().visualRect(box.model().index(0, 0))
    picture = box.view().viewport().grab(row).toImage()
    colours = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
    box.hidePopup()
    assert max(contrast(colour, look.raised) for colour in colours) >= LEAST_CONTRAST


def test_an_unknown_theme_is_the_dark_one() -> None:
    assert theme.named("pink") is theme.DARK


def icon_names() -> list[str]:
    return sorted(path.stem for path in (resources.FOLDER / "icons").glob("*.svg"))


@pytest.mark.parametrize("name", icon_names())
def test_icons_are_one_family_and_take_a_colour(name: str, qtbot: QtBot) -> None:
    drawing = resources.icon_path(name).read_text(encoding="utf-8")
    assert 'viewBox="0 0 24 24"' in drawing
    assert not re.search(r"#[0-9a-fA-F]{3,6}", drawing), "a colour of its own"
    picture = assets.pixmap(name, colour="#ff0000", ratio=2.0).toImage()
    inked = [
        QColor(picture.pixelColor(x, y))
        for x in range(picture.width())
        for y in range(picture.height())
        if picture.pixelColor(x, y).alpha() > 200
    ]
    assert inked, "nothing is drawn"
    assert {colour.name() for colour in inked} == {"#ff0000"}


def test_every_icon_that_is_asked_for_is_there_and_every_one_is_used() -> None:
    asked = {info.icon for info in ACTIONS if info.icon}
    code = "\n".join(path.read_text(encoding="utf-8") for path in Path("boneage_gui").rglob("*.py"))
    assert asked <= set(icon_names())
    unused = [name for name in icon_names() if f'"{name}"' not in code]
    assert unused == []
