"""The status bar: what lies under the pointer, and what file is open."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStatusBar

from boneage_gui.widgets.radiograph_view import Probe
from trainer.radiograph import Radiograph, SpacingFrom, shown_name

NO_PROBE = "Point at the radiograph to read position and value"
GAP = "   ·   "


class StatusLine(QStatusBar):
    """Probe on the left, and in its place for a while what happens; the file's facts on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.probe = QLabel(NO_PROBE)
        self.probe.setTextFormat(Qt.TextFormat.PlainText)
        self.probe.setAccessibleName("Position and value under the pointer")
        self.probe.setToolTip("Row and column from the top left, value from 0 (black) to 1 (bone), millimetres")
        self.facts = _Facts()
        self._under_pointer = NO_PROBE
        self._silence = QTimer(self)
        self._silence.setSingleShot(True)
        self._silence.timeout.connect(self.fall_silent)
        self._telling = False
        self.addWidget(self.probe)
        self.addPermanentWidget(self.facts, 1)

    def tell(self, sentence: str, *, for_ms: int | None = None) -> None:
        """Say what happens, for a while or until ``fall_silent``.

        Qt's own message would be drawn left of the facts, where no room is left for it.
        """
        self._telling = True
        self.probe.setText(sentence)
        self._silence.stop()
        if for_ms is not None:
            self._silence.start(for_ms)

    def fall_silent(self) -> None:
        """The probe has its place again."""
        self._telling = False
        self._silence.stop()
        self.probe.setText(self._under_pointer)

    def show_probe(self, probe: Probe | None) -> None:
        """Show what lies under the pointer."""
        self._under_pointer = NO_PROBE if probe is None else probe_text(probe)
        if not self._telling:
            self.probe.setText(self._under_pointer)

    def show_radiograph(self, radiograph: Radiograph) -> None:
        """Show the open file's facts."""
        self.facts.show_facts(shown_name(radiograph.source), facts_text(radiograph))


class _Facts(QLabel):
    """A file's name and its facts; where room is short the middle of the name goes."""

    def __init__(self) -> None:
        super().__init__()
        self._name, self._rest = "", ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName("The open file")
        self.setToolTip("File, size in pixels, bits, size of a pixel and where that is known from")
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_facts(self, name: str, rest: str) -> None:
        """Show these."""
        self._name, self._rest = name, f"{GAP}{rest}"
        self.setAccessibleDescription(f"{name}{self._rest}")
        self._fill()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More of the name, or less."""
        super().resizeEvent(event)
        self._fill()

    def _fill(self) -> None:
        metrics = self.fontMetrics()
        room = self.contentsRect().width() - metrics.horizontalAdvance(self._rest)
        name = metrics.elidedText(self._name, Qt.TextElideMode.ElideMiddle, max(0, room - 1))
        self.setText(f"{name}{self._rest}")


def probe_text(probe: Probe) -> str:
    """Position, value, millimetres where they are known."""
    text = f"row {probe.row}, column {probe.column}{GAP}value {probe.value:.3f}"
    if probe.row_mm is not None and probe.column_mm is not None:
        text += f"{GAP}{probe.row_mm:.1f} mm, {probe.column_mm:.1f} mm"
    return text


def facts_text(radiograph: Radiograph) -> str:
    """Size, depth, and the size of a pixel with where it comes from."""
    height, width = radiograph.pixels.shape
    parts = [f"{width} × {height} px", f"{radiograph.bits_stored} bit"]
    if radiograph.spacing_mm is not None and radiograph.spacing_from is not SpacingFrom.NONE:
        parts.append(f"{radiograph.spacing_mm[0]:.3f} mm {radiograph.spacing_from.value}")
    else:
        parts.append("no calibration: lengths in pixels")
    return GAP.join(parts)
