"""One transform of a recipe: its switch, its range, its probability."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QLocale, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QFrame, QHBoxLayout, QSpinBox, QWidget

from boneage_gui.widgets.augmentation.range_slider import RangeSlider
from boneage_gui.widgets.marks import mark
from trainer.augment import TRANSFORMS, Step

NAME_PX, END_PX, CHANCE_PX = 104, 62, 54
ROW_PX = 28
# Share of a transform's bounds that its slider spans at first: what recipes use. What is typed beyond it widens it.
USUAL = {"rotation": 0.25, "scale": 0.5, "scale_x": 0.5, "scale_y": 0.5, "contrast": 0.5, "brightness": 0.5,
         "gamma": 0.5, "shear_x": 0.6, "shear_y": 0.6, "shift_x": 0.5, "shift_y": 0.5, "salt_pepper": 0.4, "grain": 0.4,
         "hue": 0.25, "saturation": 0.25}  # fmt: skip


class _End(QDoubleSpinBox):
    """One end of a range. The wheel over it scrolls the recipe and changes nothing, unless it has the focus.

    A comma is as good as a point, wherever the computer was set up: where points group thousands, 1.5 was taken for 15.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setLocale(QLocale.c())

    def validate(self, text: str, place: int) -> tuple[QValidator.State, str, int]:
        return super().validate(text.replace(",", "."), place)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class _Chance(QSpinBox):
    """A probability, with the same manners."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class StepRow(QFrame):
    """Edits one Step. Values that the user leaves alone stay exactly what they were."""

    changed = Signal()
    chosen = Signal(str)  # the transform, when the user is at this row

    def __init__(self, step: Step, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("step")
        self.setFixedHeight(ROW_PX)
        self._step = step
        known = TRANSFORMS[step.transform]
        self.switch = QCheckBox(known.label)
        self.switch.setFixedWidth(NAME_PX)
        self.switch.setToolTip(f"{known.meaning}. Switched off, it keeps its range")
        self.slider = RangeSlider(
            known.label, lowest=known.lowest, highest=known.highest, neutral=known.neutral, decimals=known.decimals
        )
        self.low, self.high = (self._end(which) for which in ("lowest", "highest"))
        self.chance = _Chance()
        self.chance.setRange(1, 100)
        self.chance.setSuffix(" %")
        self.chance.setFixedWidth(CHANCE_PX)
        self.chance.setAccessibleName(f"{known.label}: probability")
        self.chance.setToolTip(f"{known.label}: in how many of a hundred pictures it happens")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 10, 0)
        row.setSpacing(6)
        for part in (self.switch, self.low, self.slider, self.high, self.chance):
            row.addWidget(part, 1 if part is self.slider else 0)
        self.switch.toggled.connect(self._switched)
        self.slider.changed.connect(self._slid)
        self.low.valueChanged.connect(lambda value: self._typed(low=value))
        self.high.valueChanged.connect(lambda value: self._typed(high=value))
        self.chance.valueChanged.connect(self._chanced)
        self._on = step.probability > 0
        self.show_step(step)

    @property
    def step(self) -> Step:
        """The step as it stands, whether switched on or not."""
        return self._step

    @property
    def on(self) -> bool:
        """Whether the transform happens at all."""
        return self._on

    def show_step(self, step: Step) -> None:
        """Show a step; a probability of 0 is a switch that is off. Nothing is told."""
        self._on = step.probability > 0
        self._step = step if self._on else replace(step, probability=1.0)
        self._show()

    def mark(self, marked: bool) -> None:
        """Show that the strip is this transform's."""
        mark(self, "marked", marked)

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(380, ROW_PX)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press beside the controls chooses the row too."""
        self.chosen.emit(self._step.transform)

    def _end(self, which: str) -> _End:
        known = TRANSFORMS[self._step.transform]
        box = _End()
        box.setRange(known.lowest, known.highest)
        box.setDecimals(known.decimals)
        box.setSingleStep(max((known.highest - known.lowest) / 100, 10.0**-known.decimals))
        box.setSuffix(known.unit if known.unit == "°" else f" {known.unit}" if known.unit else "")
        box.setFixedWidth(END_PX)
        box.setAlignment(Qt.AlignmentFlag.AlignRight)
        box.setKeyboardTracking(False)
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.setAccessibleName(f"{known.label}: {which} value")
        box.setToolTip(f"{known.label}: {which} value, within {known.bounds}")
        return box

    def _show(self) -> None:
        parts = (self.switch, self.slider, self.low, self.high, self.chance)
        for part in parts:
            part.blockSignals(True)
        self.switch.setChecked(self._on)
        self.slider.set_bounds(*self._span())
        self.slider.set_range(self._step.low, self._step.high)
        self.low.setValue(self._step.low)
        self.high.setValue(self._step.high)
        self.chance.setValue(round(self._step.probability * 100))
        for part in parts:
            part.blockSignals(False)
        for part in parts[1:]:
            part.setEnabled(self._on)

    def _span(self) -> tuple[float, float]:
        known, share = TRANSFORMS[self._step.transform], USUAL.get(self._step.transform, 1.0)
        lowest, highest = (known.neutral + share * (bound - known.neutral) for bound in (known.lowest, known.highest))
        return min(lowest, self._step.low), max(highest, self._step.high)

    def _switched(self, on: bool) -> None:
        self._on = on
        self._show()
        self.chosen.emit(self._step.transform)
        self.changed.emit()

    def _slid(self, low: float, high: float) -> None:
        self._take(replace(self._step, low=low, high=high))

    def _typed(self, *, low: float | None = None, high: float | None = None) -> None:
        """One end was typed; it pushes the other along rather than being refused."""
        if low is not None:
            self._take(replace(self._step, low=low, high=max(low, self._step.high)))
        if high is not None:
            self._take(replace(self._step, low=min(high, self._step.low), high=high))

    def _chanced(self, percent: int) -> None:
        self._take(replace(self._step, probability=percent / 100))

    def _take(self, step: Step) -> None:
        if step != self._step:
            self._step = step
            self._show()
            self.changed.emit()
