"""What each model made of all the pictures: its bone age, the mean and spread over the drawn, the worst."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from boneage_gui.clinic.dictation import HASH_LETTERS, has_interval
from boneage_gui.widgets.augmentation.face import short_age, signed
from boneage_gui.widgets.augmentation.legend import Legend
from boneage_gui.widgets.text import label, plain_tooltip
from boneage_gui.work.augmenting import Steadiness, steadiness
from trainer.prediction import RESEARCH_USE, Prediction

HEADS = ("MODEL", "BONE AGE", "ORIGINAL", "MEAN OF DRAWN", "SPREAD", "WORST")
TIPS = (
    "Name and fingerprint of the model",
    "The radiograph as the main window reads it, with its interval; it may average several samplings",
    "The model’s answer for the original picture, one sampling",
    "Mean of the model’s answers for the drawn pictures, and its shift from the original",
    "Standard deviation of the model’s answers over the drawn pictures: the smaller, the steadier",
    "The picture whose answer lies farthest from the original’s; press to mark it",
)
MEANING = (
    "Picture n is the radiograph as a training with this seed, recipe and case sees it in epoch n. Shifts are of the "
    "model’s answer, in months; they say how steady it is, not how old the child is."
)
MODELS = 2
DASH = "–"
LONGEST_NAME = 20


class Summary(QFrame):
    """One line for each model, then the legend and the limits."""

    worst_wanted = Signal(int)  # number of the picture

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("summary")
        self.setAccessibleName("What the models made of the pictures")
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        for column, (head, tip) in enumerate(zip(HEADS, TIPS, strict=True)):
            title = label(head, rank="section")
            title.setWordWrap(False)
            title.setToolTip(tip)
            grid.addWidget(title, 0, column)
        self.lines = tuple(_Line(self, grid, row + 1) for row in range(MODELS))
        self.meaning = label(MEANING, rank="small")
        self.research = QLabel(RESEARCH_USE)
        self.research.setProperty("rank", "caution")
        self.research.setToolTip("No decision about a patient may rest on these numbers")
        low = QHBoxLayout()
        low.setSpacing(18)
        low.addWidget(self.meaning, 1)
        right = QVBoxLayout()
        right.setSpacing(2)
        right.addWidget(Legend(), 0, Qt.AlignmentFlag.AlignRight)
        right.addWidget(self.research, 0, Qt.AlignmentFlag.AlignRight)
        low.addLayout(right)
        column_all = QVBoxLayout(self)
        column_all.setContentsMargins(16, 10, 16, 8)
        column_all.setSpacing(8)
        column_all.addLayout(grid)
        column_all.addLayout(low)
        self.lines[1].show_model(None)

    def texts(self) -> list[str]:
        """One line of words for each model on show, for the saved sheet."""
        return [line.text for line in self.lines if not line.hidden]


class _Line:
    """A model's cells in the grid."""

    def __init__(self, summary: Summary, grid: QGridLayout, row: int) -> None:
        self._worst_number = 0
        self._cells = [label(selectable=True) for _ in HEADS[:-1]]
        self.name, self.radiograph, self.original, self.mean, self.spread = self._cells
        self.worst = QPushButton(DASH)
        self.worst.setProperty("small", True)
        self.worst.setToolTip(TIPS[-1])
        self.worst.setAccessibleName("Worst picture")
        self.worst.clicked.connect(lambda: summary.worst_wanted.emit(self._worst_number))
        self.hidden = False
        self.summed: Steadiness | None = None
        self.note = label(rank="muted")
        for column, cell in enumerate((*self._cells, self.worst)):
            if isinstance(cell, QLabel):
                cell.setWordWrap(False)
                cell.setToolTip(TIPS[column])
            grid.addWidget(cell, row, column)
        grid.addWidget(self.note, row, 1, 1, len(HEADS) - 1)
        self.note.hide()
        self.clear()

    @property
    def text(self) -> str:
        """The line in words."""
        if not self.note.isHidden():
            return f"{self.name.text()}: {self.note.text()}"
        summed = self.summed
        if summed is None:
            return self.name.text()
        return (
            f"{self.name.text()}: bone age {self.radiograph.text()}. Original picture {self.original.text()}; "
            f"{summed.count} drawn: mean {self.mean.text()} months, spread {self.spread.text()}, "
            f"worst {self.worst.text()} months."
        )

    def show_model(self, name: str | None, sha256: str = "") -> None:
        """Whose line this is; None hides it."""
        self.hidden = name is None
        shown = name or ""
        short = shown if len(shown) <= LONGEST_NAME else f"{shown[: LONGEST_NAME - 1]}…"
        self.name.setText(f"{short} · {sha256[:HASH_LETTERS]}" if sha256 else short)
        self.name.setToolTip(plain_tooltip(f"{shown}\n{sha256}"))
        self.clear()

    def clear(self) -> None:
        """No numbers yet."""
        self.summed = None
        for cell in self._cells[1:]:
            cell.setText(DASH)
        self.worst.setText(DASH)
        self.worst.setEnabled(False)
        self.say("")

    def say(self, sentence: str) -> None:
        """A sentence in the place of numbers; empty: numbers again."""
        self.note.setText(sentence)
        self.note.setVisible(bool(sentence) and not self.hidden)
        self.name.setVisible(not self.hidden)
        for cell in (*self._cells[1:], self.worst):
            cell.setVisible(not sentence and not self.hidden)

    def show_prediction(self, prediction: Prediction) -> None:
        """The radiograph's own bone age, with its interval."""
        text = short_age(prediction.age_months)
        if has_interval(prediction):
            low, high = short_age(prediction.low_months), short_age(prediction.high_months)
            text += f"  ({round(prediction.coverage * 100)} %: {low} – {high})"
        else:
            text += "  (interval not measured)"
        self.radiograph.setText(text)
        self.say("")

    def show_ages(self, months: Mapping[int, float]) -> None:
        """Sum up what has come so far, months by number."""
        if 0 in months:
            self.original.setText(short_age(months[0]))
        self.summed = summed = steadiness(months)
        if summed is None:
            return
        self.mean.setText(f"{short_age(summed.mean_months)},  {signed(summed.mean_months - months[0])}")
        known = math.isfinite(summed.spread_months)
        self.spread.setText(f"{summed.spread_months:.1f} mo" if known else DASH)
        self._worst_number = summed.worst
        self.worst.setText(f"epoch {summed.worst},  {signed(summed.worst_shift_months)}")
        self.worst.setEnabled(True)
