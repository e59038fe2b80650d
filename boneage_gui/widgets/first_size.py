"""How large a window opens: as large as it likes to be, never larger than the screen leaves it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

FRAME_PX: Final = (16, 40)  # what a desktop puts around a window; it tells only once the window is there
ENDLESS_PX: Final = 16_777_215  # Qt's QWIDGETSIZE_MAX


def open_at(window: QWidget, first_px: tuple[int, int], least_px: tuple[int, int] | None = None) -> None:
    """Give a window its first and its smallest size, both within the screen's room for it."""
    room = room_for(window)
    if least_px is not None:
        window.setMinimumSize(QSize(*least_px).boundedTo(room))
    window.resize(QSize(*first_px).boundedTo(room))


def room_for(window: QWidget) -> QSize:
    """Return how large a window may be, in logical pixels; a picture drawn into memory has all the room it wants."""
    if QGuiApplication.platformName() == "offscreen":
        return QSize(ENDLESS_PX, ENDLESS_PX)
    return window.screen().availableGeometry().size() - QSize(*FRAME_PX)
