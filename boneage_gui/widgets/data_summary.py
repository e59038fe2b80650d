"""What is known of the radiographs before a training: how many, of which ages, what was left out, how they look."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from boneage_gui.jobs import Job, NewestOnly
from boneage_gui.widgets.cautions import Cautions
from boneage_gui.widgets.figure_view import FigureView
from boneage_gui.widgets.sample_tiles import SampleTiles
from boneage_gui.widgets.text import label
from boneage_gui.work.samples import draw_ages, sample_canvases
from trainer.data_summary import DataSummary
from trainer.prediction import RESEARCH_USE

if TYPE_CHECKING:
    from trainer.preprocess import Preprocessing

COUNTS = (
    ("kept", "Radiographs", "Cases that can be used: label and picture are there"),
    ("training", "For training", "The network learns from these"),
    ("validation", "For validation", "These choose the best epoch"),
    ("test", "Held out", "Neither trains nor chooses; these measure the model at the end"),
    (
        "patients",
        "Patients",
        "Radiographs of one are in the same part, unless a fixed split parts them, which is said below",
    ),
    ("dropped", "Left out", "Rows of the table that are not used; the reasons stand below"),
)
NOTHING_DROPPED = "Every row of the table can be used."


class DataSummaryView(QWidget):
    """Shows a DataSummary; the samples fill in as they are read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Summary of the radiographs")
        self._jobs = NewestOnly(self)
        self._values: dict[str, QLabel] = {}
        self._cards: dict[str, QFrame] = {}
        self.notes = Cautions()
        self.histogram = FigureView("Ages of the radiographs")
        self.dropped = QTableWidget(0, 2)
        self._reasons = label(rank="muted", selectable=True)
        self.tiles = SampleTiles()
        self._lay_out()
        self.clear()

    def clear(self) -> None:
        """Nothing is known yet."""
        self._jobs.drop()
        for key in self._values:
            self._say(key, "–")
        self._cards["patients"].hide()
        self.notes.show_lines(())
        self.histogram.clear("Choose the radiographs to see their ages.")
        self.dropped.setRowCount(0)
        self._left_out.hide()
        self._reasons.setText("")
        self.tiles.show_samples(())

    def show_summary(self, summary: DataSummary, preprocessing: Preprocessing) -> None:
        """Show what is known; the samples as this preprocessing makes them."""
        left_out = sum(summary.dropped.values())
        for key in ("kept", "training", "validation", "test"):
            self._say(key, f"{getattr(summary, key):,}")
        self._say("dropped", f"{left_out:,}")
        self._say("patients", f"{summary.patients:,}" if summary.patients is not None else "–")
        self._cards["patients"].setVisible(summary.patients is not None)
        self.notes.show_lines(summary.notes)
        self.histogram.show_figure(partial(draw_ages, summary=summary), _ages_in_words(summary))
        self._fill_table(summary, left_out)
        self.show_samples(summary, preprocessing)

    def show_samples(self, summary: DataSummary, preprocessing: Preprocessing) -> None:
        """Show the samples alone again, as another preprocessing makes them."""
        self.tiles.show_samples(summary.samples)
        self._jobs.start(Job(sample_canvases, summary.samples, preprocessing), item=self._show_canvas)

    def leave(self) -> None:
        """Read no more samples."""
        self._jobs.drop()

    def restyle(self) -> None:
        """Follow the theme."""
        self.notes.restyle()
        self.histogram.restyle()

    def count(self, key: str) -> str:
        """What stands on one of the cards."""
        return self._values[key].text()

    @property
    def reasons(self) -> str:
        """The line above the table of what was left out."""
        return self._reasons.text()

    def _show_canvas(self, item: tuple[int, npt.NDArray[np.uint8] | None]) -> None:
        self.tiles.show_canvas(*item)

    def _fill_table(self, summary: DataSummary, left_out: int) -> None:
        rows = summary.dropped_rows
        said = ", ".join(f"{reason} {count:,}" for reason, count in summary.dropped.items())
        more = f" The first {len(rows):,} of them:" if left_out > len(rows) else ""
        self._reasons.setText(f"{said}.{more}" if left_out else NOTHING_DROPPED)
        self._left_out.setVisible(bool(rows))  # or the ages have the whole width
        self.dropped.setRowCount(len(rows))
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.dropped.setItem(number, column, item)

    def _say(self, key: str, text: str) -> None:
        self._values[key].setText(text)
        name = next(caption for known, caption, _ in COUNTS if known == key)
        self._values[key].setAccessibleName(f"{name}: {text}")

    def _lay_out(self) -> None:
        cards = QHBoxLayout()
        cards.setSpacing(8)
        for key, caption, meaning in COUNTS:
            card = QFrame()
            card.setObjectName("card")
            card.setToolTip(meaning)
            inner = QVBoxLayout(card)
            inner.setContentsMargins(12, 7, 12, 8)
            inner.setSpacing(0)
            value = label(rank="figure", selectable=True)
            inner.addWidget(value)
            inner.addWidget(label(caption, rank="small"))
            self._values[key], self._cards[key] = value, card
            cards.addWidget(card, 1)
        self.dropped.setHorizontalHeaderLabels(["Case", "Reason"])
        self.dropped.verticalHeader().hide()
        self.dropped.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.dropped.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.dropped.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.dropped.horizontalHeader().setHighlightSections(False)
        self.dropped.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.dropped.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.dropped.setShowGrid(False)
        self.dropped.setTabKeyNavigation(False)
        self.dropped.setAccessibleName("Rows that are left out")
        self.dropped.setToolTip("Rows of the table that are not used, each with its reason")
        self._left_out = QWidget()
        left_out = QVBoxLayout(self._left_out)
        left_out.setContentsMargins(0, 0, 0, 0)
        left_out.setSpacing(6)
        left_out.addWidget(label("LEFT OUT", rank="section"))
        left_out.addWidget(self._reasons)
        left_out.addWidget(self.dropped, 1)
        middle = QHBoxLayout()
        middle.setSpacing(14)
        middle.addWidget(self.histogram, 3)
        middle.addWidget(self._left_out, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(cards)
        column.addWidget(self.notes)
        column.addLayout(middle, 1)
        column.addWidget(label("WHAT THE NETWORK WILL SEE", rank="section"))
        column.addWidget(self.tiles)
        column.addWidget(label(f"The ages are the table’s. {RESEARCH_USE}.", rank="small"))


def _ages_in_words(summary: DataSummary) -> str:
    words = {"female": "girls", "male": "boys", "unknown": "of a sex not given"}
    said = [
        f"{len(ages):,} {words.get(sex, sex)}, {min(ages) / 12:.1f} to {max(ages) / 12:.1f} years"
        for sex, ages in summary.ages_by_sex.items()
        if ages
    ]
    return "; ".join(said)
