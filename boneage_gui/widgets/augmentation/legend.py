"""The colour scale of shifts: what blue and orange mean, in months."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from boneage_gui import theme
from boneage_gui.widgets.augmentation.colours import FULL_MONTHS, shift_colour

WIDTH_PX, HEIGHT_PX, BAR_PX = 300, 34, 12


def paint_legend(painter: QPainter, at: QRectF) -> None:
    """Draw the scale with its ticks, also for the saved sheet."""
    look = theme.current()
    font = QFont(painter.font())
    font.setPixelSize(11)
    painter.setFont(font)
    side = 58.0
    bar = QRectF(at.left() + side, at.top() + 2, at.width() - 2 * side, BAR_PX)
    steps = max(1, int(bar.width()))
    for step in range(steps):
        months = (2 * (step + 0.5) / steps - 1) * FULL_MONTHS
        painter.fillRect(QRectF(bar.left() + step, bar.top(), 1.5, bar.height()), shift_colour(months))
    painter.setPen(QColor(look.muted))
    ends = Qt.AlignmentFlag.AlignVCenter
    painter.drawText(QRectF(at.left(), bar.top(), side - 6, BAR_PX), ends | Qt.AlignmentFlag.AlignRight, "younger")
    painter.drawText(QRectF(bar.right() + 6, bar.top(), side - 6, BAR_PX), ends | Qt.AlignmentFlag.AlignLeft, "older")
    for months in (-FULL_MONTHS, -FULL_MONTHS / 2, 0.0, FULL_MONTHS / 2, FULL_MONTHS):
        x = bar.left() + (months / FULL_MONTHS + 1) / 2 * bar.width()
        mark = "≤ " if months == -FULL_MONTHS else "≥ " if months == FULL_MONTHS else ""
        text = f"{mark}{months:+.0f}".replace("-", "−") if months else "0 months"
        painter.drawText(QRectF(x - 30, bar.bottom() + 1, 60, 15), Qt.AlignmentFlag.AlignHCenter, text)


class Legend(QWidget):
    """Shows the scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(WIDTH_PX, HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Colours of shifts")
        text = (
            f"How far a model’s answer for a picture lies from its answer for the original: blue is younger, orange "
            f"older, full colour from {FULL_MONTHS:.0f} months"
        )
        self.setToolTip(text)
        self.setAccessibleDescription(text)

    def sizeHint(self) -> QSize:
        """Fixed."""
        return QSize(WIDTH_PX, HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The scale."""
        painter = QPainter(self)
        paint_legend(painter, QRectF(self.rect()))
        painter.end()
