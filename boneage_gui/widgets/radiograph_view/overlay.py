"""What is drawn over the radiograph: measurements, crosshair, scale and quiet corner text."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from boneage_gui.widgets.radiograph_view.ink import Ink, draw_tag, draw_text, line_pen
from boneage_gui.widgets.radiograph_view.measurement import Measurement
from boneage_gui.widgets.radiograph_view.placement import Placement
from boneage_gui.widgets.radiograph_view.scene import Scene
from trainer.prediction import RESEARCH_USE

EDGE_PX = 12.0
HANDLE_PX = 3.5
SCALES_MM = (1, 2, 5, 10, 20, 50, 100, 200)


def draw_corners(painter: QPainter, ink: Ink, scene: Scene, *, purpose: bool = False) -> None:
    """Size and ruler top left, what was turned or inverted top right, zoom and window bottom left.

    With `purpose` also what the picture is for, because it leaves the window that says so.
    """
    metrics = QFontMetricsF(ink.small)
    view = scene.placement.view
    line = metrics.height() + 1
    for number, text in enumerate(_facts(scene)):
        at = QPointF(EDGE_PX, EDGE_PX + metrics.ascent() + number * line)
        draw_text(painter, ink, at, text, ink.on_film)
    for number, text in enumerate(_warnings(scene)):
        left = view.width() - EDGE_PX - metrics.horizontalAdvance(text)
        at = QPointF(left, EDGE_PX + metrics.ascent() + number * line)
        draw_text(painter, ink, at, text, ink.on_film_accent)
    lines = [
        f"Zoom {scene.placement.zoom:.0%}",
        f"W {scene.window.width:.0%}  L {scene.window.centre:.0%}",
        *((RESEARCH_USE,) if purpose else ()),
    ]
    for number, text in enumerate(reversed(lines)):
        at = QPointF(EDGE_PX, view.height() - EDGE_PX - metrics.descent() - number * line)
        draw_text(painter, ink, at, text, ink.on_film)


def _facts(scene: Scene) -> list[str]:
    radiograph, ruler = scene.radiograph, scene.ruler
    height, width = radiograph.pixels.shape
    facts = [f"{width} × {height} px, {radiograph.bits_stored} bit"]
    if ruler.spacing_mm is None:
        facts.append("no ruler: lengths in px")
    elif math.isclose(*ruler.spacing_mm, rel_tol=1e-3):
        facts.append(f"{ruler.spacing_mm[0]:.3f} mm/px {ruler.source}")
    else:
        facts.append(f"{ruler.spacing_mm[1]:.3f} × {ruler.spacing_mm[0]:.3f} mm/px {ruler.source}")
    return facts


def _warnings(scene: Scene) -> list[str]:
    """Every way in which the picture is not as the file has it."""
    placement = scene.placement
    said = []
    if scene.radiograph.was_inverted:
        said.append("bone dark in the file: inverted")
    if scene.inverted:
        said.append("shown inverted")
    if scene.glaze is not None:
        said.append(scene.glaze.note)
    if placement.mirrored:
        said.append("mirrored")
    if placement.turns:
        said.append({1: "turned 90° right", 2: "turned 180°", 3: "turned 90° left"}[placement.turns])
    return said


def draw_scale(painter: QPainter, ink: Ink, scene: Scene) -> None:
    """A bar of a round length, bottom right; only where millimetres are known, with whose they are."""
    ruler, placement = scene.ruler, scene.placement
    if ruler.spacing_mm is None:
        return
    mm_per_px = ruler.spacing_mm[1] * placement.device_ratio / placement.zoom
    room_px = min(180.0, placement.view.width() * 0.3)
    fitting = [length for length in SCALES_MM if length / mm_per_px <= room_px]
    if not fitting:
        return
    length_px = fitting[-1] / mm_per_px
    text = f"{fitting[-1] // 10} cm" if fitting[-1] >= 10 else f"{fitting[-1]} mm"
    text += f" {ruler.source}"
    right = placement.view.width() - EDGE_PX
    bottom = placement.view.height() - EDGE_PX - 4
    ticks = 5 if fitting[-1] in (5, 50) else 2 if fitting[-1] in (2, 20, 200) else 10
    for colour, width in ((ink.halo, 3.0), (ink.on_film, 1.0)):
        painter.setPen(line_pen(colour, width))
        painter.drawLine(QPointF(right - length_px, bottom), QPointF(right, bottom))
        for tick in range(ticks + 1):
            x = right - length_px * tick / ticks
            high = 7 if tick in (0, ticks) else 4
            painter.drawLine(QPointF(x, bottom), QPointF(x, bottom - high))
    advance = QFontMetricsF(ink.small).horizontalAdvance(text)
    draw_text(painter, ink, QPointF(right - advance, bottom - 12), text, ink.on_film)


def draw_measurements(painter: QPainter, ink: Ink, scene: Scene, *, while_measuring: bool) -> None:
    """All measurements with their labels; the selected one in the accent, the one being made dashed."""
    measuring, placement = scene.measuring, scene.placement
    for number, measurement in enumerate(measuring.done):
        chosen = while_measuring and number == measuring.selected
        _draw_one(painter, ink, scene, measurement, ink.on_film_accent if chosen else ink.on_film)
    points = [placement.to_view(point) for point in measuring.in_progress()]
    if not while_measuring or not points:
        return
    preview = measuring.preview()
    if preview is not None:
        _draw_one(painter, ink, scene, preview, ink.on_film_accent)
        return
    _draw_path(painter, ink, points, ink.on_film_accent)


def _draw_one(painter: QPainter, ink: Ink, scene: Scene, measurement: Measurement, colour: QColor) -> None:
    placement = scene.placement
    points = [placement.to_view(point) for point in measurement.points]
    _draw_path(painter, ink, points, colour)
    if len(points) == 3:
        _draw_arc(painter, points, colour)
    near = points[1] if len(points) == 3 else max(points, key=lambda point: (point.x(), point.y()))
    within = QRectF(QPointF(0, 0), placement.view)
    draw_tag(painter, ink, near=near, text=measurement.label(scene.ruler), colour=colour, within=within)


def _draw_path(painter: QPainter, ink: Ink, points: list[QPointF], colour: QColor) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for shade, width in ((ink.halo, 3.4), (colour, 1.5)):
        painter.setPen(line_pen(shade, width))
        painter.drawPolyline(points)
        for point in points:
            painter.drawEllipse(point, HANDLE_PX, HANDLE_PX)


def _draw_arc(painter: QPainter, points: list[QPointF], colour: QColor) -> None:
    """The angle's arc at its corner, on the inner side."""
    first, corner, last = points
    legs = [math.hypot(end.x() - corner.x(), end.y() - corner.y()) for end in (first, last)]
    radius = min(26.0, *(leg * 0.6 for leg in legs))
    # Qt counts degrees against the clock with y up
    start = math.degrees(math.atan2(corner.y() - first.y(), first.x() - corner.x()))
    end = math.degrees(math.atan2(corner.y() - last.y(), last.x() - corner.x()))
    span = (end - start + 180) % 360 - 180
    box = QRectF(corner.x() - radius, corner.y() - radius, radius * 2, radius * 2)
    painter.setPen(line_pen(colour, 1.2))
    painter.drawArc(box, round(start * 16), round(span * 16))


def draw_crosshair(painter: QPainter, ink: Ink, placement: Placement, point: QPointF) -> None:
    """The keyboard's pointer: four arms that leave the pixel itself free."""
    at = placement.to_view(point)
    for colour, width in ((ink.halo, 3.4), (ink.on_film_accent, 1.4)):
        painter.setPen(line_pen(colour, width))
        for right, down in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            arm = QPointF(right, down)
            painter.drawLine(at + arm * 5, at + arm * 18)
