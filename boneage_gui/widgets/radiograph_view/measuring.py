"""The measurements on a view and the one being made; knows points, neither mouse nor keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from PySide6.QtCore import QPointF

from boneage_gui.widgets.radiograph_view.measurement import Measurement


class Tool(Enum):
    """What the left button does."""

    WINDOW = "window"
    LENGTH = "length"
    ANGLE = "angle"

    @property
    def points(self) -> int:
        """How many points finish a measurement; 0 where the tool measures nothing."""
        return {Tool.WINDOW: 0, Tool.LENGTH: 2, Tool.ANGLE: 3}[self]


@dataclass(frozen=True, slots=True)
class Handle:
    """One end of one measurement."""

    measurement: int
    point: int


MOST_STEPS = 100  # that can be taken back


@dataclass(slots=True)
class Measuring:
    """State of measuring; all points in picture coordinates."""

    tool: Tool = Tool.WINDOW
    done: list[Measurement] = field(default_factory=list)
    placed: list[QPointF] = field(default_factory=list)  # of the measurement being made
    loose: QPointF | None = None  # its next point, which follows pointer or crosshair
    crosshair: QPointF | None = None  # the keyboard's pointer
    selected: int | None = None
    former: list[list[Measurement]] = field(default_factory=list)  # what was done before each step, the oldest first

    def remember(self) -> None:
        """Keep what is done now, so that the step that follows can be taken back."""
        if not self.former or self.former[-1] != self.done:
            self.former = [*self.former, list(self.done)][-MOST_STEPS:]

    def undo(self) -> bool:
        """Take back the point that was set last, or else the last step; whether there was any."""
        if self.placed:
            self.placed.pop()
            return True
        while self.former:
            before = self.former.pop()
            if before != self.done:  # a drag that moved nothing was no step
                self.done, self.selected = before, None
                return True
        return False

    def place(self, point: QPointF) -> Measurement | None:
        """Set the next point; the measurement, once it has all of them. A point set twice counts once."""
        if not self.tool.points or (self.placed and _near(self.placed[-1], point, 0.5)):
            return None
        self.placed.append(QPointF(point))
        if len(self.placed) < self.tool.points:
            self.selected = None
            return None
        self.remember()
        finished = Measurement(tuple(self.placed))
        self.done.append(finished)
        self.selected = len(self.done) - 1
        self.placed, self.loose = [], None
        return finished

    def in_progress(self) -> tuple[QPointF, ...]:
        """The points so far, the loose one last; empty when nothing is being made."""
        if not self.placed:
            return ()
        return (*self.placed, self.loose) if self.loose is not None else tuple(self.placed)

    def preview(self) -> Measurement | None:
        """The measurement as it would be if the loose point were set now."""
        points = self.in_progress()
        return Measurement(points) if self.tool.points and len(points) == self.tool.points else None

    def cancel(self) -> bool:
        """Give up the one being made; whether there was one."""
        was = bool(self.placed)
        self.placed, self.loose = [], None
        return was

    def take(self, tool: Tool) -> None:
        """Change the tool; an unfinished measurement goes."""
        self.cancel()
        self.tool, self.crosshair = tool, None

    def clear(self) -> None:
        """Remove all measurements."""
        self.cancel()
        self.remember()
        self.done, self.selected, self.crosshair = [], None, None

    def remove_selected(self) -> bool:
        """Remove the selected measurement; whether there was one."""
        if self.selected is None:
            return False
        self.remember()
        del self.done[self.selected]
        self.selected = len(self.done) - 1 if self.done else None
        return True

    def select_next(self) -> bool:
        """Select the next measurement in turn, so that the keyboard reaches each; whether there is any."""
        if not self.done:
            return False
        self.selected = 0 if self.selected is None else (self.selected + 1) % len(self.done)
        return True

    def handle_at(self, point: QPointF, reach: float) -> Handle | None:
        """The end within `reach` picture pixels of a point; the newest measurement first."""
        for number in range(len(self.done) - 1, -1, -1):
            for index, end in enumerate(self.done[number].points):
                if _near(end, point, reach):
                    return Handle(number, index)
        return None

    def move_handle(self, handle: Handle, point: QPointF) -> Measurement:
        """Put one end elsewhere; the changed measurement."""
        points = list(self.done[handle.measurement].points)
        points[handle.point] = QPointF(point)
        changed = Measurement(tuple(points))
        self.done[handle.measurement] = changed
        self.selected = handle.measurement
        return changed


def _near(one: QPointF, other: QPointF, reach: float) -> bool:
    away = one - other
    return away.x() ** 2 + away.y() ** 2 < reach**2
