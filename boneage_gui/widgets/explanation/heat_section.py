"""Where the model looked: the heat's switch, its opacity, its scale and what it is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from boneage_gui.widgets.explanation.colour_scale import ColourScale
from boneage_gui.widgets.text import label

WAITING = "The heat follows the bone age."
CAUTION = (
    "It shows roughly where the network found reasons, not which bone decided, nor that the reason is a good one: a "
    "hand with plausible heat can be read wrongly."
)
FIRST_OPACITY = 60  # per cent


class HeatSection(QWidget):
    """Owns whether the heat is shown and how strongly."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown = QCheckBox("Heat over the radiograph")
        self.shown.setChecked(True)
        self.shown.setToolTip("Show or hide the heat over the radiograph (Shift+H)")
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(5, 100)
        self.opacity.setValue(FIRST_OPACITY)
        self.opacity.setPageStep(10)
        self.opacity.setAccessibleName("Opacity of the heat, per cent")
        self.opacity.setToolTip("Opacity of the heat ([ less, ] more)")
        self.percent = QLabel()
        self.percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.percent.setFixedWidth(self.percent.fontMetrics().horizontalAdvance("100 %") + 4)
        self.scale = ColourScale()
        self.what = label(rank="small", selectable=True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(QLabel("Opacity"))
        row.addWidget(self.opacity, 1)
        row.addWidget(self.percent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        column.addWidget(self.shown)
        column.addLayout(row)
        column.addWidget(self.scale)
        column.addWidget(self.what)
        column.addWidget(label(CAUTION, rank="small"))
        self.shown.toggled.connect(self._tell)
        self.opacity.valueChanged.connect(self._tell)
        self._tell()
        self.say(WAITING)

    def say(self, words: str) -> None:
        """What the heat is, or why there is none."""
        self.what.setText(words)

    def step(self, percent: int) -> None:
        """More or less opaque."""
        self.opacity.setValue(self.opacity.value() + percent)

    def _tell(self) -> None:
        self.opacity.setEnabled(self.shown.isChecked())
        self.percent.setText(f"{self.opacity.value()} %")
        self.changed.emit()
