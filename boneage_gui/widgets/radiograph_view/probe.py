"""What lies under the pointer."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF

from boneage_gui.widgets.radiograph_view.measurement import Ruler
from trainer.radiograph import Radiograph


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One pixel: its place from the top left, its value, and millimetres where they are known."""

    row: int
    column: int
    value: float  # 0 to 1, bone bright, whatever the window shows
    row_mm: float | None
    column_mm: float | None


def probe_at(radiograph: Radiograph, point: QPointF) -> Probe | None:
    """The pixel at a point in picture coordinates; None outside the picture."""
    height, width = radiograph.pixels.shape
    row, column = int(point.y() // 1), int(point.x() // 1)
    if not (0 <= row < height and 0 <= column < width):
        return None
    spacing = Ruler.of(radiograph).spacing_mm
    return Probe(
        row=row,
        column=column,
        value=float(radiograph.pixels[row, column]),
        row_mm=row * spacing[0] if spacing else None,
        column_mm=column * spacing[1] if spacing else None,
    )
