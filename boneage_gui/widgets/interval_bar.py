"""The interval of a bone age on a scale of years, with the chronological age beside it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from boneage_gui import theme
from trainer.prediction import years_and_months

LONGEST_MONTHS = 40 * 12  # whatever a model answers, the scale has an end
SCALE_MONTHS = 19 * 12  # the longest scale that a usual reading needs
TICK_MONTHS = 36
TRACK_TOP, TRACK_HEIGHT = 16.0, 12.0
EDGE = 8.0  # so that the first and the last label are not cut
HEIGHT_PX = 54
INTERVAL_ALPHA = 110


class IntervalBar(QWidget):
    """Draws low..high, the age in it, and the chronological age as a triangle above the track."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._interval: tuple[float, float, float] | None = None
        self._chronological: float | None = None
        self._band: tuple[float, float] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT_PX)
        self.setAccessibleName("Interval of the bone age")
        self._describe()

    def show_interval(self, *, age_months: float, low_months: float, high_months: float) -> None:
        """Show an age and its interval."""
        self._interval = (low_months, age_months, high_months)
        self._describe()

    def show_chronological(self, months: float | None) -> None:
        """Show the chronological age, or that it is not known."""
        self._chronological = months
        self._describe()

    def show_band(self, band_months: tuple[float, float] | None) -> None:
        """Show what counts as normal at the chronological age, or that it is not known."""
        self._band = band_months
        self._describe()

    def clear(self) -> None:
        """Show the empty scale."""
        self._interval = None
        self._describe()

    def sizeHint(self) -> QSize:
        """Wide enough for the tick labels."""
        return QSize(260, HEIGHT_PX)

    def position(self, months: float) -> float:
        """Where an age lies across the widget, in pixels; outside the scale it stays at the edge."""
        share = min(max(months / self._scale(), 0.0), 1.0)
        return EDGE + share * (self.width() - 2 * EDGE)

    def _scale(self) -> float:
        ages = (self._interval or (0.0,)) + (self._chronological or 0.0,)
        return min(max(float(SCALE_MONTHS), *ages), float(LONGEST_MONTHS))

    def _describe(self) -> None:
        parts = []
        if self._interval is not None:
            low, _, high = self._interval
            parts.append(f"From {years_and_months(low)} to {years_and_months(high)}.")
        if self._chronological is not None:
            parts.append(f"The triangle marks the chronological age, {years_and_months(self._chronological)}.")
        if self._band is not None:
            low, high = self._band
            parts.append(f"The line below it is the two-SD band, {years_and_months(low)} to {years_and_months(high)}.")
        text = " ".join(parts) or "No interval yet."
        self.setToolTip(text)
        self.setAccessibleDescription(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track, ticks, interval, age, chronological age."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = theme.current()
        track = QRectF(EDGE, TRACK_TOP, self.width() - 2 * EDGE, TRACK_HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.raised))
        painter.drawRoundedRect(track, 3, 3)
        self._paint_ticks(painter, track)
        if self._band is not None:
            self._paint_band(painter, track)
        if self._interval is not None:
            self._paint_interval(painter, track)
        if self._chronological is not None:
            self._paint_chronological(painter, track)
        painter.end()

    def _paint_ticks(self, painter: QPainter, track: QRectF) -> None:
        look = theme.current()
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        scale = self._scale()
        months = 0
        while months <= scale:
            x = self.position(months)
            painter.setPen(QPen(QColor(look.disabled), 1))
            painter.drawLine(QPointF(x, track.bottom() + 2), QPointF(x, track.bottom() + 5))
            painter.setPen(QColor(look.muted))
            label = QRectF(x - 20, track.bottom() + 6, 40, 16)
            last = months + TICK_MONTHS > scale
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, f"{months // 12}" + (" y" if last else ""))
            months += TICK_MONTHS

    def _paint_interval(self, painter: QPainter, track: QRectF) -> None:
        assert self._interval is not None  # noqa: S101 - the caller looked
        low, age, high = (self.position(months) for months in self._interval)
        accent = QColor(theme.current().accent)
        pale = QColor(accent)
        pale.setAlpha(INTERVAL_ALPHA)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(pale)
        painter.drawRoundedRect(QRectF(low, track.top(), max(2.0, high - low), track.height()), 3, 3)
        painter.setBrush(QColor(theme.current().text))
        painter.drawRoundedRect(QRectF(age - 1.5, track.top() - 3, 3, track.height() + 6), 1.5, 1.5)

    def _paint_band(self, painter: QPainter, track: QRectF) -> None:
        assert self._band is not None  # noqa: S101 - the caller looked
        low, high = (self.position(months) for months in self._band)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.current().caution))
        painter.drawRoundedRect(QRectF(low, track.bottom() + 1, max(2.0, high - low), 2.5), 1, 1)

    def _paint_chronological(self, painter: QPainter, track: QRectF) -> None:
        assert self._chronological is not None  # noqa: S101 - the caller looked
        x, tip = self.position(self._chronological), track.top() - 2
        triangle = QPolygonF([QPointF(x - 5, tip - 8), QPointF(x + 5, tip - 8), QPointF(x, tip)])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.current().caution))
        painter.drawPolygon(triangle)
