"""A figure drawn by matplotlib in another process, as large, as sharp and in the colours that the window wants now."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontInfo,
    QGuiApplication,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QFileDialog, QMenu, QSizePolicy, QWidget

from boneage_gui import theme
from boneage_gui.errors import log, sentence
from boneage_gui.images import colour_image
from boneage_gui.jobs import Job, NewestOnly
from boneage_gui.work.figures import Draw, DrawnFigure, draw_figure, save_figure
from trainer.errors import BoneAgeError

LEAST_SIZE_PX = (240, 150)
CORNER_PX = 6
PAUSE_S = 0.3  # from the start of one drawing to the next: live curves are redrawn a few times a second, no more
PRINT_SIZE_PX = (900, 420)  # of a figure that was never on the screen
KINDS = "PNG picture (*.png);;PDF (*.pdf)"


class FigureView(QWidget):
    """Shows a figure; the newest wins, the last one stays on show meanwhile, and one is drawn at a time."""

    drawn = Signal(object)  # DrawnFigure: a new picture is on show
    saved = Signal(object)  # Path
    failed = Signal(str)  # the sentence: it could not be saved

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("figure")
        self.setAccessibleName(title)
        self.setMinimumSize(*LEAST_SIZE_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.figure: DrawnFigure | None = None
        self.sentence = ""  # in the place of a figure
        self._title = title
        self._draw: Draw | None = None
        self._asked_for: object = None  # size, scale and colours of the drawing that was begun last
        self._image = QImage()
        self._jobs = NewestOnly(self)
        self._busy = False
        self._begun_s = -PAUSE_S
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._begin)

    def sizeHint(self) -> QSize:
        """As figures mostly are."""
        return QSize(480, 280)

    def show_figure(self, draw: Draw, description: str = "") -> None:
        """Show what ``draw(figure, look)`` draws; it must be importable by name (see work.painter.Painter)."""
        self._draw, self._asked_for, self.sentence = draw, None, ""
        self._describe(description)
        self.update()

    def clear(self, sentence: str = "") -> None:
        """Show no figure, but why there is none."""
        self._jobs.drop()
        self._pause.stop()
        self._busy = False
        self._draw, self.figure, self._image = None, None, QImage()
        self.sentence = sentence
        self._describe(sentence)
        self.update()

    def restyle(self) -> None:
        """Follow the theme."""
        self.update()

    def save(self, path: Path) -> None:
        """Draw for print into a PNG or a PDF, on white whatever the theme; ``saved`` or ``failed`` follows."""
        if self._draw is None:
            self.failed.emit("There is no figure to save yet.")
            return
        width, height = (self.width(), self.height()) if self.figure else PRINT_SIZE_PX
        job = Job(save_figure, self._draw, path, width_px=width, height_px=height, font_family=self._family())
        job.result.connect(self.saved)
        job.failed.connect(lambda error: self.failed.emit(_said(error)))
        job.begin()

    def picture(self) -> QImage:
        """The picture on show, in the screen's pixels."""
        return self._image

    # -- drawing: whatever makes the window paint asks whether the picture still fits

    def paintEvent(self, event: QPaintEvent) -> None:
        """The last picture, or the sentence; a newer picture is asked for where this one no longer fits."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QPainterPath()
        card.addRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), CORNER_PX, CORNER_PX)
        painter.fillPath(card, QColor(theme.current().surface))
        painter.setClipPath(card)
        if not self._image.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.rect(), self._image)
        elif self.sentence or self._draw is not None:
            painter.setPen(QColor(theme.current().muted))
            wrapped = Qt.AlignmentFlag.AlignCenter.value | Qt.TextFlag.TextWordWrap.value
            painter.drawText(self.rect().adjusted(16, 8, -16, -8), wrapped, self.sentence or "Drawing…")
        self.paint_over(painter)
        painter.setClipping(False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.current().accent if self.hasFocus() else theme.current().line), 1))
        painter.drawPath(card)
        painter.end()
        if self._draw is not None and self._asked_for != self._wanted():
            self._begin_soon()

    def paint_over(self, painter: QPainter) -> None:
        """Paint what lies over the picture; nothing, but for those who want to."""

    def _wanted(self) -> object:
        info = QFontInfo(self.font())
        look = theme.current().name
        return (self.width(), self.height(), self.devicePixelRatioF(), look, info.family(), info.pixelSize())

    def _begin_soon(self) -> None:
        if not self._busy and not self._pause.isActive():
            self._pause.start(max(0, round(1000 * (self._begun_s + PAUSE_S - monotonic()))))

    def _begin(self) -> None:
        if self._draw is None or not self.isVisible():
            return  # asked for again by the next paint
        self._busy, self._begun_s, self._asked_for = True, monotonic(), self._wanted()
        job = Job(
            draw_figure,
            self._draw,
            width_px=self.width(),
            height_px=self.height(),
            scale=self.devicePixelRatioF(),
            look_name=theme.current().name,
            font_family=self._family(),
            font_px=float(QFontInfo(self.font()).pixelSize()),
        )
        self._jobs.start(job, result=self._show, failed=self._give_up)

    def _show(self, figure: DrawnFigure) -> None:
        self._busy = False
        self.figure, self._image = figure, colour_image(figure.pixels)
        self.update()
        self.drawn.emit(figure)

    def _give_up(self, error: BaseException) -> None:
        self._busy = False
        self.figure, self._image, self._draw = None, QImage(), None
        self.sentence = _said(error)
        self._describe(self.sentence)
        self.update()

    def _family(self) -> str:
        return QFontInfo(self.font()).family()

    def _describe(self, description: str) -> None:
        self.setAccessibleDescription(description)
        self.setToolTip(f"{self._title}\n{description}" if description else self._title)

    # -- what a user may take along

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copy, save; by the right button or the menu key."""
        if self._image.isNull():
            return
        menu = QMenu(self)
        menu.addAction("Copy picture", self.copy)
        menu.addAction("Save picture…", self._ask_where)
        menu.exec(event.globalPos())

    def copy(self) -> None:
        """Put the picture on the clipboard."""
        if not self._image.isNull():
            QGuiApplication.clipboard().setImage(self._image)

    def _ask_where(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, f"Save “{self._title}”", f"{self._title}.png", KINDS)
        if name:
            path = Path(name)
            self.save(path if path.suffix.lower() in (".png", ".pdf") else path.with_name(f"{path.name}.png"))


def _said(error: BaseException) -> str:
    if not isinstance(error, BoneAgeError):
        log.error("a figure could not be drawn", exc_info=(type(error), error, error.__traceback__))
    return sentence(error)
