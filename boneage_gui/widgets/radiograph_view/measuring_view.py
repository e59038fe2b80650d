"""The middle of the viewer: lengths and angles, set by pointer or crosshair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Signal
from PySide6.QtWidgets import QWidget

from boneage_gui.widgets.radiograph_view.film_view import FilmView
from boneage_gui.widgets.radiograph_view.measuring import Handle, Tool
from boneage_gui.widgets.radiograph_view.probe import probe_at
from trainer.radiograph import Radiograph

if TYPE_CHECKING:
    from boneage_gui.work.levels import Levels


class MeasuringView(FilmView):
    """A radiograph that can be measured and probed."""

    measured = Signal(str)  # "42.3 mm (at detector)", whenever a measurement is finished or corrected
    tool_changed = Signal(object)  # Tool, also when the view itself put it away

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tool = Tool.WINDOW

    def show_radiograph(self, radiograph: Radiograph | None, levels: Levels | None = None) -> None:
        """As FilmView; the tool stays in hand, measurements go with their radiograph."""
        super().show_radiograph(radiograph, levels)
        if self._scene:
            self._scene.measuring.tool = self._tool

    def tool(self) -> Tool:
        """What the left button does now."""
        return self._tool

    def set_tool(self, tool: Tool) -> None:
        """Change what the left button does; an unfinished measurement goes."""
        if self._scene:
            self._scene.measuring.take(tool)
        changed, self._tool = tool is not self._tool, tool
        self.update()
        if changed:
            self.tool_changed.emit(tool)

    def clear_measurements(self) -> None:
        """Remove all lengths and angles."""
        if self._scene:
            self._scene.measuring.clear()
            self.update()

    def undo_measuring(self) -> None:
        """Take back the last point, measurement, correction or removal."""
        if self._scene and self._scene.measuring.undo():
            self.update()

    def measurements(self) -> list[str]:
        """The labels of all finished measurements, oldest first."""
        scene = self._scene
        return [one.label(scene.ruler) for one in scene.measuring.done] if scene else []

    def has_selection(self) -> bool:
        """Whether a measurement is selected."""
        return self._scene is not None and self._scene.measuring.selected is not None

    def select(self, number: int) -> None:
        """Select one measurement by its place among `measurements`."""
        if self._scene and 0 <= number < len(self._scene.measuring.done):
            self._scene.measuring.selected = number
            self.update()

    def select_next(self) -> None:
        """Select the next measurement in turn."""
        if self._scene and self._scene.measuring.select_next():
            self.update()

    def remove_selected(self) -> None:
        """Remove the selected measurement; the latest of the others is selected then."""
        if self._scene and self._scene.measuring.remove_selected():
            self.update()

    def place_point(self, position: QPointF) -> None:
        """Set the next point of a measurement, in logical pixels; outside, the nearest point of the edge."""
        if self._scene:
            self._place_point(self._scene.on_picture(position))

    def place_at_crosshair(self) -> None:
        """Set the next point where the crosshair is; bring the crosshair out if it is not there yet."""
        if self._scene and self._scene.measuring.crosshair is None:
            self.move_crosshair(QPointF(0, 0))
        elif self._scene and self._scene.measuring.crosshair is not None:
            self._place_point(self._scene.measuring.crosshair)

    def move_crosshair(self, by: QPointF) -> None:
        """Move the keyboard's pointer, in logical pixels as seen; it starts in the middle of the view."""
        scene = self._scene
        if not scene:
            return
        measuring = scene.measuring
        middle = QPointF(self.width() / 2, self.height() / 2)
        here = middle if measuring.crosshair is None else scene.placement.to_view(measuring.crosshair)
        measuring.crosshair = scene.on_picture(here + by)
        measuring.loose = measuring.crosshair
        self._keep_in_sight(measuring.crosshair)
        self.probed.emit(probe_at(scene.radiograph, measuring.crosshair))
        self.update()

    def _has_crosshair(self) -> bool:
        return self._scene is not None and self._scene.measuring.crosshair is not None

    def hide_crosshair(self) -> None:
        """The mouse has taken over."""
        if self._scene and self._scene.measuring.crosshair is not None:
            self._scene.measuring.crosshair = None
            self.update()

    def point_loosely_at(self, position: QPointF) -> None:
        """Let the unfinished measurement follow the pointer."""
        if self._scene and self._scene.measuring.placed:
            self._scene.measuring.loose = self._scene.on_picture(position)
            self.update()

    def handle_at(self, position: QPointF, reach_px: float) -> Handle | None:
        """The end of a finished measurement near a point of the view."""
        scene = self._scene
        if not scene or scene.measuring.placed:
            return None
        return scene.measuring.handle_at(scene.placement.to_picture(position), scene.reach(reach_px))

    def take_handle(self, handle: Handle) -> None:
        """Select the measurement whose end is about to be moved."""
        if self._scene:
            self._scene.measuring.remember()
            self.select(handle.measurement)

    def move_handle(self, handle: Handle, position: QPointF) -> None:
        """Put one end of a measurement elsewhere."""
        if self._scene:
            self._scene.measuring.move_handle(handle, self._scene.on_picture(position))
            self.update()

    def tell_measured(self, number: int) -> None:
        """Say what a measurement is now."""
        self.measured.emit(self.measurements()[number])

    def step_back(self) -> None:
        """Give up the unfinished measurement; with none, put the tool away; with none, the selection."""
        scene = self._scene
        if scene and scene.measuring.cancel():
            self.update()
        elif self._tool is not Tool.WINDOW:
            self.set_tool(Tool.WINDOW)
        elif scene:
            scene.measuring.selected = None
            self.update()

    def probe_at(self, position: QPointF) -> None:
        """Say what lies under a point of the view."""
        if self._scene:
            self.probed.emit(probe_at(self._scene.radiograph, self._scene.placement.to_picture(position)))

    def _place_point(self, point: QPointF) -> None:
        if self._scene is None:
            return
        if self._scene.measuring.place(point) is not None:
            self.tell_measured(-1)
        self.update()

    def _keep_in_sight(self, point: QPointF) -> None:
        if self._scene is None:
            return
        at, edge = self._scene.placement.to_view(point), 24
        by = QPointF(
            min(0.0, self.width() - edge - at.x()) + max(0.0, edge - at.x()),
            min(0.0, self.height() - edge - at.y()) + max(0.0, edge - at.y()),
        )
        if not by.isNull() and not self._scene.fitted:
            self.move_by(by)
