"""One labelled case: its picture small, its age and sex under it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from boneage_gui import theme
from boneage_gui.images import grey_image
from trainer.prediction import years_and_months
from trainer.radiograph import Sex

PICTURE_PX = QSize(98, 118)
SEXES = {Sex.FEMALE: "girl", Sex.MALE: "boy", None: "sex not given"}


class CaseTile(QWidget):
    """Draws a case, or an empty frame while it is awaited."""

    def __init__(self, place: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = place
        self._picture = QImage()
        self.age = ""
        self.sex = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clear()

    def sizeHint(self) -> QSize:
        """The picture and two lines."""
        return QSize(PICTURE_PX.width(), PICTURE_PX.height() + 4 + 2 * self.fontMetrics().height())

    def clear(self) -> None:
        """No case yet."""
        self._picture, self.age, self.sex = QImage(), "", ""
        self._name("awaited")

    def show_case(self, pixels: npt.NDArray[np.uint8] | None, *, age_months: float, sex: Sex | None) -> None:
        """Show a case; without pixels its file cannot be read any more."""
        self._picture = QImage() if pixels is None else grey_image(pixels)
        self.age, self.sex = _short(age_months), SEXES[sex]
        lost = ", its picture cannot be read any more" if pixels is None else ""
        self._name(f"{years_and_months(age_months)}, {self.sex}{lost}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw picture and lines."""
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        frame = QRectF(0.5, 0.5, PICTURE_PX.width() - 1, PICTURE_PX.height() - 1)
        painter.setPen(QColor(look.line))
        painter.setBrush(QColor(look.picture if self.age else look.field))
        painter.drawRect(frame)
        if not self._picture.isNull():
            size = self._picture.size().scaled(PICTURE_PX - QSize(4, 4), Qt.AspectRatioMode.KeepAspectRatio)
            left, top = (PICTURE_PX.width() - size.width()) / 2, (PICTURE_PX.height() - size.height()) / 2
            painter.drawImage(QRectF(left, top, size.width(), size.height()), self._picture)
        line = self.fontMetrics().height()
        for number, (text, colour) in enumerate(((self.age, look.text), (self.sex, look.muted))):
            painter.setPen(QColor(colour))
            below = QRectF(0, PICTURE_PX.height() + 3 + number * line, self.width(), line)
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, text)
        painter.end()

    def _name(self, words: str) -> None:
        self.setAccessibleName(f"Case {self._place}: {words}")
        self.setToolTip(f"Case {self._place}: {words}")
        self.update()


def _short(months: float) -> str:
    years, rest = divmod(max(0, round(months)), 12)
    return " ".join(part for part in (f"{years} y" if years else "", f"{rest} m" if rest or not years else "") if part)
