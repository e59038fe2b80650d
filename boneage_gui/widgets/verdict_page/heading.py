"""The verdict, large, with its sentence, its interval, what it was found on and what must be said beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from boneage_gui.widgets.cautions import Cautions
from boneage_gui.widgets.text import label
from boneage_gui.widgets.verdict_page.difference_bar import DifferenceBar
from trainer.counted import counted
from trainer.overfitting import LEAST_EPOCHS, overfitting_of

if TYPE_CHECKING:
    from boneage_gui.work.comparing import Judgement
    from trainer.comparison import Compared

WORDS: Final = {"better": "Better", "worse": "Worse", "not shown to differ": "Not shown to differ"}
NOT_COMPARED: Final = "Not compared"
BAR_PX: Final = 520
HASH_LETTERS: Final = 12


class Heading(QWidget):
    """What a reader sees first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.verdict = label(rank="verdict", selectable=True)
        self.sentence = label(rank="fact", selectable=True)
        self.line = label(rank="muted", selectable=True)
        self.models = label(rank="muted", selectable=True)
        self.cautions = Cautions()
        self.bar = DifferenceBar()
        self.bar.setMaximumWidth(BAR_PX)
        self.bar.setMinimumWidth(360)
        words = QVBoxLayout()
        words.setSpacing(6)
        for part in (self.verdict, self.sentence):
            words.addWidget(part)
        words.addStretch(1)
        above = QHBoxLayout()
        above.setSpacing(36)
        above.addLayout(words, 3)
        above.addWidget(self.bar, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(above)
        column.addWidget(self.cautions)
        column.addWidget(self.models)
        column.addWidget(self.line)

    def show_judgement(self, judgement: Judgement) -> None:
        """Show a verdict, or why there is none and how good the new model is by itself."""
        comparison, measured = judgement.comparison, judgement.measured
        self.bar.setVisible(comparison is not None)
        self.line.setVisible(comparison is not None)
        if comparison is not None:
            self.verdict.setText(WORDS[comparison.verdict])
            self.bar.show_difference(
                comparison.difference_low, comparison.difference_months, comparison.difference_high
            )
            self.line.setText(comparison.bootstrap_line + ".")
            self.cautions.show_lines(comparison.cautions)
            told = [f"New: {_described(comparison.new)}", f"In use: {_described(comparison.used)}"]
            told.append(f"Measured on {counted(len(comparison.actual), 'radiograph')}, {comparison.data}.")
        else:
            self.verdict.setText(NOT_COMPARED)
            self.cautions.show_lines((judgement.why_not, *(measured.cautions if measured else ())))
            told = [f"New: {judgement.card.name}, weights {judgement.card.weights_sha256[:HASH_LETTERS]}"]
            if measured is not None:
                told = [f"New: {_described(measured.model)}"]
                told.append(f"Measured on {counted(len(measured.actual), 'radiograph')}, {measured.data}.")
        self.sentence.setText(judgement.sentence)
        self.sentence.setVisible(bool(judgement.sentence))
        self.models.setText("\n".join(told))

    def restyle(self) -> None:
        """Follow the theme."""
        self.cautions.restyle()
        self.bar.update()


def overfitting_lines(judgement: Judgement) -> tuple[str, ...]:
    """Say of each known run whether it overfitted, the new one first."""
    lines = []
    for history, role in zip(reversed(judgement.histories), ("The new model", "The model in use"), strict=True):
        if history is None:
            continue
        found = overfitting_of(history)
        few = f"{role}: too few epochs to tell whether it overfits ({LEAST_EPOCHS} are needed)."
        lines.append(found.sentence(role) if found is not None else few)
    return tuple(lines)


def _described(model: Compared) -> str:
    covered = model.interval_covered
    held = "" if covered is None else f"; its 90 % interval held {covered:.1%} of the ages"
    return f"{model.name}, weights {model.sha256[:HASH_LETTERS]}{held}"
