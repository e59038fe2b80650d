"""Where a picture lies on the view: zoom, the point in the middle, quarter turns and mirroring."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QTransform

MOST_ZOOM = 32.0
LEAST_OF_FIT = 0.25  # no smaller than this share of the fitted size
KEPT_IN_SIGHT_PX = 48.0  # this much of the picture stays on the view however far it is moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Lays picture coordinates (x right, y down, pixel 0 from 0 to 1) on the view's logical pixels."""

    picture: QSizeF  # columns, rows
    aspect: float = 1.0  # height of a pixel over its width
    view: QSizeF  # logical pixels
    device_ratio: float = 1.0  # device pixels per logical pixel
    centre: QPointF  # the picture's point in the middle of the view
    zoom: float = 1.0  # device pixels per column of the picture
    turns: int = 0  # quarter turns to the right, after mirroring
    mirrored: bool = False  # left and right exchanged

    def transform(self) -> QTransform:
        """From picture to view. At whole zooms, pixels fall on the screen's own: nothing is blurred."""
        scale = self.zoom / self.device_ratio
        matrix = QTransform()
        matrix.translate(self.view.width() / 2, self.view.height() / 2)
        matrix.rotate(90 * self.turns)
        matrix.scale(-scale if self.mirrored else scale, scale * self.aspect)
        matrix.translate(-self.centre.x(), -self.centre.y())
        if self.zoom >= 1 and abs(self.zoom - round(self.zoom)) < 1e-6:
            ratio = self.device_ratio
            x, y = round(matrix.dx() * ratio) / ratio, round(matrix.dy() * ratio) / ratio
            matrix = QTransform(matrix.m11(), matrix.m12(), matrix.m21(), matrix.m22(), x, y)
        return matrix

    def to_view(self, point: QPointF) -> QPointF:
        """A picture point in logical pixels of the view."""
        return self.transform().map(point)

    def to_picture(self, point: QPointF) -> QPointF:
        """A point of the view in picture coordinates."""
        return self.transform().inverted()[0].map(point)

    def seen(self) -> QRectF:
        """The part of the picture's plane that the view covers."""
        return self.transform().inverted()[0].mapRect(QRectF(QPointF(0, 0), self.view))

    def fit_zoom(self) -> float:
        """The zoom at which the whole picture just fits."""
        wide, high = self.picture.width(), self.picture.height() * self.aspect
        if self.turns % 2:
            wide, high = high, wide
        room = QSizeF(max(self.view.width(), 1.0), max(self.view.height(), 1.0))  # a splitter can fold the view away
        return min(room.width() / wide, room.height() / high) * self.device_ratio

    def fitted(self) -> Placement:
        """The whole picture, as large as the view allows."""
        middle = QPointF(self.picture.width() / 2, self.picture.height() / 2)
        return replace(self, zoom=self.fit_zoom(), centre=middle)

    def zoomed(self, factor: float, *, at: QPointF) -> Placement:
        """Larger or smaller by a factor, with the picture's point under `at` (view) staying there."""
        return self.zoomed_to(self.zoom * factor, at=at)

    def zoomed_to(self, zoom: float, *, at: QPointF) -> Placement:
        """At this zoom, or the nearest allowed, with the picture's point under `at` (view) staying there."""
        fit = self.fit_zoom()
        zoom = min(max(zoom, min(fit, 1.0) * LEAST_OF_FIT), max(MOST_ZOOM, fit * 2))
        held = self.to_picture(at)
        away = self.centre - held
        return replace(self, zoom=zoom, centre=held + away * (self.zoom / zoom))

    def moved(self, by: QPointF) -> Placement:
        """The picture carried along by a drag of `by` logical pixels, kept within sight."""
        linear = self.transform()
        linear = QTransform(linear.m11(), linear.m12(), linear.m21(), linear.m22(), 0, 0)
        carried = replace(self, centre=self.centre - linear.inverted()[0].map(by))
        shown = carried.transform().mapRect(QRectF(QPointF(0, 0), self.picture))
        keep_x, keep_y = min(KEPT_IN_SIGHT_PX, shown.width()), min(KEPT_IN_SIGHT_PX, shown.height())
        back = QPointF(
            max(0.0, keep_x - shown.right()) - max(0.0, shown.left() - (self.view.width() - keep_x)),
            max(0.0, keep_y - shown.bottom()) - max(0.0, shown.top() - (self.view.height() - keep_y)),
        )
        return replace(carried, centre=carried.centre - linear.inverted()[0].map(back))

    @property
    def quarters(self) -> int:
        """Quarter turns to the right that point the fingers where they are seen to point; left and right stay.

        A mirror before a turn is one after the opposite turn, and the model is shown no mirror image.
        """
        return (-self.turns if self.mirrored else self.turns) % 4

    def turned(self, quarters: int) -> Placement:
        """Turned to the right by quarter turns, about the middle of the view."""
        return replace(self, turns=(self.turns + quarters) % 4)

    def flipped(self, *, upside_down: bool) -> Placement:
        """Mirrored as seen: left and right exchanged, or top and bottom."""
        # A mirror after a turn is the opposite turn after the mirror; upside down is that and half a turn.
        turns = (2 if upside_down else 0) - self.turns
        return replace(self, turns=turns % 4, mirrored=not self.mirrored)
