"""What may stay of the patient in an export, and what is not removed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QVBoxLayout, QWidget

from boneage_gui.clinic.deidentify import Choices, cautions_of, ending_of
from boneage_gui.errors import ErrorDoor
from boneage_gui.jobs import Job, NewestOnly
from boneage_gui.widgets.buttons import DialogButtons
from boneage_gui.widgets.marks import mark
from boneage_gui.widgets.text import label

REMOVED = (
    "Name, numbers, dates, places, people, devices, comments, private data and whatever else is not needed to show the "
    "radiograph are left out (DICOM PS3.15 Annex E)."
)
REMOVED_FROM_PICTURE = "The pixels are written alone; all that the file says beside them is left out."
NO_TEXT = "The file says that no text is burnt into the picture."
TIPS = {
    "sex": "Keep the sex and the age, without which no bone age can be judged; ages over 89 become 90",
    "dates": "Keep the dates, moved into the past by a number of days that differs from export to export",
}


class ExportDialog(QDialog):
    """Two choices; the way on opens once the cautions were read from the file."""

    chosen = Signal(object)  # Choices

    def __init__(self, source: Path, door: ErrorDoor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export de-identified")
        self._door = door
        self._is_picture = ending_of(source) == ".png"
        self.sex = _check("Keep &sex and age", TIPS["sex"])
        self.dates = _check("Keep &dates, moved", TIPS["dates"])
        self.cautions = label("Reading the file’s header…", rank="muted", selectable=True)
        self._lay_out()
        self._reading = NewestOnly(self)
        self._reading.start(Job(cautions_of, source), result=self._show, failed=self._failed)
        self.finished.connect(self._reading.drop)

    def sizeHint(self) -> QSize:
        """Wide enough for sentences."""
        return super().sizeHint().expandedTo(QSize(480, 0))

    @property
    def choices(self) -> Choices:
        """What is ticked."""
        return Choices(keep_characteristics=self.sex.isChecked(), shift_dates=self.dates.isChecked())

    def _lay_out(self) -> None:
        buttons = DialogButtons("&Export…", "Choose where to (Enter)", "Export nothing (Esc)")
        self.export = buttons.go
        self.export.setEnabled(False)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        column.addWidget(label("The radiograph without its patient", rank="state"))
        column.addWidget(label(REMOVED_FROM_PICTURE if self._is_picture else REMOVED, rank="muted"))
        for box in (self.sex, self.dates):
            column.addWidget(box)
            box.setVisible(not self._is_picture)
        column.addWidget(self.cautions)
        column.addSpacing(6)
        column.addStretch(1)
        column.addWidget(buttons)

    def _show(self, cautions: tuple[str, ...]) -> None:
        self._say("\n".join(cautions) or NO_TEXT, rank="caution" if cautions else "muted")
        self.export.setEnabled(True)

    def _failed(self, error: BaseException) -> None:
        self._say(self._door.note(error), rank="caution")

    def _say(self, words: str, *, rank: str) -> None:
        self.cautions.setText(words)
        mark(self.cautions, "rank", rank)
        layout = self.layout()
        if layout is not None:
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    def _accept(self) -> None:
        choices = self.choices
        self.accept()
        self.chosen.emit(choices)


def _check(text: str, tip: str) -> QCheckBox:
    box = QCheckBox(text)
    box.setToolTip(tip)
    return box
