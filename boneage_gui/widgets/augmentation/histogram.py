"""Two histograms in one drawing: grey levels of the original and of a drawn picture."""

from __future__ import annotations

from math import log10

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from boneage_gui import theme

LEAST_SHARE = 1e-4  # the foot of the logarithmic scale; a quarter to all of most pictures is black
LEFT, RIGHT, TOP, BOTTOM = 44.0, 10.0, 22.0, 32.0

Shares = npt.NDArray[np.float64]


class Histogram(QWidget):
    """Draws shares of pixels by grey level, on a logarithmic scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before: Shares | None = None
        self._after: Shares | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Histogram of both pictures")
        self.setToolTip("Share of pixels by grey level, on a logarithmic scale: line original, area drawn picture")

    def show_shares(self, before: Shares, after: Shares) -> None:
        """Show these two, shares that sum to 1, black first."""
        self._before, self._after = before, after
        mean = [
            float((shares * (np.arange(len(shares)) + 0.5)).sum() * 256 / len(shares)) for shares in (before, after)
        ]
        self.setAccessibleDescription(f"Mean grey level {mean[0]:.0f} in the original, {mean[1]:.0f} in the drawn.")
        self.update()

    def sizeHint(self) -> QSize:
        """Beside a large picture."""
        return QSize(280, 170)

    def minimumSizeHint(self) -> QSize:
        """Still readable."""
        return QSize(200, 120)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Axes, the drawn picture as an area, the original as a line."""
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(LEFT, TOP, self.width() - LEFT - RIGHT, self.height() - TOP - BOTTOM)
        self._paint_axes(painter, room)
        if self._before is not None and self._after is not None:
            area = QColor(look.accent)
            area.setAlpha(110)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(area)
            outline = _curve(self._after, room)
            painter.drawPolygon(QPolygonF([room.bottomLeft(), *outline, room.bottomRight()]))
            painter.setPen(QPen(QColor(look.text), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF(_curve(self._before, room)))
            self._paint_key(painter, room, area)
        painter.end()

    def _paint_key(self, painter: QPainter, room: QRectF, area: QColor) -> None:
        look = theme.current()
        painter.fillRect(QRectF(room.left(), 6, 12, 9), area)
        painter.drawLine(QPointF(room.left() + 70, 10.5), QPointF(room.left() + 84, 10.5))
        painter.setPen(QColor(look.muted))
        painter.drawText(QRectF(room.left() + 17, 2, 50, 17), Qt.AlignmentFlag.AlignVCenter, "drawn")
        painter.drawText(QRectF(room.left() + 90, 2, 60, 17), Qt.AlignmentFlag.AlignVCenter, "original")

    def _paint_axes(self, painter: QPainter, room: QRectF) -> None:
        look = theme.current()
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        for exponent, text in ((0, "100 %"), (-1, "10 %"), (-2, "1 %"), (-3, "0.1 %")):
            y = room.bottom() - (exponent - log10(LEAST_SHARE)) / -log10(LEAST_SHARE) * room.height()
            painter.setPen(QPen(QColor(look.line), 1))
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(QColor(look.muted))
            box = QRectF(0, y - 8, LEFT - 6, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(QPen(QColor(look.disabled), 1))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        painter.setPen(QColor(look.muted))
        for level in (0, 64, 128, 192, 255):
            x = room.left() + level / 255 * room.width()
            painter.drawText(QRectF(x - 20, room.bottom() + 2, 40, 14), Qt.AlignmentFlag.AlignHCenter, str(level))
        title = QRectF(room.left(), room.bottom() + 16, room.width(), 15)
        painter.drawText(title, Qt.AlignmentFlag.AlignHCenter, "grey level")


def _curve(shares: Shares, room: QRectF) -> list[QPointF]:
    heights = 1 - np.log10(np.maximum(shares, LEAST_SHARE)) / np.log10(LEAST_SHARE)
    return [
        QPointF(room.left() + (place + 0.5) / len(shares) * room.width(), room.bottom() - float(height) * room.height())
        for place, height in enumerate(heights)
    ]
