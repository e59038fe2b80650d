"""The colours and letters of the view, taken from palette and font."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPalette, QPen

_AROUND = tuple((right, down) for right in (-1, 0, 1) for down in (-1, 0, 1) if right or down)
DARK = 0.45  # a lightness below this counts as dark


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """What everything on the view is drawn with."""

    room: QColor  # round an empty view
    surround: QColor  # round a radiograph: black in every theme, because the eye adapts to it
    text: QColor  # on the room
    quiet: QColor  # on the room, second voice
    on_film: QColor  # corner text over a radiograph
    halo: QColor  # behind letters and lines, so that they read on bone and on air
    accent: QColor  # the palette's one accent
    on_film_accent: QColor  # the same, light enough for a dark film
    small: QFont

    @classmethod
    def of(cls, palette: QPalette, font: QFont) -> Ink:
        """All from the widget's palette; only its accent is lightened where a film would swallow it."""
        room = palette.color(QPalette.ColorRole.Window)
        text = palette.color(QPalette.ColorRole.WindowText)
        accent = palette.color(QPalette.ColorRole.Highlight)
        small = QFont(font)
        small.setPointSizeF(max(7.0, font.pointSizeF() * 0.88 if font.pointSizeF() > 0 else 8.0))
        return cls(
            room=room,
            surround=QColor(Qt.GlobalColor.black),
            text=text,
            quiet=_faded(text, 0.62),
            on_film=_faded(text if room.lightnessF() < DARK else room, 0.88),
            halo=QColor(0, 0, 0, 175),
            accent=accent,
            on_film_accent=_lightened(accent),
            small=small,
        )


def _faded(colour: QColor, opacity: float) -> QColor:
    return QColor.fromRgbF(colour.redF(), colour.greenF(), colour.blueF(), opacity)


def _lightened(colour: QColor) -> QColor:
    lightness = max(colour.lightnessF(), 0.62)
    return QColor.fromHslF(max(colour.hslHueF(), 0.0), colour.hslSaturationF(), lightness, colour.alphaF())


def draw_text(painter: QPainter, ink: Ink, at: QPointF, text: str, colour: QColor) -> None:
    """One line of small text with its halo; `at` is the left end of its baseline."""
    painter.setFont(ink.small)
    painter.setPen(ink.halo)
    for right, down in _AROUND:  # ten times as fast as stroking the letters' outline
        painter.drawText(at + QPointF(right, down), text)
    painter.setPen(colour)
    painter.drawText(at, text)


def draw_tag(painter: QPainter, ink: Ink, *, near: QPointF, text: str, colour: QColor, within: QRectF) -> None:
    """A measurement's label on a dark plate beside a point, kept inside the view."""
    metrics = QFontMetricsF(ink.small)
    plate = QRectF(0, 0, metrics.horizontalAdvance(text) + 12, metrics.height() + 6)
    plate.moveTopLeft(near + QPointF(10, 8))
    if plate.right() > within.right() - 4:
        plate.moveRight(near.x() - 10)
    if plate.bottom() > within.bottom() - 4:
        plate.moveBottom(near.y() - 8)
    plate.moveLeft(max(plate.left(), within.left() + 4))
    plate.moveTop(max(plate.top(), within.top() + 4))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink.halo)
    painter.drawRoundedRect(plate, 4, 4)
    painter.setFont(ink.small)
    painter.setPen(colour)
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


def line_pen(colour: QColor, width: float) -> QPen:
    """A round pen."""
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
