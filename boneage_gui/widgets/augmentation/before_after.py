"""The original and a drawn picture in one place, with a line between them that is dragged across."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from boneage_gui import theme

STEP = 0.02
GRIP_PX = 9.0


class BeforeAfter(QWidget):
    """Left of the line lies the original, right of it the drawn picture."""

    moved = Signal(float)  # place of the line, 0 left to 1 right

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before, self._after = QImage(), QImage()
        self._title = ""
        self.share = 0.5
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setAccessibleName("Original and drawn picture")
        self.setToolTip("Drag the line, or arrow keys; Home and End show one picture alone")
        self._describe()

    def show_pictures(self, before: QImage, after: QImage, title: str) -> None:
        """Show these two; the line stays where it is."""
        self._before, self._after, self._title = before, after, title
        self._describe()

    def set_share(self, share: float) -> None:
        """Put the line there."""
        self.share = min(1.0, max(0.0, share))
        self._describe()
        self.moved.emit(self.share)

    def sizeHint(self) -> QSize:
        """Large."""
        return QSize(480, 480)

    def minimumSizeHint(self) -> QSize:
        """Still worth looking at."""
        return QSize(240, 240)

    def place(self) -> QRectF:
        """The square the pictures fill."""
        side = float(min(self.width(), self.height()))
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def _describe(self) -> None:
        self.setAccessibleDescription(f"The original up to {self.share:.0%} of the width, then {self._title}.")
        self.update()

    def _follow(self, event: QMouseEvent) -> None:
        place = self.place()
        self.set_share((event.position().x() - place.left()) / max(1.0, place.width()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The line comes to the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._follow(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the line."""
        goals = {
            Qt.Key.Key_Left: self.share - STEP,
            Qt.Key.Key_Right: self.share + STEP,
            Qt.Key.Key_Home: 0.0,
            Qt.Key.Key_End: 1.0,
        }
        key = Qt.Key(event.key())
        if key in goals:
            self.set_share(goals[key])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Both pictures, the line, what is what."""
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = self.place()
        x = place.left() + self.share * place.width()
        painter.fillRect(place, QColor(look.picture))
        for picture, left, right in ((self._before, place.left(), x), (self._after, x, place.right())):
            if not picture.isNull() and right > left:
                painter.setClipRect(QRectF(left, place.top(), right - left, place.height()))
                painter.drawImage(place, picture)
        painter.setClipping(False)
        dark = theme.DARK  # on a radiograph, which is black in both themes
        painter.setPen(QPen(QColor(dark.accent), 1.5))
        painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom()))
        painter.setBrush(QColor(dark.accent if self.hasFocus() else dark.field))
        painter.drawEllipse(QPointF(x, place.center().y()), GRIP_PX, GRIP_PX)
        font = QFont(self.font())
        font.setPixelSize(12)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(dark.text))
        row = QRectF(place.left() + 10, place.top() + 8, place.width() - 20, 18)
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft, "Original")
        painter.drawText(row, Qt.AlignmentFlag.AlignRight, self._title)
        painter.end()
