"""The legend of the heat: from what lowers the age to what raises it, in colour and in words."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from boneage_gui import theme
from boneage_gui.widgets.explanation.colours import OLDER, YOUNGER

BAR_PX = 10
WORDS = ("lowers the age", "little", "raises the age")


class ColourScale(QWidget):
    """A bar in the heat's colours on a film's black, three words under it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Colour scale: blue lowers the age, orange raises it")
        self.setToolTip("Blue: what is there lowers the model’s age. Orange: it raises the age.")

    def sizeHint(self) -> QSize:
        """The bar and a line of words."""
        return QSize(200, BAR_PX + 6 + self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw bar and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = QRectF(0.5, 0.5, self.width() - 1, BAR_PX)
        painter.setPen(QColor(theme.current().line))
        painter.setBrush(_gradient(bar))
        painter.drawRoundedRect(bar, 3, 3)
        painter.setPen(QColor(theme.current().muted))
        below = QRectF(0, BAR_PX + 4, self.width(), self.fontMetrics().height())
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        for words, side in zip(WORDS, sides, strict=True):
            painter.drawText(below, side, words)
        painter.end()


def _gradient(bar: QRectF) -> QLinearGradient:
    colours = QLinearGradient(bar.topLeft(), bar.topRight())
    for at, colour, pale in ((0.0, YOUNGER, 0.55), (0.225, YOUNGER, 0.0), (0.775, OLDER, 0.0), (1.0, OLDER, 0.55)):
        colours.setColorAt(at, QColor(*(round(value + (255 - value) * pale) for value in colour)))
    colours.setColorAt(0.5, QColor(10, 10, 10))
    return colours
