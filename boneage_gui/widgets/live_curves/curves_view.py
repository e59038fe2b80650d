"""The plots of a run; the nearest epoch's values stand beside the mouse, or where the arrow keys lead."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from boneage_gui import theme
from boneage_gui.widgets.figure_view import FigureView
from boneage_gui.work.curves import draw_histories
from trainer.counted import counted
from trainer.events import EpochRecord
from trainer.history import History

FIELDS = ("mae_months", "loss")  # of the axes, in their order
PARTS = ("training", "validation")
EDGE_PX = 9.0
STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Home: -(10**9), Qt.Key.Key_End: 10**9}


class CurvesView(FigureView):
    """MAE and loss over epochs; knows which epoch is being read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Curves of the training", parent)
        self.setMouseTracking(True)
        self.histories: tuple[History, ...] = ()
        self.epoch: int | None = None  # the one that is read
        self._at = QPointF()

    def show_histories(self, histories: Sequence[History], *, log: bool) -> None:
        """Draw runs over each other."""
        self.histories = tuple(histories)
        if self.epoch not in self._epochs():
            self.epoch = None
        self.show_figure(partial(draw_histories, histories=self.histories, log=log), self._in_words())
        self.setToolTip("")  # the values stand there

    @property
    def reading(self) -> list[str]:
        """The values of the epoch that is read, a line each; none where none is."""
        if self.epoch is None:
            return []
        lines = [f"Epoch {self.epoch}"]
        for history, record in self._records():
            best = history.best
            mark = ", best" if best is not None and best.epoch == record.epoch else ""
            if len(self.histories) > 1:
                lines.append(f"{history.name}{mark}")
            elif mark:
                lines[0] += mark
            for part in PARTS:
                mae, loss = (getattr(record, f"{part}_{field}") for field in FIELDS)
                lines.append(f"{part}: {mae:.2f} months, loss {_short(loss)}")
        return lines

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the epoch nearest to the mouse."""
        at = event.position()
        self.epoch = None
        for axes in self.figure.axes if self.figure else ():
            if axes.holds(at.x(), at.y()) and self._epochs():
                x, _ = axes.value_at(at.x(), at.y())
                self.epoch = min(self._epochs(), key=lambda epoch: abs(epoch - x))
        self._at = at
        self._say()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is read any more."""
        self.epoch = None
        self._say()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Home and End move the epoch that is read; Escape ends it."""
        epochs = self._epochs()
        step = STEPS.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self.epoch is not None:
            self.epoch = None
        elif step is not None and epochs:
            before = epochs.index(self.epoch) if self.epoch in epochs else (len(epochs) if step < 0 else -1)
            self.epoch = epochs[min(max(before + step, 0), len(epochs) - 1)]
            self._at = self._place()
        else:
            super().keyPressEvent(event)
            return
        self._say()

    def paint_over(self, painter: QPainter) -> None:
        """The line of the epoch, its points in both plots, and its values."""
        if self.epoch is None or self.figure is None:
            return
        look = theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for axes, field in zip(self.figure.axes, FIELDS, strict=False):
            foot = axes.pixel_of(self.epoch, axes.y_low)
            if foot is None:
                continue
            painter.setPen(QPen(QColor(look.muted), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(foot[0], axes.top_px), QPointF(foot[0], axes.bottom_px))
            painter.setPen(QPen(QColor(look.text), 1.4))
            painter.setBrush(QColor(look.surface))
            for _, record in self._records():
                for part in PARTS:
                    point = axes.pixel_of(record.epoch, getattr(record, f"{part}_{field}"))
                    if point is not None:
                        painter.drawEllipse(QPointF(*point), 3.5, 3.5)
        self._paint_label(painter)

    def _paint_label(self, painter: QPainter) -> None:
        look, lines = theme.current(), self.reading
        metrics = QFontMetricsF(self.font())
        wide = max(metrics.horizontalAdvance(line) for line in lines) + 2 * EDGE_PX
        high = len(lines) * metrics.lineSpacing() + 1.4 * EDGE_PX
        left, right = self._at.x() - 14 - wide, self._at.x() + 14
        left = right if right + wide < self._edge() or (left < 4 and right + wide < self.width()) else left
        top = min(max(4.0, self._at.y() - high - 8), self.height() - high - 4)
        box = QRectF(max(4.0, left), top, wide, high)
        painter.setPen(QPen(QColor(look.line), 1))
        painter.setBrush(QColor(look.raised))
        painter.drawRoundedRect(box, 5, 5)
        painter.setPen(QColor(look.text))
        for number, line in enumerate(lines):
            base = box.top() + 0.7 * EDGE_PX + metrics.ascent() + number * metrics.lineSpacing()
            painter.drawText(QPointF(box.left() + EDGE_PX, base), line)

    def _edge(self) -> float:
        """The right edge of the plot that is read: its values stay off the next one."""
        held = [axes.right_px for axes in self.figure.axes if axes.left_px <= self._at.x()] if self.figure else []
        return max(held, default=float(self.width()))

    def _epochs(self) -> list[int]:
        return sorted({record.epoch for history in self.histories for record in history.epochs})

    def _records(self) -> list[tuple[History, EpochRecord]]:
        """What each run says of the epoch that is read."""
        return [
            (history, record) for history in self.histories for record in history.epochs if record.epoch == self.epoch
        ]

    def _place(self) -> QPointF:
        """Where the values stand when keys chose the epoch: above its validation MAE."""
        if self.figure is None or self.epoch is None:
            return QPointF()
        axes = self.figure.axes[0]
        records = self._records()
        value = records[0][1].validation_mae_months if records else math.nan
        point = axes.pixel_of(self.epoch, value) or axes.pixel_of(self.epoch, axes.y_high)
        return QPointF(*point) if point else QPointF()

    def _say(self) -> None:
        self.setAccessibleDescription("; ".join(self.reading) or self._in_words())
        self.update()

    def _in_words(self) -> str:
        said = []
        for history in self.histories:
            best = history.best
            found = f"best epoch {best.epoch}, {best.validation_mae_months:.2f} months MAE" if best else "no epoch yet"
            said.append(f"{history.name}: {counted(len(history.epochs), 'epoch')}, {found}")
        return "; ".join(said)


def _short(value: float) -> str:
    """A loss with as many digits as it deserves."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
