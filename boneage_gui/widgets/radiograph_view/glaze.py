"""Glaze: a coloured picture and outlines that lie on the radiograph and go wherever it goes."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPolygonF, QTransform

from boneage_gui.widgets.radiograph_view.ink import Ink, draw_tag, line_pen
from boneage_gui.widgets.radiograph_view.placement import Placement

LINE_PX = 1.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A named part of the radiograph; polygons in picture coordinates."""

    name: str
    polygons: tuple[QPolygonF, ...]
    colour: QColor


@dataclass(frozen=True, slots=True, kw_only=True)
class Glaze:
    """What lies on the radiograph, and how much of the picture's colour covers it."""

    note: str  # what it is, in the corner, so that no saved picture goes without
    image: QImage  # RGBA; null for none
    placed: QTransform  # from pixels of the image to picture coordinates
    opacity: float = 0.6
    outlines: tuple[Outline, ...] = ()


def draw_glaze(painter: QPainter, ink: Ink, glaze: Glaze, placement: Placement, frame: QRectF) -> None:
    """Draw colour and outlines where the radiograph lies; nothing falls beside it."""
    painter.save()
    to_view = placement.transform()
    if not glaze.image.isNull() and glaze.opacity > 0:
        painter.setClipRect(to_view.mapRect(frame))
        painter.setOpacity(glaze.opacity)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setTransform(glaze.placed * to_view, combine=True)
        painter.drawImage(0, 0, glaze.image)
    painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for outline in glaze.outlines:
        polygons = [to_view.map(polygon) for polygon in outline.polygons]
        for colour, width in ((ink.halo, LINE_PX + 2), (outline.colour, LINE_PX)):
            painter.setPen(line_pen(colour, width))
            for polygon in polygons:
                painter.drawPolygon(polygon)
    for outline in glaze.outlines:
        _draw_name(painter, ink, outline, to_view, QRectF(QPointF(0, 0), placement.view))


def _draw_name(painter: QPainter, ink: Ink, outline: Outline, to_view: QTransform, within: QRectF) -> None:
    largest = max(outline.polygons, key=lambda polygon: polygon.boundingRect().height(), default=None)
    if largest is not None:
        box = to_view.map(largest).boundingRect()
        draw_tag(
            painter,
            ink,
            near=QPointF(box.right() - 6, box.center().y()),
            text=outline.name,
            colour=outline.colour,
            within=within,
        )
