"""Everything that decides what a view shows; no widget."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSizeF

from boneage_gui.widgets.radiograph_view.display_window import Window
from boneage_gui.widgets.radiograph_view.glaze import Glaze
from boneage_gui.widgets.radiograph_view.measurement import Ruler
from boneage_gui.widgets.radiograph_view.measuring import Measuring
from boneage_gui.widgets.radiograph_view.placement import Placement
from trainer.radiograph import Radiograph

if TYPE_CHECKING:
    from boneage_gui.widgets.radiograph_view.picture import Picture
    from boneage_gui.work.levels import Levels


@dataclass(slots=True)
class Scene:
    """One radiograph on the view and how it is looked at."""

    radiograph: Radiograph
    picture: Picture
    ruler: Ruler
    placement: Placement
    fitted: bool = True  # stays fitted when the view is resized
    window: Window = field(default_factory=Window)
    inverted: bool = False
    measuring: Measuring = field(default_factory=Measuring)
    glaze: Glaze | None = None  # goes with its radiograph

    @classmethod
    def of(cls, radiograph: Radiograph, levels: Levels | None = None, *, view: QSizeF, device_ratio: float) -> Scene:
        """The radiograph fitted into a view of this size, its full range shown.

        Levels that no job has made are made now.
        """
        from boneage_gui.widgets.radiograph_view.picture import Picture  # numpy, which a first paint does without
        from boneage_gui.work.levels import Levels

        height, width = radiograph.pixels.shape
        ruler = Ruler.of(radiograph)
        placement = Placement(
            picture=QSizeF(width, height),
            aspect=ruler.aspect,
            view=view,
            device_ratio=device_ratio,
            centre=QPointF(width / 2, height / 2),
        )
        return cls(
            radiograph=radiograph,
            picture=Picture(levels or Levels(radiograph.pixels)),
            ruler=ruler,
            placement=placement.fitted(),
        )

    @property
    def frame(self) -> QRectF:
        """The picture's edge in picture coordinates."""
        return QRectF(QPointF(0, 0), self.placement.picture)

    def on_picture(self, view_point: QPointF) -> QPointF:
        """The picture point under a view point; the nearest one on the edge when that is outside."""
        point = self.placement.to_picture(view_point)
        return QPointF(min(max(point.x(), 0.0), self.frame.width()), min(max(point.y(), 0.0), self.frame.height()))

    def reach(self, view_px: float) -> float:
        """A distance on the view in picture pixels."""
        return view_px * self.placement.device_ratio / self.placement.zoom
