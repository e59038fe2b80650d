"""The keys that belong to the view itself; all others are the window's actions."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from boneage_gui.widgets.radiograph_view.measuring import Tool
from boneage_gui.widgets.radiograph_view.measuring_view import MeasuringView
from boneage_gui.widgets.radiograph_view.mouse import Mouse

PAN_PX = 60.0
CROSSHAIR_PX = 10.0
FINE_PX = 1.0
WINDOW_PX = 12.0

_ARROWS = {
    Qt.Key.Key_Left: QPointF(-1, 0),
    Qt.Key.Key_Right: QPointF(1, 0),
    Qt.Key.Key_Up: QPointF(0, -1),
    Qt.Key.Key_Down: QPointF(0, 1),
}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_REMOVE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_MODIFIERS = (
    Qt.KeyboardModifier.ShiftModifier
    | Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


def claims(view: MeasuringView, event: QKeyEvent) -> bool:
    """Whether the view wants this key before any shortcut of the window gets it."""
    if not view.has_radiograph():
        return False
    key, modifiers = Qt.Key(event.key()), event.modifiers() & _MODIFIERS
    if key in _ARROWS:
        return modifiers in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.ShiftModifier,
            Qt.KeyboardModifier.ControlModifier,
        )
    if modifiers != Qt.KeyboardModifier.NoModifier:
        return False
    if key == Qt.Key.Key_Space:
        return True
    if key == Qt.Key.Key_M:
        return bool(view.measurements())
    if key in _ENTER:
        return view.tool() is not Tool.WINDOW
    if key == Qt.Key.Key_Escape:
        return view.tool() is not Tool.WINDOW or view.has_selection()
    return key in _REMOVE and view.has_selection()


def press(view: MeasuringView, mouse: Mouse, event: QKeyEvent) -> bool:
    """Do what the key says, Space with the mouse; False where it is not the view's."""
    if not claims(view, event):
        return False
    key = Qt.Key(event.key())
    if key in _ARROWS:
        _arrow(view, _ARROWS[key], event.modifiers())
    elif key == Qt.Key.Key_Space:
        mouse.hold_space(True)
    elif key == Qt.Key.Key_M:
        view.select_next()
    elif key in _ENTER:
        view.place_at_crosshair()
    elif key == Qt.Key.Key_Escape:
        view.step_back()
    else:
        view.remove_selected()
    return True


def _arrow(view: MeasuringView, way: QPointF, modifiers: Qt.KeyboardModifier) -> None:
    fine = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
    if modifiers & Qt.KeyboardModifier.ControlModifier:
        view.drag_window(right_px=way.x() * WINDOW_PX, down_px=way.y() * WINDOW_PX)
    elif view.tool() is not Tool.WINDOW:
        view.move_crosshair(way * (FINE_PX if fine else CROSSHAIR_PX))
    else:
        view.move_by(way * (-FINE_PX if fine else -PAN_PX))
