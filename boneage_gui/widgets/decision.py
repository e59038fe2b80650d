"""What the clinician made of the number: accept it, or overrule it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from boneage_gui.clinic.reading import Decision as Choice
from boneage_gui.clinic.reading import Reading
from boneage_gui.widgets.marks import mark
from boneage_gui.widgets.text import label
from trainer.prediction import years_and_months

NOTHING = "Nothing to confirm yet."
OPEN = "Not confirmed yet."
NO_STORE = "Readings cannot be kept: their file could not be opened."


class Decision(QWidget):
    """Two buttons, and what was confirmed before."""

    accepted = Signal()
    modifying = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Reading")
        self._there, self._able, self._busy = False, False, False
        self._broken = False
        self._reading: Reading | None = None
        self._changed = ""
        self._said = label(rank="muted", selectable=True)
        self.accept = QPushButton("Accept")
        self.accept.setToolTip("Keep the model’s bone age as your reading (Ctrl+Return)")
        self.modify = QPushButton("Modify…")
        self.modify.setToolTip("Keep a bone age of your own, with the reason; the model’s is kept beside it (Ctrl+E)")
        self.accept.clicked.connect(self.accepted)
        self.modify.clicked.connect(self.modifying)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.accept, 1)
        row.addWidget(self.modify, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._said)
        column.addLayout(row)
        self._show()

    def show_prediction(self, there: bool) -> None:
        """Whether there is a number to confirm."""
        self._there = there
        self._show()

    def show_store(self, able: bool) -> None:
        """Whether readings can be kept at all; until this is told they cannot yet."""
        self._able, self._broken = able, not able
        self._show()

    def show_busy(self, busy: bool) -> None:
        """While a reading is being kept nothing can be pressed twice."""
        self._busy = busy
        self._show()

    def show_reading(self, reading: Reading | None, changed: str = "") -> None:
        """Show the reading of this radiograph that stands; ``changed`` names what was told otherwise since."""
        self._reading, self._changed = reading, changed
        self._show()

    @property
    def spoken(self) -> str:
        """What the line says."""
        return self._said.text()

    def _show(self) -> None:
        able = self._there and self._able and not self._busy
        self.accept.setEnabled(able)
        self.modify.setEnabled(able)
        mark(self._said, "rank", "caution" if self._reading is not None and self._changed else "muted")
        if self._broken:
            self._said.setText(NO_STORE)
        elif self._reading is not None:
            since = f" The {self._changed} changed since then: confirm again." if self._changed else ""
            self._said.setText(reading_in_words(self._reading) + since)
        else:
            self._said.setText(OPEN if self._there else NOTHING)


def reading_in_words(reading: Reading) -> str:
    """Say what was confirmed, by whom and when."""
    when = reading.read_at.astimezone().strftime("%Y-%m-%d %H:%M")
    model = years_and_months(reading.age_months)
    if reading.decision is Choice.MODIFIED:
        own = years_and_months(reading.final_months)
        return (
            f"Modified to {own} by {reading.user}, {when}. {reading.model_name} read {model}. Reason: {reading.reason}"
        )
    if reading.decision is Choice.ACCEPTED:
        return f"Accepted: {model}, read by {reading.model_name}; {reading.user}, {when}."
    return f"Received and read by {reading.model_name}: {model}, {when}. Not confirmed yet."
