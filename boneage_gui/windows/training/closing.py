"""Closing while a training goes on: asks, then waits for the run to be saved, never for long."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QIcon, QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QProgressBar, QVBoxLayout, QWidget

from boneage_gui.training import LONGEST_GOODBYE_MS, TrainingDesk
from boneage_gui.widgets.text import label

QUESTION = "A training is going on."
WHAT_HAPPENS = (
    "It can be paused now and resumed at the next start, from the step at which it was paused. "
    "While it is saved, the window stays for some seconds."
)
PREPARING = "A training is being prepared."
WHAT_ENDS = "Nothing was trained yet, so nothing can be resumed: if it is ended now, it must be begun again."
ENDING = "Ending the training…"
SAVING = "Saving the run…"
AT_MOST = "At most 30 seconds."
NOT_LONG = "At most 30 seconds; then the last checkpoint is what the run goes on from."


class Closing(QDialog):
    """Asks whether to pause and close; calls ``close`` when the run is saved."""

    def __init__(self, desk: TrainingDesk, close: Callable[[], object], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Close Bone Age")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._desk, self._close, self._saving = desk, close, False
        self.title = label(QUESTION, rank="state")
        self.detail = label(WHAT_HAPPENS)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setFixedHeight(3)
        self.busy.setAccessibleName("Saving")
        self.busy.hide()
        self.buttons = QDialogButtonBox()
        self.go = self.buttons.addButton("&Pause and close", QDialogButtonBox.ButtonRole.AcceptRole)
        self.go.setDefault(True)
        self.stay = self.buttons.addButton("&Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        self.stay.setToolTip("Close nothing (Esc)")
        self.stay.setIcon(QIcon())
        self._say()
        self.buttons.accepted.connect(self.pause)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        for part in (self.title, self.detail, self.busy, self.buttons):
            column.addWidget(part)
        self.setFixedWidth(440)
        desk.state_changed.connect(self._changed)

    def pause(self) -> None:
        """Save the run; the window closes then."""
        if self._saving:
            return
        self._saving = True
        self.title.setText(ENDING if self._desk.begins else SAVING)
        self.detail.setText(AT_MOST if self._desk.begins else NOT_LONG)
        self.busy.show()
        self.buttons.hide()
        self._desk.pause(patience_ms=LONGEST_GOODBYE_MS)

    def reject(self) -> None:
        """Esc and Cancel; what is being saved is waited for."""
        if not self._saving:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """As Cancel."""
        if self._saving:
            event.ignore()
        else:
            super().closeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """The button that keeps what was learned has the keyboard."""
        super().showEvent(event)
        self.go.setFocus()

    def _say(self) -> None:
        """Say what is ended: a training, or what prepares it."""
        begins = self._desk.begins
        self.title.setText(PREPARING if begins else QUESTION)
        self.detail.setText(WHAT_ENDS if begins else WHAT_HAPPENS)
        self.go.setText("&End it and close" if begins else "&Pause and close")
        done = "End what prepares the training" if begins else "Save the run"
        self.go.setToolTip(f"{done} and close the program (Enter)")

    def _changed(self, _state: object) -> None:
        if self._desk.busy:
            if not self._saving:
                self._say()
            return
        saving = self._saving
        self._saving = False
        self.done(QDialog.DialogCode.Accepted)  # the training ended by itself, or is saved
        if saving:
            self._close()
