"""Two looks, dark for the reading room and light: a palette and one small stylesheet each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The colours of one look, as #rrggbb."""

    name: str
    window: str  # behind everything
    surface: str  # panels and menus
    field: str  # what is typed into, and buttons
    raised: str  # under the mouse
    line: str  # hairlines
    text: str
    muted: str  # second-rank text, still readable
    disabled: str
    accent: str  # the one accent colour
    on_accent: str
    caution: str
    picture: str  # around the radiograph: black in both, the eye needs it


DARK = Theme(
    name="dark",
    window="#0d0f12",
    surface="#15181d",
    field="#1f242b",
    raised="#2a313a",
    line="#2b313a",
    text="#e7eaee",
    muted="#9aa5b1",
    disabled="#5d6772",
    accent="#4cc2d6",
    on_accent="#06181c",
    caution="#f0b354",
    picture="#000000",
)
LIGHT = Theme(
    name="light",
    window="#e9ecef",
    surface="#f8f9fa",
    field="#ffffff",
    raised="#e3e8ec",
    line="#cfd6dc",
    text="#161b21",
    muted="#53606c",
    disabled="#9aa4ad",
    accent="#0b6f84",
    on_accent="#ffffff",
    caution="#8a5300",
    picture="#000000",
)

_current = DARK


def named(name: str) -> Theme:
    """The theme of that name; dark for any other."""
    return LIGHT if name == LIGHT.name else DARK


def current() -> Theme:
    """The theme in use, for what paints itself."""
    return _current


def apply(application: QApplication, theme: Theme) -> None:
    """Put a theme on the whole application."""
    global _current  # noqa: PLW0603 - as process-wide as the palette it belongs to
    _current = theme
    application.setStyle("Fusion")
    application.setPalette(palette(theme))
    application.setStyleSheet(stylesheet(theme))


def palette(theme: Theme) -> QPalette:
    """The colours as Qt's widgets ask for them."""
    colours = QPalette()
    role = QPalette.ColorRole
    for which, colour in {
        role.Window: theme.surface,
        role.WindowText: theme.text,
        role.Base: theme.field,
        role.AlternateBase: theme.surface,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.field,
        role.ButtonText: theme.text,
        role.BrightText: theme.caution,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Light: theme.raised,
        role.Midlight: theme.line,
        role.Mid: theme.line,
        role.Dark: theme.window,
        role.Shadow: theme.window,
        role.Accent: theme.accent,
    }.items():
        colours.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        colours.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.disabled))
    return colours


def stylesheet(theme: Theme) -> str:
    """What a palette cannot say: spacing, hairlines, the rank of text."""
    values = {field: getattr(theme, field) for field in Theme.__slots__}
    sheet = _SHEET
    for field, value in values.items():
        sheet = sheet.replace(f"@{field};", f"{value};").replace(f"@{field} ", f"{value} ")
    signs = {"@chevron": theme.muted, "@tick-off": theme.disabled, "@tick": theme.on_accent}
    for word, colour in signs.items():
        sheet = sheet.replace(word, _sign(word.strip("@").removesuffix("-off"), colour))
    return sheet


@cache
def _sign(name: str, colour: str) -> str:
    """The path of a widget's sign: a stylesheet takes pictures from files alone, and none in a theme's colour."""
    path = Path(_signs().name) / f"{name}-{colour.removeprefix('#')}.svg"
    path.write_text(_SIGN.format(line=_LINES[name], colour=colour), encoding="utf-8")
    return path.as_posix()


@cache
def _signs() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="boneage-", ignore_cleanup_errors=True)


_SIGN = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 12 12" width="12" height="12"><path d="{line}" fill="none"'
    ' stroke="{colour}" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/></svg>'
)
_LINES = {"chevron": "M2.5 4.5 6 8l3.5-3.5", "tick": "M2 6.2 4.8 9 10 3.2"}
_SHEET = """
QMainWindow, QWidget#desk { background: @window; }
QToolTip { color: @text; background: @raised; border: 1px solid @line; padding: 4px 6px; }

QMenuBar { background: @surface; padding: 2px 6px; border-bottom: 1px solid @line; }
QMenuBar::item { padding: 5px 10px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: @raised; }
QMenu { background: @surface; border: 1px solid @line; padding: 5px; }
QMenu::item { padding: 6px 26px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: @raised; }
QMenu::item:disabled { color: @disabled; }
QMenu::separator { height: 1px; background: @line; margin: 5px 8px; }
QMenu::icon { padding-left: 10px; }

QToolBar { background: @surface; border: none; border-bottom: 1px solid @line; padding: 2px 5px; spacing: 1px; }
QToolBar::separator { background: @line; width: 1px; margin: 5px 4px; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 5px; padding: 3px; }
QToolButton:hover { background: @raised; }
QToolButton:checked { background: @field; border-color: @accent; }
QToolButton:pressed { background: @line; }
QToolButton:focus { border-color: @accent; }

QStatusBar { background: @surface; border-top: 1px solid @line; color: @muted; min-height: 26px; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: @muted; padding: 0 10px; }

QPushButton { background: @field; border: 1px solid @line; border-radius: 5px; padding: 6px 14px; }
QPushButton:hover { background: @raised; }
QPushButton:focus { border-color: @accent; }
QPushButton:checked { background: @accent; border-color: @accent; color: @on_accent; }
QPushButton:checked:focus { border-color: @text; }
QPushButton:disabled { color: @disabled; }
QPushButton:default { border-color: @accent; }
QPushButton[asking="true"] { border-color: @caution; }
QPushButton[asking="true"]:focus { border: 2px solid @accent; padding: 5px 13px; }

QPushButton#badge { background: transparent; border: 1px solid transparent; padding: 1px 6px; color: @accent; }
QPushButton#badge:hover { background: @raised; }
QPushButton#badge:focus { border-color: @accent; }

QPushButton[primary="true"] { background: @accent; border-color: @accent; color: @on_accent; font-weight: 600; }
QPushButton[primary="true"]:hover { border-color: @text; }
QPushButton[primary="true"]:focus { border-color: @text; }
QPushButton[primary="true"]:disabled { background: @field; border-color: @line; color: @disabled; }
QPushButton[quiet="true"] { background: transparent; border-color: transparent; color: @muted; padding: 4px 8px; }
QPushButton[quiet="true"]:hover { background: @raised; color: @text; }
QPushButton[quiet="true"]:focus { border-color: @accent; }
QPushButton[quiet="true"]:disabled { color: @disabled; }
QPushButton[fold="true"] { background: transparent; border-color: transparent; text-align: left; padding: 6px 4px; }
QPushButton[fold="true"] { color: @muted; font-size: 11px; font-weight: 600; letter-spacing: 1px; }
QPushButton[fold="true"]:hover { color: @text; background: @raised; }
QPushButton[fold="true"]:focus { border-color: @accent; }

QLineEdit, QComboBox, QSpinBox { background: @field; border: 1px solid @line; border-radius: 5px; padding: 5px 8px; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus { border-color: @accent; }
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled { color: @disabled; }
QLineEdit[wrong="true"], QComboBox[wrong="true"] { border-color: @caution; }
QComboBox:hover { background: @raised; }
QComboBox QLineEdit { background: transparent; border: none; padding: 0; }
QComboBox::drop-down { subcontrol-position: center right; width: 24px; border: none; }
QComboBox::down-arrow { image: url("@chevron"); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @surface; border: 1px solid @line; padding: 4px; outline: 0;
    selection-color: @text; selection-background-color: @raised; }
QComboBox QAbstractItemView::item { padding: 5px 8px; min-height: 18px; border-radius: 4px; }
QComboBox QAbstractItemView::item:selected { background: @raised; color: @text; }
QCheckBox, QRadioButton { spacing: 8px; padding: 3px; border: 1px solid transparent; border-radius: 4px; }
QCheckBox:focus, QRadioButton:focus { border-color: @accent; }
QCheckBox::indicator { width: 14px; height: 14px; background: @field; border: 1px solid @muted; border-radius: 3px; }
QCheckBox::indicator:hover { border-color: @text; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; image: url("@tick"); }
QCheckBox::indicator:disabled { border-color: @disabled; }
QCheckBox::indicator:checked:disabled { background: @field; image: url("@tick-off"); }

QTabWidget::pane { border: none; border-top: 1px solid @line; }
QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: @muted; padding: 8px 14px; border: 1px solid transparent; }
QTabBar::tab { border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: @text; background: @raised; }
QTabBar::tab:selected { color: @text; border-bottom-color: @accent; }
QTabBar::tab:disabled { color: @disabled; }
QTabBar:focus { outline: 0; }
QTabBar::tab:selected:focus { border-color: @accent; }

QProgressBar { background: @field; border: none; border-radius: 1px; }
QProgressBar::chunk { background: @accent; border-radius: 1px; }
QProgressBar[tall="true"] { background: @raised; border-radius: 4px; min-height: 8px; max-height: 8px; }
QProgressBar[tall="true"]::chunk { border-radius: 4px; }

QScrollArea { border: none; background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @disabled; border-radius: 4px; min-height: 28px; min-width: 28px; margin: 1px; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QFrame#panel { background: @surface; border: none; border-left: 1px solid @line; }
QFrame#panel QScrollArea > QWidget > QWidget { background: @surface; }
QFrame#rule { background: @line; border: none; max-height: 1px; min-height: 1px; }
QLabel[rank="section"] { color: @muted; font-size: 11px; font-weight: 600; letter-spacing: 1px; }
QLabel[rank="muted"] { color: @muted; }
QLabel[rank="small"] { color: @muted; font-size: 12px; }
QLabel[rank="caution"] { color: @caution; }
QLabel[rank="wrong"] { color: @caution; font-size: 12px; }
QLabel[rank="accent"] { color: @accent; }
QLabel[rank="fact"] { font-size: 14px; font-weight: 600; }
QLabel[rank="figure"] { font-size: 17px; font-weight: 600; }
QLabel[rank="flagged"] { color: @caution; font-size: 17px; font-weight: 600; }
QLabel[rank="state"] { font-size: 20px; font-weight: 600; }
QLabel[rank="verdict"] { font-size: 32px; font-weight: 600; }
QLabel[rank="title"] { font-size: 22px; font-weight: 600; }
QLabel#researchUse { color: @caution; font-weight: 600; padding: 10px 20px; border-top: 1px solid @line; }
QFrame#choice { background: @surface; border: none; }
QFrame#banner { background: @field; border: none; border-left: 4px solid @caution; border-bottom: 1px solid @line; }
QFrame#offer { background: @field; border: none; border-left: 4px solid @accent; border-top: 1px solid @line; }
QPushButton[small="true"] { padding: 4px 8px; }
QFrame#bar { background: @surface; border: none; border-bottom: 1px solid @line; }
QFrame#recipe { background: @surface; border: none; border-right: 1px solid @line; }
QFrame#recipe QScrollArea > QWidget > QWidget { background: @surface; }
QFrame#summary { background: @surface; border: none; border-top: 1px solid @line; }
QFrame#step[marked="true"] { background: @field; }
QFrame#step QSpinBox, QFrame#step QDoubleSpinBox, QFrame#bar QSpinBox {
    background: @field; border: 1px solid @line; border-radius: 4px; padding: 1px 4px; }
QFrame#bar QSpinBox { padding: 5px 6px; }
QDialog QSpinBox::up-button, QDialog QSpinBox::down-button,
QFrame#step QSpinBox::up-button, QFrame#step QSpinBox::down-button, QFrame#bar QSpinBox::up-button,
QFrame#bar QSpinBox::down-button, QFrame#step QDoubleSpinBox::up-button, QFrame#step QDoubleSpinBox::down-button {
    subcontrol-origin: border; subcontrol-position: top right; width: 0px; border: none; }
QFrame#step QSpinBox:focus, QFrame#step QDoubleSpinBox:focus { border-color: @accent; }
QFrame#step QSpinBox:disabled, QFrame#step QDoubleSpinBox:disabled { color: @disabled; }
QSplitter::handle { background: @line; }
QSplitter::handle:hover { background: @accent; }
QListWidget#models { background: @field; border: 1px solid @line; border-radius: 5px; padding: 5px; outline: 0; }
QListWidget#models::item { padding: 8px 10px; border-radius: 4px; }
QListWidget#models::item:selected { background: @raised; color: @text; }
QTextBrowser { background: @field; border: 1px solid @line; border-radius: 5px; padding: 8px; }
QTableView { background: @surface; border: 1px solid @line; border-radius: 5px; gridline-color: @line; }
QTableView { selection-background-color: @raised; selection-color: @text; alternate-background-color: @field; }
QTableView:focus { border-color: @accent; }
QTableView::item { padding: 4px 8px; border: none; }
QHeaderView { background: @surface; border: none; }
QHeaderView::section { background: @surface; color: @muted; border: none; padding: 6px 11px; font-weight: 600; }
QHeaderView::section:horizontal { border-bottom: 1px solid @line; }
QTableCornerButton::section { background: @surface; border: none; }
QPlainTextEdit { background: @field; border: 1px solid @line; border-radius: 5px; padding: 4px 6px; }
QPlainTextEdit:focus { border-color: @accent; }
QFrame#card { background: @field; border: 1px solid @line; border-radius: 6px; }
QWidget#dropArea { background: @field; border: 1px dashed @disabled; border-radius: 6px; }
QWidget#dropArea[over="true"] { border-color: @accent; background: @raised; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: @line; }
"""
