"""Draws the radiograph into a layer of the screen's own pixels, and keeps it until something changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QImage, QPainter, QTransform

from boneage_gui.widgets.radiograph_view.display_window import Window
from boneage_gui.widgets.radiograph_view.placement import Placement
from boneage_gui.widgets.radiograph_view.scene import Scene

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_Key = tuple[int, Placement, Window, bool, QColor]


class Film:
    """The drawn layer. Moving a crosshair or a measurement over it costs one copy, no new windowing."""

    def __init__(self) -> None:
        self._key: _Key | None = None
        self._layer = QImage()
        self._table_key: tuple[Window, bool] | None = None
        self._table: npt.NDArray[np.uint8] | None = None

    def layer(self, scene: Scene, surround: QColor) -> QImage:
        """The radiograph as placed and windowed; the whole view, at the screen's resolution."""
        key = (id(scene.picture), scene.placement, scene.window, scene.inverted, surround)
        if key != self._key:
            self._layer, self._key = self._drawn(scene, surround), key
        return self._layer

    def forget(self) -> None:
        """Let go of the layer, because its radiograph goes."""
        self._key, self._layer = None, QImage()

    def _drawn(self, scene: Scene, surround: QColor) -> QImage:
        placement, ratio = scene.placement, scene.placement.device_ratio
        width = max(1, round(placement.view.width() * ratio))
        height = max(1, round(placement.view.height() * ratio))
        layer = QImage(width, height, QImage.Format.Format_RGB32)
        layer.setDevicePixelRatio(ratio)
        layer.fill(surround)
        patch = scene.picture.patch(
            placement.seen() & scene.frame, magnification=placement.zoom, table=self._lookup(scene)
        )
        if patch.image.isNull():
            return layer
        painter = QPainter(layer)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, patch.smooth)
        painter.setTransform(placement.transform())
        painter.setTransform(QTransform(patch.step, 0, 0, patch.step, patch.left, patch.top), combine=True)
        # The raster engine is twice as fast on 32 bits, the change of format included.
        painter.drawImage(0, 0, patch.image.convertToFormat(QImage.Format.Format_RGB32))
        painter.end()
        return layer

    def _lookup(self, scene: Scene) -> npt.NDArray[np.uint8]:
        key = (scene.window, scene.inverted)
        if self._table is None or key != self._table_key:
            from boneage_gui.widgets.radiograph_view.greys import lookup_table  # numpy; a first paint needs none

            self._table, self._table_key = lookup_table(scene.window, inverted=scene.inverted), key
        return self._table
