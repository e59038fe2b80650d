"""The view without a radiograph: says what to do."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from boneage_gui.widgets.radiograph_view.ink import Ink

# Bones of a left hand in a box of 100 by 120: from, to; drawn with a round pen, they read as a radiograph.
_RAYS = (
    ((30, 78), (17, 62), (8, 50), (3, 41)),
    ((40, 70), (35, 45), (32, 27), (30, 15)),
    ((50, 68), (50, 41), (50, 21), (50, 8)),
    ((59, 70), (64, 45), (67, 27), (69, 15)),
    ((67, 74), (77, 55), (84, 42), (88, 32)),
)
_WRIST = ((38, 79), (47, 75), (56, 75), (64, 79), (43, 87), (52, 85), (61, 88))
_FOREARM = (((44, 98), (43, 119)), ((59, 99), (60, 119)))


def draw_welcome(painter: QPainter, ink: Ink, *, view: QSizeF, font: QFont, dropping: bool) -> None:
    """A hand, one sentence and what may be opened; the frame lights up while files hang over it."""
    middle = QPointF(view.width() / 2, view.height() / 2)
    size = min(1.0, view.width() / 360, view.height() / 340)
    colour = ink.accent if dropping else ink.quiet
    frame = QRectF(0, 0, 340 * size, 310 * size)
    frame.moveCenter(middle)
    edge = QPen(colour, 2 if dropping else 1, Qt.PenStyle.DashLine)
    edge.setDashPattern([5, 5])
    painter.setPen(edge)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(frame, 14, 14)
    _draw_hand(painter, middle + QPointF(-62, -128) * size, 1.25 * size, colour)

    title = QFont(font)
    title.setPointSizeF(max(8.0, font.pointSizeF() * 1.35 * size))
    painter.setFont(title)
    painter.setPen(ink.text)
    line = QRectF(frame.left(), middle.y() + 52 * size, frame.width(), 34 * size)
    painter.drawText(line, Qt.AlignmentFlag.AlignCenter, "Drop a hand radiograph here")
    painter.setFont(ink.small)
    painter.setPen(ink.quiet)
    line.translate(0, 34 * size)
    painter.drawText(line, Qt.AlignmentFlag.AlignCenter, "a file or a folder: DICOM, PNG, JPEG or TIFF")
    line.translate(0, 24 * size)
    painter.drawText(line, Qt.AlignmentFlag.AlignCenter, "or press Ctrl+O")


def _draw_hand(painter: QPainter, at: QPointF, scale: float, colour: QColor) -> None:
    painter.save()
    painter.translate(at)
    painter.scale(scale, scale)
    pen = QPen(colour, 5.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    for ray in _RAYS:
        for start, end in pairwise(ray):
            _draw_bone(painter, QPointF(*start), QPointF(*end))
    pen.setWidthF(7.0)
    painter.setPen(pen)
    for carpal in _WRIST:
        painter.drawPoint(QPointF(*carpal))
    for start, end in _FOREARM:
        painter.drawLine(QPointF(*start), QPointF(*end))
    painter.restore()


def _draw_bone(painter: QPainter, start: QPointF, end: QPointF) -> None:
    """A shaft that leaves its joints free."""
    along = end - start
    length = max(1.0, (along.x() ** 2 + along.y() ** 2) ** 0.5)
    gap = along * (3.6 / length)
    painter.drawLine(start + gap, end - gap * 0.3)
