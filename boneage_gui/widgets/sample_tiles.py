"""Tiles: small pictures of what the network sees, each with the age and sex of its case."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from boneage_gui import theme
from boneage_gui.images import grey_image
from boneage_gui.widgets.text import plain_tooltip
from trainer.data_summary import Sample
from trainer.prediction import years_and_months

LEAST_SIDE_PX, MOST_SIDE_PX = 84, 150
GAP_PX, CAPTION_PX = 8, 34
SEXES = {"female": "girl", "male": "boy"}
WAITING, UNREADABLE = "…", "cannot be read"


class SampleTiles(QWidget):
    """As many tiles in a row as there is room for, as large as the row lets them be."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Samples of the radiographs")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.samples: tuple[Sample, ...] = ()
        self.images: dict[int, QImage | None] = {}  # by place; None: it cannot be read
        self._current = -1

    def show_samples(self, samples: Sequence[Sample]) -> None:
        """Show these cases, their pictures still to come."""
        self.samples, self.images, self._current = tuple(samples), {}, -1
        self._describe()
        self._fit()
        self.update()

    def show_canvas(self, place: int, canvas: npt.NDArray[np.uint8] | None) -> None:
        """Show one picture, uint8[side, side]; None where it cannot be read."""
        self.images[place] = None if canvas is None else grey_image(canvas)
        self.update()

    def caption(self, place: int) -> tuple[str, str]:
        """Age and sex of a case, in two lines."""
        sample = self.samples[place]
        age = years_and_months(sample.age_months).replace(" years", " y").replace(" year", " y")
        return age.replace(" months", " m").replace(" month", " m"), SEXES.get(str(sample.sex or ""), "sex not given")

    def sizeHint(self) -> QSize:
        """One row of tiles."""
        return QSize(600, self._side() + CAPTION_PX)

    def minimumSizeHint(self) -> QSize:
        """The smallest tiles."""
        return QSize(4 * (LEAST_SIDE_PX + GAP_PX), LEAST_SIDE_PX + CAPTION_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tiles follow the width."""
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from tile to tile, for those who hear them."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self.samples:
            super().keyPressEvent(event)
            return
        self._current = min(max(self._current + step, 0), self._shown() - 1)
        self._describe()
        self.update()

    def event(self, event: QEvent) -> bool:
        """A tooltip for each tile."""
        if isinstance(event, QHelpEvent):
            place = next((at for at in range(self._shown()) if self._tile(at).contains(event.pos())), None)
            if place is not None:
                QToolTip.showText(event.globalPos(), plain_tooltip(self._in_words(place)), self)
                return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The tiles."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        look = theme.current()
        font = self.font()
        font.setPixelSize(12)
        painter.setFont(font)
        for place in range(self._shown()):
            tile = self._tile(place)
            painter.fillRect(tile, QColor(look.picture))
            image = self.images.get(place)
            if image is not None:
                painter.drawImage(tile, image)
            else:
                painter.setPen(QColor("#9aa5b1"))  # on black, whatever the theme
                waiting = UNREADABLE if place in self.images else WAITING
                wrapped = Qt.AlignmentFlag.AlignCenter.value | Qt.TextFlag.TextWordWrap.value
                painter.drawText(tile.adjusted(4, 4, -4, -4), wrapped, waiting)
            for line, (words, colour) in enumerate(zip(self.caption(place), (look.text, look.muted), strict=True)):
                painter.setPen(QColor(colour))
                box = QRectF(tile.left(), tile.bottom() + 2 + 15 * line, tile.width(), 16)
                painter.drawText(box, Qt.AlignmentFlag.AlignHCenter.value, words)
            if self.hasFocus() and place == max(self._current, 0):
                painter.setPen(QPen(QColor(look.accent), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(tile.adjusted(1, 1, -1, -1))
        painter.end()

    def _fit(self) -> None:
        """The height follows the tiles."""
        self.setFixedHeight(self._side() + CAPTION_PX)

    def _shown(self) -> int:
        return min(len(self.samples), max(1, (self.width() + GAP_PX) // (LEAST_SIDE_PX + GAP_PX)))

    def _side(self) -> int:
        shown = self._shown() if self.samples else 12
        return min(MOST_SIDE_PX, max(LEAST_SIDE_PX, (self.width() + GAP_PX) // shown - GAP_PX))

    def _tile(self, place: int) -> QRectF:
        side = self._side()
        return QRectF(place * (side + GAP_PX), 0, side, side)

    def _in_words(self, place: int) -> str:
        age, sex = years_and_months(self.samples[place].age_months), self.caption(place)[1]
        return f"Case {self.samples[place].case_id}: {age}, {sex}"

    def _describe(self) -> None:
        said = self._in_words(self._current) if 0 <= self._current < len(self.samples) else ""
        self.setAccessibleDescription(said or f"{len(self.samples)} samples; arrow keys go from one to the next")
