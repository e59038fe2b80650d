"""The radiograph viewer: draws one radiograph and answers mouse, keys and dropped files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from boneage_gui.widgets.radiograph_view import keyboard
from boneage_gui.widgets.radiograph_view.ink import Ink, line_pen
from boneage_gui.widgets.radiograph_view.measuring import Tool
from boneage_gui.widgets.radiograph_view.measuring_view import MeasuringView
from boneage_gui.widgets.radiograph_view.mouse import Mouse
from trainer.radiograph import Radiograph

if TYPE_CHECKING:
    from boneage_gui.work.levels import Levels

# What hand and keys do on the view itself, for the list of shortcuts: (gesture, what it does).
GESTURES: tuple[tuple[str, str], ...] = (
    ("Left drag", "Window and level: right widens, up brightens; with Shift in fine steps"),
    ("Double-click", "Full window"),
    ("Middle drag, Space + drag", "Pan"),
    ("Wheel", "Zoom at the cursor"),
    ("Right drag", "Zoom where the drag began"),
    ("Arrow keys", "Pan; with Shift by one pixel"),
    ("Ctrl + arrow keys", "Window and level"),
    ("Arrow keys, with length or angle", "Move the crosshair; with Shift by one pixel"),
    ("Enter, with length or angle", "Set a point at the crosshair"),
    ("Drag a point", "Correct a measurement"),
    ("M", "Select the next measurement"),
    ("Delete", "Remove the selected measurement"),
    ("Esc", "Cancel the measurement, then put the tool away"),
)


class RadiographView(MeasuringView):
    """Draws one radiograph. Owns window, zoom, orientation and measurements; has no menus."""

    files_dropped = Signal(list)  # list[Path], files and folders

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mouse = Mouse(self)
        self._pointer: QPointF | None = None  # where it rests on the view
        self.display_changed.connect(self._probe_again)
        self._dropping = False
        self._focus_by_key = False
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_radiograph(self, radiograph: Radiograph | None, levels: Levels | None = None) -> None:
        """Show it fitted, upright, in its full range, without measurements; None clears the view."""
        self._mouse.let_go()
        super().show_radiograph(radiograph, levels)
        self._mouse.update_cursor()
        self.repaint()  # before what comes next, the model's answer above all, takes the processor

    def set_tool(self, tool: Tool) -> None:
        """As MeasuringView, and the pointer shows it."""
        super().set_tool(tool)
        self._mouse.update_cursor()

    # Qt's events

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw; the frame shows where keys go, and where files would fall."""
        painter = QPainter(self)
        self._draw(painter, dropping=self._dropping, handling=True)
        if self._dropping or (self._focus_by_key and self.hasFocus()):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(line_pen(Ink.of(self.palette(), self.font()).accent, 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A fitted radiograph stays fitted."""
        super().resizeEvent(event)
        self._resized()

    def event(self, event: QEvent) -> bool:
        """Claim the view's own keys before the window's shortcuts; follow the screen and the touchpad."""
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if keyboard.claims(self, event):
                event.accept()
                return True
        elif kind == QEvent.Type.DevicePixelRatioChange:
            self._resized()
        elif isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_by(1 + event.value(), at=event.position())
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a gesture."""
        self._mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with it, and probe."""
        self._pointer = event.position()
        self._mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End it."""
        self._mouse.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Reset the window."""
        self._mouse.double_click(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the cursor."""
        self._mouse.wheel(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """It may come to rest without another move."""
        self._pointer = event.position()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer now."""
        self._pointer = None
        self.probed.emit(None)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The view's own keys; others go on to the window."""
        if not keyboard.press(self, self._mouse, event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space let go: the left button is the tool's again."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._mouse.hold_space(False)
        super().keyReleaseEvent(event)

    def clear_measurements(self) -> None:
        """As MeasuringView; an end that is held is let go, for its measurement is no more."""
        self._mouse.let_go()
        super().clear_measurements()

    def undo_measuring(self) -> None:
        """As MeasuringView; an end that is held is let go."""
        self._mouse.let_go()
        super().undo_measuring()

    def remove_selected(self) -> None:
        """As MeasuringView; an end that is held is let go."""
        self._mouse.let_go()
        super().remove_selected()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the frame only to those who came by key."""
        self._focus_by_key = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
            Qt.FocusReason.ShortcutFocusReason,
        )
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A key let go elsewhere is not seen here."""
        self._mouse.let_go()
        super().focusOutEvent(event)
        self.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders of this computer, nothing else."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            self._set_dropping(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They went elsewhere."""
        self._set_dropping(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand the paths on."""
        self._set_dropping(False)
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.files_dropped.emit(paths)

    def _probe_again(self) -> None:
        """Another pixel came under a pointer that rests; the crosshair keeps its own."""
        if self._pointer is not None and not self._has_crosshair():
            self.probe_at(self._pointer)

    def _set_dropping(self, dropping: bool) -> None:
        self._dropping = dropping
        self.update()
