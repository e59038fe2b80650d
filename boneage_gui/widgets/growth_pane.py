"""One patient's growth: the chart, and how fast bone age moved."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from boneage_gui.clinic.growth import GrowthStep, growth_in_words, growth_steps
from boneage_gui.clinic.growth_chart import draw_growth
from boneage_gui.clinic.reading import Reading
from boneage_gui.clinic.reference import Reference
from boneage_gui.widgets.figure_view import FigureView
from boneage_gui.widgets.text import label
from trainer.counted import counted
from trainer.prediction import RESEARCH_USE, years_and_months

CHOOSE = "Choose a reading to see its patient's growth."
NOBODY = "Nobody knows whose radiograph this is: its file names no patient. It stands for itself."
MOST_STEPS = 6
LEAST_CHART_PX = 260  # the legend lies below the axes, and something must be left of them


class GrowthPane(QWidget):
    """Shows the readings of one patient."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label(rank="fact", selectable=True)
        self.chart = FigureView("Growth of bone age")
        self.chart.setMinimumHeight(LEAST_CHART_PX)
        self.steps = label(rank="muted", selectable=True)
        research = label(RESEARCH_USE, rank="caution")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.chart, 1)
        column.addWidget(self.steps)
        column.addWidget(research)
        self.readings: list[Reading] = []
        self.clear()

    def clear(self) -> None:
        """No patient."""
        self.readings = []
        self.title.setText("")
        self.steps.setText("")
        self.chart.clear(CHOOSE)

    def show_readings(self, readings: Sequence[Reading], reference: Reference, current: Reading) -> None:
        """Show a patient's readings; the chosen one stands out."""
        if not self.readings or self.readings[0].patient_hash != current.patient_hash or current.patient_hash is None:
            self.chart.clear("Drawing…")  # one patient's chart must not stand under another's name
        self.readings = list(readings)
        name = current.label or (f"Patient {current.patient_hash[:8]}" if current.patient_hash else "Unknown patient")
        self.title.setText(f"{name}  ·  {counted(len(readings), 'reading')}")
        draw = partial(draw_growth, readings=tuple(readings), reference_key=reference.key, current=current.reading_id)
        said = "\n".join(_step_in_words(step) for step in growth_steps(readings)[-MOST_STEPS:])
        self.steps.setText(said if current.patient_hash else NOBODY)
        self.steps.setVisible(bool(self.steps.text()))
        self.chart.show_figure(draw, self.steps.text())

    def restyle(self) -> None:
        """Follow the theme."""
        self.chart.restyle()


def _step_in_words(step: GrowthStep) -> str:
    ages = " to ".join(years_and_months(reading.chronological_months or 0.0) for reading in (step.earlier, step.later))
    return f"{ages}: {growth_in_words(step)}"
