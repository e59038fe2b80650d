"""What the mouse does on the view: the gestures that hands already know from other viewers."""

from __future__ import annotations

import math
from enum import Enum

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent

from boneage_gui.widgets.radiograph_view.measuring import Handle, Tool
from boneage_gui.widgets.radiograph_view.measuring_view import MeasuringView

SLACK_PX = 3.0  # a click whose hand trembles is still a click
GRIP_PX = 8.0  # how near a measurement's end must be taken
ZOOM_PX = 160.0  # a right drag this long zooms by e
NOTCH = 1.18  # zoom of one wheel notch
FINE = 0.2  # with Shift


class Drag(Enum):
    """What the drag that goes on does."""

    NONE = "none"
    WINDOW = "window"
    PAN = "pan"
    ZOOM = "zoom"
    MEASURE = "measure"
    HANDLE = "handle"


class Mouse:
    """Turns the view's mouse events into changes of the view."""

    def __init__(self, view: MeasuringView) -> None:
        self._view = view
        self._drag = Drag.NONE
        self._button = Qt.MouseButton.NoButton
        self._start = QPointF()
        self._last = QPointF()
        self._beyond_slack = False
        self._handle: Handle | None = None
        self.space_held = False

    def press(self, event: QMouseEvent) -> None:
        """Decide what the drag will be; set a point where a tool is in hand."""
        if self._drag is not Drag.NONE:  # a second button during a drag changes nothing
            return
        self._start = self._last = event.position()
        self._beyond_slack = False
        self._button = event.button()
        self._drag = self._chosen(event)
        if self._drag is Drag.MEASURE:
            self._view.place_point(event.position())
        self.update_cursor(event.position())

    def move(self, event: QMouseEvent) -> None:
        """Go on with the drag, or show what would be taken."""
        position = event.position()
        self._view.hide_crosshair()
        if not self._beyond_slack:
            away = position - self._start
            self._beyond_slack = math.hypot(away.x(), away.y()) > SLACK_PX
        if self._drag in (Drag.NONE, Drag.MEASURE):
            self._view.point_loosely_at(position)
        elif self._beyond_slack:
            self._go_on(position, fine=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        self._view.probe_at(position)
        self.update_cursor(position)

    def release(self, event: QMouseEvent) -> None:
        """End the drag; a measurement that was dragged is finished where the button comes up."""
        if event.button() != self._button:
            return
        if self._drag is Drag.MEASURE and self._beyond_slack:
            self._view.place_point(event.position())
        if self._drag is Drag.HANDLE and self._handle is not None and self._beyond_slack:
            self._view.tell_measured(self._handle.measurement)
        self._drag, self._button, self._handle = Drag.NONE, Qt.MouseButton.NoButton, None
        self.update_cursor(event.position())

    def double_click(self, event: QMouseEvent) -> None:
        """Reset the window; with a tool in hand it is only the second click."""
        plain = event.button() == Qt.MouseButton.LeftButton and not self.space_held
        if plain and self._view.tool() is Tool.WINDOW and self._grip(event.position()) is None:
            self._view.reset_window()
        else:
            self.press(event)

    def wheel(self, event: QWheelEvent) -> None:
        """Zoom at the cursor, smoothly on wheels and pads that report less than a notch."""
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120
        if notches:
            self._view.zoom_by(NOTCH**notches, at=event.position())
            self._view.probe_at(event.position())
        event.accept()

    def hold_space(self, held: bool) -> None:
        """While Space is held, the left button pans."""
        self.space_held = held
        self.update_cursor()

    def let_go(self) -> None:
        """Forget a drag whose end will not be seen."""
        self._drag, self._button, self._handle = Drag.NONE, Qt.MouseButton.NoButton, None
        self.space_held = False
        self._view.unsetCursor()

    def update_cursor(self, position: QPointF | None = None) -> None:
        """The pointer says what a press would do."""
        view = self._view
        if not view.has_radiograph():
            view.unsetCursor()
        elif self._drag is Drag.PAN:
            view.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self.space_held:
            view.setCursor(Qt.CursorShape.OpenHandCursor)
        elif self._drag is Drag.HANDLE or (position is not None and self._grip(position) is not None):
            view.setCursor(Qt.CursorShape.SizeAllCursor)
        elif view.tool() is not Tool.WINDOW:
            view.setCursor(Qt.CursorShape.CrossCursor)
        else:
            view.unsetCursor()

    def _chosen(self, event: QMouseEvent) -> Drag:
        if not self._view.has_radiograph():
            return Drag.NONE
        if event.button() == Qt.MouseButton.MiddleButton:
            return Drag.PAN
        if event.button() == Qt.MouseButton.RightButton:
            return Drag.ZOOM
        if event.button() != Qt.MouseButton.LeftButton:
            return Drag.NONE
        if self.space_held:
            return Drag.PAN
        self._handle = self._grip(event.position())
        if self._handle is not None:
            self._view.take_handle(self._handle)
            return Drag.HANDLE
        return Drag.WINDOW if self._view.tool() is Tool.WINDOW else Drag.MEASURE

    def _grip(self, position: QPointF) -> Handle | None:
        return self._view.handle_at(position, GRIP_PX)

    def _go_on(self, position: QPointF, *, fine: bool) -> None:
        by = position - self._last
        self._last = position
        if self._drag is Drag.PAN:
            self._view.move_by(by)
        elif self._drag is Drag.ZOOM:
            self._view.zoom_by(math.exp(-by.y() / ZOOM_PX), at=self._start)
        elif self._drag is Drag.WINDOW:
            share = FINE if fine else 1.0
            self._view.drag_window(right_px=by.x() * share, down_px=by.y() * share)
        elif self._drag is Drag.HANDLE and self._handle is not None:
            self._view.move_handle(self._handle, position)
