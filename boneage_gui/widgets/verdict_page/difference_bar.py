"""The difference between two models with its interval, on a line with 0 in the middle."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from boneage_gui import theme

HEIGHT_PX = 78
EDGE = 10.0
TOP = 22.0
TRACK_PX = 14.0
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
INTERVAL_ALPHA = 110


class DifferenceBar(QWidget):
    """Draws new minus used, months of mean error: left of 0 the new model is better."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._difference: tuple[float, float, float] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT_PX)
        self.setAccessibleName("Difference in mean error")

    def sizeHint(self) -> QSize:
        """Wide enough for its words."""
        return QSize(420, HEIGHT_PX)

    def show_difference(self, low: float, value: float, high: float) -> None:
        """Show a difference in months with the ends of its interval."""
        self._difference = (low, value, high)
        said = (
            f"Mean error of the new model minus that of the model in use: {value:+.2f} months, 95 % interval "
            f"{low:+.2f} to {high:+.2f}. Where the interval holds 0, no difference is shown."
        ).replace("-", "−")
        self.setToolTip(said)
        self.setAccessibleDescription(said)
        self.update()

    def position(self, months: float) -> float:
        """Where a difference lies across the widget, in pixels."""
        reach = self._reach()
        return EDGE + (months + reach) / (2 * reach) * (self.width() - 2 * EDGE)

    def _reach(self) -> float:
        ends = [abs(end) for end in self._difference or (1.0,)]
        return max(*ends, 0.01) * 1.35 if ends else 1.0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Sides, track, ticks, 0, interval, value."""
        if self._difference is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = theme.current()
        track = QRectF(EDGE, TOP, self.width() - 2 * EDGE, TRACK_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.raised))
        painter.drawRoundedRect(track, 3, 3)
        self._paint_words(painter, track)
        zero = self.position(0.0)
        painter.setPen(QPen(QColor(look.text), 1.2))
        painter.drawLine(QPointF(zero, track.top() - 5), QPointF(zero, track.bottom() + 5))
        low, value, high = (self.position(months) for months in self._difference)
        pale = QColor(look.accent)
        pale.setAlpha(INTERVAL_ALPHA)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(pale)
        painter.drawRoundedRect(QRectF(low, track.top(), max(3.0, high - low), track.height()), 3, 3)
        painter.setBrush(QColor(look.text))
        painter.drawRoundedRect(QRectF(value - 1.5, track.top() - 3, 3, track.height() + 6), 1.5, 1.5)
        painter.end()

    def _paint_words(self, painter: QPainter, track: QRectF) -> None:
        look = theme.current()
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(QColor(look.muted))
        above = QRectF(track.left(), 0, track.width(), TOP - 5)
        painter.drawText(above, Qt.AlignmentFlag.AlignLeft.value, "← the new model is better")
        painter.drawText(above, Qt.AlignmentFlag.AlignRight.value, "the model in use is better →")
        reach = self._reach()
        step = next((step for step in STEPS if reach / step <= 4), STEPS[-1])
        last = int(0.95 * reach / step)  # further out, a label would stand over the edge
        for number in range(-last, last + 1):
            x = self.position(number * step)
            text = f"{number * step:+.{0 if step >= 1 else 1 if step >= 0.1 else 2}f}".replace("-", "−")
            box = QRectF(x - 30, track.bottom() + 6, 60, 14)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter.value, "0" if number == 0 else text)
        below = QRectF(track.left(), track.bottom() + 22, track.width(), 16)
        words = "Difference in mean error, months, with its 95 % interval"
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter.value, words)
