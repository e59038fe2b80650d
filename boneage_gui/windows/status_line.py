"""The status bar: what lies under the pointer, and what file is open."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QStatusBar

from boneage_gui.widgets.radiograph_view import Probe
from trainer.radiograph import Radiograph, SpacingFrom

NO_PROBE = "Point at the radiograph to read position and value"


class StatusLine(QStatusBar):
    """Probe on the left, always; the file's facts on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.probe = QLabel(NO_PROBE)
        self.probe.setAccessibleName("Position and value under the pointer")
        self.probe.setToolTip("Row and column from the top left, value from 0 (black) to 1 (bone), millimetres")
        self.facts = QLabel()
        self.facts.setAccessibleName("The open file")
        self.facts.setToolTip("File, size in pixels, bits, size of a pixel and where that is known from")
        self.facts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.facts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.addWidget(self.probe)
        self.addPermanentWidget(self.facts, 1)

    def show_probe(self, probe: Probe | None) -> None:
        """Show what lies under the pointer."""
        self.probe.setText(NO_PROBE if probe is None else probe_text(probe))

    def show_radiograph(self, radiograph: Radiograph) -> None:
        """Show the open file's facts."""
        self.facts.setText(facts_text(radiograph))


def probe_text(probe: Probe) -> str:
    """Position, value, millimetres where they are known."""
    text = f"row {probe.row}, column {probe.column}   ·   value {probe.value:.3f}"
    if probe.row_mm is not None and probe.column_mm is not None:
        text += f"   ·   {probe.row_mm:.1f} mm, {probe.column_mm:.1f} mm"
    return text


def facts_text(radiograph: Radiograph) -> str:
    """File name, size, depth, and the size of a pixel with where it comes from."""
    height, width = radiograph.pixels.shape
    parts = [radiograph.source.name, f"{width} × {height} px", f"{radiograph.bits_stored} bit"]
    if radiograph.spacing_mm is not None and radiograph.spacing_from is not SpacingFrom.NONE:
        parts.append(f"{radiograph.spacing_mm[0]:.3f} mm {radiograph.spacing_from.value}")
    else:
        parts.append("no calibration: lengths in pixels")
    return "   ·   ".join(parts)
