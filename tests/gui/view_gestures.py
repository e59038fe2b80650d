"""Gestures on a radiograph viewer, and looks at its screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from boneage_gui.widgets.radiograph_view import RadiographView, Window
from trainer.radiograph import Radiograph

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
NONE = Qt.MouseButton.NoButton
PLAIN = Qt.KeyboardModifier.NoModifier
WIDTH, HEIGHT = 400, 300
FULL = Window(centre=0.5, width=1.0)


def radiograph(pixels: npt.NDArray[np.float32] | None = None, **facts: Any) -> Radiograph:
    """A radiograph whose every pixel has its own value, 60 rows by 80 columns, unless pixels are given."""
    if pixels is None:
        pixels = np.linspace(0, 1, 60 * 80, dtype=np.float32).reshape(60, 80)
    return Radiograph(pixels=pixels, source=Path("hand.png"), **facts)


@pytest.fixture
def view(qtbot: QtBot) -> RadiographView:
    """A viewer of a known size with a radiograph in it."""
    made = RadiographView()
    qtbot.addWidget(made)
    made.resize(WIDTH, HEIGHT)
    made.show()
    made.show_radiograph(radiograph())
    return made


def send(
    view: RadiographView,
    kind: QEvent.Type,
    at: QPointF,
    button: Qt.MouseButton = NONE,
    modifiers: Qt.KeyboardModifier = PLAIN,
) -> None:
    QApplication.sendEvent(view, QMouseEvent(kind, at, view.mapToGlobal(at), button, button, modifiers))


def drag(
    view: RadiographView,
    start: QPointF,
    *by: QPointF,
    button: Qt.MouseButton = LEFT,
    modifiers: Qt.KeyboardModifier = PLAIN,
) -> None:
    send(view, QEvent.Type.MouseButtonPress, start, button, modifiers)
    for step in by:
        start = start + step
        send(view, QEvent.Type.MouseMove, start, NONE, modifiers)
    send(view, QEvent.Type.MouseButtonRelease, start, button, modifiers)


def wheel(view: RadiographView, at: QPointF, notches: float) -> None:
    angle = QPoint(0, round(120 * notches))
    event = QWheelEvent(at, view.mapToGlobal(at), QPoint(), angle, NONE, PLAIN, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(view, event)


def under(view: RadiographView, at: QPointF) -> QPointF:
    return view.picture_to_view().inverted()[0].map(at)


def grey(image: QImage, x: float, y: float) -> int:
    """The grey of a snapshot's pixel at a logical position."""
    ratio = image.devicePixelRatio()
    colour = image.pixelColor(int(x * ratio), int(y * ratio))
    assert colour.red() == colour.green() == colour.blue()
    return colour.red()


def near(point: QPointF, other: QPointF, within: float = 1e-6) -> bool:
    away = point - other
    return abs(away.x()) < within and abs(away.y()) < within
