"""Face: all that one picture of the lab shows, and how it is drawn, in the window as on a saved sheet."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen

from boneage_gui import theme
from boneage_gui.widgets.augmentation.colours import ink_on, shift_colour
from trainer.prediction import years_and_months

PAD, GAP, CAPTION_PX, BAND_PX = 6, 6, 100, 19
FONT_PX, LINE_PX = 11, 13
NARROW_PX, NARROWEST_PX = 122, 88  # a band narrower has room for small letters, or for the shift alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """A model's answer for one picture, and its shift from the original's; nan where that is not there yet."""

    months: float
    shift_months: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One picture: its name, the numbers drawn, the picture, and an age for each model."""

    title: str
    lines: tuple[str, ...] = ()
    picture: QImage = field(default_factory=QImage)
    fresh: bool = False  # whether the picture belongs to these numbers, or to those before
    ages: tuple[Age | None, ...] = ()

    @property
    def words(self) -> str:
        """Everything in one sentence, for a screen reader."""
        said = [age_words(age) for age in self.ages if age is not None]
        return f"{self.title}: {', '.join(self.lines) or 'unchanged'}" + "".join(f"; {words}" for words in said)


def short_age(months: float) -> str:
    """An age as short as it fits under a picture: 8 y 4 m."""
    if not math.isfinite(months):
        return "no answer"
    words = years_and_months(months).split()
    return " ".join(f"{figure} {unit[0]}" for figure, unit in zip(words[::2], words[1::2], strict=True))


def signed(months: float) -> str:
    """A shift with its sign, to a tenth of a month."""
    if not math.isfinite(months):
        return ""
    text = f"{abs(months):.1f}"
    if float(text) == 0.0:
        return "±0.0"
    return f"{'−' if months < 0 else '+'}{text}"


def age_words(age: Age) -> str:
    """An age and its shift, spelt out."""
    if not math.isfinite(age.months):
        return "no answer"
    shift = f", {signed(age.shift_months)} months from the original" if math.isfinite(age.shift_months) else ""
    return f"bone age {years_and_months(age.months)}{shift}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The measures of one cell: a square picture with its ages below and its caption beside it, or below too."""

    side: int
    bands: int
    beside: bool = True
    spare: int = 0  # more height than the picture needs, for the caption beside it

    @property
    def width(self) -> int:
        """Of the cell, logical pixels."""
        return 2 * PAD + self.side + (GAP + CAPTION_PX if self.beside else 0)

    @property
    def height(self) -> int:
        """Of the cell, logical pixels."""
        return 2 * PAD + self.side + self.bands * BAND_PX + (self.spare if self.beside else LINE_PX + 2)


def paint_face(painter: QPainter, face: Face, shape: Shape, at: QPointF, *, chosen: bool = False) -> None:
    """Draw a face with its cell's top left corner here."""
    look = theme.current()
    box = QRectF(at.x() + PAD, at.y() + PAD, shape.side, shape.side)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.fillRect(box, QColor(look.picture))
    if not face.picture.isNull():
        painter.setOpacity(1.0 if face.fresh else 0.35)
        painter.drawImage(box, face.picture)
        painter.setOpacity(1.0)
    if chosen:
        painter.setPen(QPen(QColor(look.accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(-2, -2, 2, 2))
    font = QFont(painter.font())
    font.setPixelSize(FONT_PX)
    for row in range(shape.bands):
        age = face.ages[row] if row < len(face.ages) else None
        band = QRectF(box.left(), box.bottom() + row * BAND_PX + 2, box.width(), BAND_PX - 2)
        _paint_band(painter, band, age, font)
    left, top = (box.right() + GAP, box.top()) if shape.beside else (box.left(), at.y() + shape.height - PAD - LINE_PX)
    room = QRectF(left, top, CAPTION_PX if shape.beside else shape.side, at.y() + shape.height - PAD - top)
    _paint_caption(painter, room, face, font)


def _paint_band(painter: QPainter, band: QRectF, age: Age | None, font: QFont) -> None:
    look = theme.current()
    known = age is not None and math.isfinite(age.shift_months)
    colour = shift_colour(age.shift_months) if age is not None and known else QColor(look.field)
    painter.fillRect(band, colour)
    if age is None:
        return
    painter.setPen(ink_on(colour) if known else QColor(look.text))
    bold = QFont(font)
    bold.setBold(True)
    if band.width() < NARROW_PX:
        bold.setPixelSize(FONT_PX - 1)
        font = QFont(bold)
    if band.width() < NARROWEST_PX:
        painter.setFont(bold)
        text = signed(age.shift_months) if known else short_age(age.months)
        painter.drawText(band, Qt.AlignmentFlag.AlignCenter, text)
        return
    inside = band.adjusted(4, 0, -4, 0)
    painter.setFont(bold)
    painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, short_age(age.months))
    font.setBold(False)
    painter.setFont(font)
    painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, signed(age.shift_months))


def _paint_caption(painter: QPainter, room: QRectF, face: Face, font: QFont) -> None:
    look = theme.current()
    lines = [face.title, *face.lines]
    fits = max(1, int(room.height() // LINE_PX))
    if len(lines) > fits > 1:
        lines = [*lines[: fits - 1], f"and {len(lines) - fits + 1} more"]
    for row, text in enumerate(lines[:fits]):
        bold = QFont(font)
        bold.setBold(row == 0)
        painter.setFont(bold)
        painter.setPen(QColor(look.text if row == 0 else look.muted))
        line = QRectF(room.left(), room.top() + row * LINE_PX, room.width(), LINE_PX)
        fitted = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, fitted)
