"""How a bone age stands beside the chronological age: the score, the band, the table."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from boneage_gui.clinic.reference import Assessment, Standing
from boneage_gui.widgets.marks import mark
from boneage_gui.widgets.text import label

WAITING = "Needs a bone age, the sex and both dates."


class StandingLines(QWidget):
    """Two lines; or the reason why there is no reference."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Reference")
        self._score = label(selectable=True)
        self._band = label(rank="muted", selectable=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._score)
        column.addWidget(self._band)
        self.clear()

    def show_assessment(self, assessment: Assessment) -> None:
        """Show a score; beyond two standard deviations it stands out."""
        self._say(f"{assessment.score_on_screen}, {assessment.standing.value}", _RANKS[assessment.standing])
        self._band.setText(f"{assessment.band_in_words} ({assessment.reference.shown_name})")
        self._band.show()
        self.setToolTip(assessment.sentence)

    def show_reason(self, reason: str) -> None:
        """Show why there is no score."""
        self._say(reason, "muted")
        self._band.hide()
        self._band.clear()
        self.setToolTip(reason)

    def clear(self) -> None:
        """There is no number to hold against anything."""
        self.show_reason(WAITING)

    @property
    def spoken(self) -> str:
        """What the lines say."""
        return " ".join(part for part in (self._score.text(), self._band.text()) if part)

    def _say(self, text: str, rank: str) -> None:
        self._score.setText(text)
        mark(self._score, "rank", rank)


_RANKS = {Standing.NORMAL: "figure", Standing.DELAYED: "flagged", Standing.ADVANCED: "flagged"}
