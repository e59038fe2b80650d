"""The whole grid as one picture, with captions, models, legend and limits; drawn in a job."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QImageWriter, QPainter

from boneage_gui import theme
from boneage_gui.widgets.augmentation.face import LINE_PX, Face, Shape, paint_face
from boneage_gui.widgets.augmentation.legend import HEIGHT_PX, WIDTH_PX, paint_legend
from trainer.prediction import RESEARCH_USE

SIDE_PX, MARGIN_PX, SCALE = 168, 20, 2
FEWEST_COLUMNS = 3


def draw_sheet(faces: Sequence[Face], *, heading: Sequence[str], lines: Sequence[str], bands: int) -> QImage:
    """Draw every face; ``heading`` stands above, ``lines`` (of the models) below. No widget is touched."""
    shape = Shape(side=SIDE_PX, bands=bands)
    columns = max(FEWEST_COLUMNS, math.ceil(math.sqrt(len(faces) * shape.height / shape.width)))
    rows = -(-len(faces) // columns)
    width = 2 * MARGIN_PX + columns * shape.width
    top = MARGIN_PX + len(heading) * (LINE_PX + 6) + 8
    below = top + rows * shape.height + 12
    foot = len(lines) * 2 * (LINE_PX + 3) + HEIGHT_PX + 10
    image = QImage(width * SCALE, (below + foot + MARGIN_PX) * SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SCALE)
    look = theme.current()
    image.fill(QColor(look.window))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    room = width - 2 * MARGIN_PX
    for row, text in enumerate(heading):
        _write(painter, QRectF(MARGIN_PX, MARGIN_PX + row * (LINE_PX + 6), room, LINE_PX + 6), text, bold=row == 0)
    for number, face in enumerate(faces):
        row, column = divmod(number, columns)
        paint_face(painter, face, shape, QPointF(MARGIN_PX + column * shape.width, top + row * shape.height))
    for row, text in enumerate(lines):
        box = QRectF(MARGIN_PX, below + row * 2 * (LINE_PX + 3), room, 2 * (LINE_PX + 3))
        _write(painter, box, text)
    end = below + foot - HEIGHT_PX
    if bands:
        paint_legend(painter, QRectF(width - MARGIN_PX - WIDTH_PX, end, WIDTH_PX, HEIGHT_PX))
    painter.setPen(QColor(look.caution))
    _write(painter, QRectF(MARGIN_PX, end, room - WIDTH_PX, LINE_PX + 6), RESEARCH_USE, bold=True, colour=look.caution)
    painter.end()
    return image


def as_png(image: QImage) -> bytes:
    """A picture as the bytes of a PNG file."""
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"PNG")).write(image)
    buffer.close()
    return bytes(held.data())


def _write(painter: QPainter, box: QRectF, text: str, *, bold: bool = False, colour: str = "") -> None:
    font = QFont(painter.font())
    font.setPixelSize(13)
    font.setBold(bold)
    painter.setFont(font)
    painter.setPen(QColor(colour or theme.current().text))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap), text)
