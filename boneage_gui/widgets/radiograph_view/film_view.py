"""The lower half of the viewer: one radiograph, its window, zoom and orientation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from boneage_gui.widgets.radiograph_view import overlay
from boneage_gui.widgets.radiograph_view.display_window import Window
from boneage_gui.widgets.radiograph_view.film import Film
from boneage_gui.widgets.radiograph_view.glaze import Glaze, draw_glaze
from boneage_gui.widgets.radiograph_view.ink import Ink
from boneage_gui.widgets.radiograph_view.placement import Placement
from boneage_gui.widgets.radiograph_view.scene import Scene
from boneage_gui.widgets.radiograph_view.welcome import draw_welcome
from trainer.radiograph import Radiograph

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from boneage_gui.work.levels import Levels

ZOOM_STEP = 1.25


class FilmView(QWidget):
    """Draws one radiograph and owns how it is looked at."""

    probed = Signal(object)  # Probe, or None when nothing is under the pointer
    display_changed = Signal()  # window, zoom, orientation or the radiograph itself
    turned = Signal()  # the reader turned or mirrored the radiograph, or reset that

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: Scene | None = None
        self._film = Film()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Radiograph")

    def sizeHint(self) -> QSize:
        """A comfortable portrait."""
        return QSize(640, 760)

    def minimumSizeHint(self) -> QSize:
        """Small enough for a laptop beside the panel."""
        return QSize(216, 240)

    # What is shown

    def show_radiograph(self, radiograph: Radiograph | None, levels: Levels | None = None) -> None:
        """Show it fitted, upright and in its full range, without measurements; None clears the view.

        A job may have made its ``levels`` already.
        """
        self._film.forget()
        if radiograph is None:
            self._scene = None
        else:
            self._scene = Scene.of(radiograph, levels, view=QSizeF(self.size()), device_ratio=self.devicePixelRatioF())
        self.probed.emit(None)
        self._changed()

    def has_radiograph(self) -> bool:
        """Whether there is anything to look at."""
        return self._scene is not None

    def display_window(self) -> Window:
        """The shown part of the range. (`window` is taken: QWidget's own top-level window.)"""
        return self._scene.window if self._scene else Window()

    def zoom(self) -> float:
        """Screen pixels per pixel of the radiograph."""
        return self._scene.placement.zoom if self._scene else 1.0

    def is_inverted(self) -> bool:
        """Whether bone is shown dark at the user's wish."""
        return self._scene is not None and self._scene.inverted

    def show_glaze(self, glaze: Glaze | None) -> None:
        """Lay colour and outlines on the radiograph; they go with it. None takes them away."""
        if self._scene:
            self._scene.glaze = glaze
            self.update()

    def glaze(self) -> Glaze | None:
        """What lies on the radiograph."""
        return self._scene.glaze if self._scene else None

    def snapshot(self) -> QImage:
        """What is shown now with its annotations and its purpose, at the screen's resolution; no crosshair."""
        ratio = self.devicePixelRatioF()
        image = QImage(self.size() * ratio, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        painter = QPainter(image)
        self._draw(painter)
        painter.end()
        return image

    def snapshot_pixels(self) -> npt.NDArray[np.uint8]:
        """The same as an array, uint8[height, width, 3], RGB."""
        from boneage_gui.images import pixels_of

        return pixels_of(self.snapshot())

    # Window

    def set_window(self, *, centre: float, width: float) -> None:
        """Show this part of the range, in the radiograph's 0 to 1."""
        if self._scene:
            self._scene.window = Window.within_reach(centre=centre, width=width)
            self._changed()

    def drag_window(self, *, right_px: float, down_px: float) -> None:
        """Change the window as a drag by so many pixels does."""
        if self._scene:
            self._scene.window = self._scene.window.dragged(right_px=right_px, down_px=down_px)
            self._changed()

    def reset_window(self) -> None:
        """Show the full range."""
        self.set_window(centre=0.5, width=1.0)

    def invert(self) -> None:
        """Exchange black and white on the screen; values stay."""
        if self._scene:
            self._scene.inverted = not self._scene.inverted
            self._changed()

    # Zoom and orientation

    def fit(self) -> None:
        """The whole radiograph, and keep it whole when the view is resized."""
        self._place(Placement.fitted, fitted=True)

    def one_to_one(self) -> None:
        """One pixel of the radiograph on one of the screen's."""
        middle = QPointF(self.width() / 2, self.height() / 2)
        self._place(lambda placement: placement.zoomed_to(1.0, at=middle))

    def zoom_in(self) -> None:
        """One step larger, about the middle of the view."""
        self.zoom_by(ZOOM_STEP, at=QPointF(self.width() / 2, self.height() / 2))

    def zoom_out(self) -> None:
        """One step smaller, about the middle of the view."""
        self.zoom_by(1 / ZOOM_STEP, at=QPointF(self.width() / 2, self.height() / 2))

    def zoom_by(self, factor: float, *, at: QPointF) -> None:
        """Larger or smaller; what lies under `at`, in logical pixels, stays there."""
        self._place(lambda placement: placement.zoomed(factor, at=at))

    def move_by(self, by: QPointF) -> None:
        """Carry the radiograph along, in logical pixels."""
        self._place(lambda placement: placement.moved(by))

    def rotate_right(self) -> None:
        """A quarter turn clockwise."""
        self._turn(lambda placement: placement.turned(1))

    def rotate_left(self) -> None:
        """A quarter turn against the clock."""
        self._turn(lambda placement: placement.turned(-1))

    def flip_horizontal(self) -> None:
        """Exchange left and right, as seen."""
        self._turn(lambda placement: placement.flipped(upside_down=False))

    def flip_vertical(self) -> None:
        """Exchange top and bottom, as seen."""
        self._turn(lambda placement: placement.flipped(upside_down=True))

    def reset(self) -> None:
        """Fitted, upright, full range, not inverted. Measurements stay."""
        if self._scene:
            self._scene.window, self._scene.inverted = Window(), False
            self._scene.placement = replace(self._scene.placement, turns=0, mirrored=False)
            self.fit()
            self.turned.emit()

    @property
    def quarters(self) -> int:
        """By how many quarter turns to the right the hand lies otherwise than in its file, 0 to 3, mirrored or not."""
        return self._scene.placement.quarters if self._scene else 0

    def picture_to_view(self) -> QTransform:
        """From picture coordinates (x right, y down, in pixels) to logical pixels of this widget."""
        return self._scene.placement.transform() if self._scene else QTransform()

    # Inside

    def _place(self, change: Callable[[Placement], Placement], *, fitted: bool = False) -> None:
        if self._scene:
            self._scene.placement, self._scene.fitted = change(self._scene.placement), fitted
            self._changed()

    def _turn(self, change: Callable[[Placement], Placement]) -> None:
        if self._scene and self._scene.fitted:
            self._place(lambda placement: change(placement).fitted(), fitted=True)
        else:
            self._place(change)
        self.turned.emit()

    def _resized(self) -> None:
        if not self._scene:
            return
        scene = self._scene
        scene.placement = replace(scene.placement, view=QSizeF(self.size()), device_ratio=self.devicePixelRatioF())
        if scene.fitted:
            scene.placement = scene.placement.fitted()
        self._changed()

    def _changed(self) -> None:
        self.update()
        self.display_changed.emit()

    def _draw(self, painter: QPainter, *, dropping: bool = False, handling: bool = False) -> None:
        """Everything that belongs on a snapshot; with `handling` also what only the hand at work needs."""
        ink = Ink.of(self.palette(), self.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scene = self._scene
        if scene is None:
            painter.fillRect(self.rect(), ink.room)
            draw_welcome(painter, ink, view=QSizeF(self.size()), font=self.font(), dropping=dropping)
            return
        painter.drawImage(0, 0, self._film.layer(scene, ink.surround))
        if scene.glaze is not None:
            draw_glaze(painter, ink, scene.glaze, scene.placement, scene.frame)
        overlay.draw_corners(painter, ink, scene, purpose=not handling)
        overlay.draw_scale(painter, ink, scene)
        overlay.draw_measurements(painter, ink, scene, while_measuring=handling)
        if handling and scene.measuring.crosshair is not None:
            overlay.draw_crosshair(painter, ink, scene.placement, scene.measuring.crosshair)
