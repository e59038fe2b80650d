"""A slider with two handles: the low and the high end of a range."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from boneage_gui import theme

HANDLE_PX, TRACK_PX = 6.0, 4.0
STEPS = 100  # one press of an arrow key moves by a hundredth of the bounds, with Shift by a tenth


class RangeSlider(QWidget):
    """Shows and changes ``low..high`` within bounds. Arrows move one handle, Space takes the other."""

    changed = Signal(float, float)  # low, high, as the user moved them

    def __init__(
        self, name: str, *, lowest: float, highest: float, neutral: float, decimals: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._lowest, self._highest, self._neutral = lowest, highest, neutral
        self._decimals = decimals
        self.low, self.high = neutral, neutral
        self._active = 1  # 0: the low handle, 1: the high one
        self._dragged = False
        self._name = name
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{name}: range")
        self._describe()

    def set_range(self, low: float, high: float) -> None:
        """Show a range; nothing is told."""
        self.low, self.high = low, high
        self._describe()

    def set_bounds(self, lowest: float, highest: float) -> None:
        """Span this much; nothing is told."""
        self._lowest, self._highest = lowest, highest

    def sizeHint(self) -> QSize:
        """Room for two handles and something between."""
        return QSize(110, 22)

    def minimumSizeHint(self) -> QSize:
        """Still usable."""
        return QSize(70, 22)

    def position(self, value: float) -> float:
        """Where a value lies across the widget, in pixels."""
        share = (value - self._lowest) / (self._highest - self._lowest)
        return HANDLE_PX + 1 + share * (self.width() - 2 * HANDLE_PX - 2)

    def _value_at(self, x: float) -> float:
        share = (x - HANDLE_PX - 1) / max(1.0, self.width() - 2 * HANDLE_PX - 2)
        return self._lowest + min(1.0, max(0.0, share)) * (self._highest - self._lowest)

    def _move(self, value: float) -> None:
        """Move the active handle; it pushes the other one along."""
        value = min(self._highest, max(self._lowest, round(value, self._decimals)))
        before = (self.low, self.high)
        if self._active:
            self.low, self.high = min(self.low, value), value
        else:
            self.low, self.high = value, max(self.high, value)
        if (self.low, self.high) != before:
            self._describe()
            self.changed.emit(self.low, self.high)

    def _describe(self) -> None:
        text = f"{self.low:g} to {self.high:g}"
        self.setAccessibleDescription(text)
        self.setToolTip(f"{self._name}: {text}. Drag an end, or arrow keys; Space takes the other end")
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the nearer handle; of two on one place the one that can go there."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        x = event.position().x()
        to_low, to_high = abs(x - self.position(self.low)), abs(x - self.position(self.high))
        self._active = int(to_high < to_low or (to_high == to_low and x >= self.position(self.high)))
        self._dragged = True
        self._move(self._value_at(x))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag."""
        if self._dragged:
            self._move(self._value_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._dragged = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, Home and End go to the bounds, Space takes the other handle."""
        step = (self._highest - self._lowest) / STEPS
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            step *= 10
        step = max(step, 10.0**-self._decimals)
        value = self.high if self._active else self.low
        goals = {
            Qt.Key.Key_Left: value - step,
            Qt.Key.Key_Down: value - step,
            Qt.Key.Key_Right: value + step,
            Qt.Key.Key_Up: value + step,
            Qt.Key.Key_Home: self._lowest,
            Qt.Key.Key_End: self._highest,
        }
        key = Qt.Key(event.key())
        if key in goals:
            self._move(goals[key])
        elif key == Qt.Key.Key_Space:
            self._active = 1 - self._active
            self.update()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track, the value that changes nothing, the range, two handles."""
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        alive = self.isEnabled()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.raised))
        whole = QRectF(HANDLE_PX, middle - TRACK_PX / 2, self.width() - 2 * HANDLE_PX, TRACK_PX)
        painter.drawRoundedRect(whole, 2, 2)
        neutral = self.position(self._neutral)
        painter.setPen(QPen(QColor(look.muted if alive else look.line), 1))
        painter.drawLine(QPointF(neutral, middle - 6), QPointF(neutral, middle + 6))
        left, right = self.position(self.low), self.position(self.high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.accent if alive else look.disabled))
        painter.drawRect(QRectF(left, middle - TRACK_PX / 2, right - left, TRACK_PX))
        for number, x in ((0, left), (1, right)):
            active = self.hasFocus() and number == self._active
            painter.setBrush(QColor(look.text if active else look.accent if alive else look.disabled))
            painter.setPen(QPen(QColor(look.accent if active else look.surface), 1.5))
            painter.drawEllipse(QPointF(x, middle), HANDLE_PX, HANDLE_PX)
        painter.end()
