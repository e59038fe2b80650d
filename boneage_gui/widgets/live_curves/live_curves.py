"""Curves of a run with their switches: linear or logarithmic, saved as a picture or as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from boneage_gui.widgets.figure_view import KINDS
from boneage_gui.widgets.live_curves.curves_view import CurvesView
from boneage_gui.widgets.text import label
from boneage_gui.work.curves import curves_csv
from trainer.errors import BoneAgeError
from trainer.history import History
from trainer.whole_file import write_whole

NONE_YET = "The curves begin when the first epoch has ended."
READ = "Point at a curve, or press ← and →, to read an epoch."


class LiveCurves(QWidget):
    """MAE and loss of a run, and of others laid over it."""

    told = Signal(str)  # a sentence: something was saved, or could not be

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = CurvesView()
        self.view.saved.connect(lambda path: self._tell(f"The curves were saved in {path.name}."))
        self.view.failed.connect(self._tell)
        self.linear, self.logarithmic = _switch("&Linear", "Axis"), _switch("Lo&garithmic", "Axis")
        self.linear.setToolTip("Losses and errors from 0 up")
        self.logarithmic.setToolTip("Losses and errors by their ratio: small differences late in a run are seen better")
        self.linear.setChecked(True)
        group = QButtonGroup(self)
        for button in (self.linear, self.logarithmic):
            group.addButton(button)
        self.logarithmic.toggled.connect(lambda _on: self._draw())
        self.save_picture_button = _quiet("Save &picture…", "Save the curves as PNG or PDF, on white, for print")
        self.save_numbers_button = _quiet("Save &numbers…", "Save every epoch's values as a CSV table")
        self.save_picture_button.clicked.connect(self._ask_for_picture)
        self.save_numbers_button.clicked.connect(self._ask_for_numbers)
        self._hint = label(READ, rank="small")
        self._hint.setWordWrap(False)
        self._key: object = None
        self._lay_out()
        self.clear()

    @property
    def hint(self) -> str:
        """The line beside the switches."""
        return self._hint.text()

    def show_history(self, history: History, overlay: Sequence[History] = ()) -> None:
        """Draw a run and others over it; called after every event, draws only what is new."""
        histories = (history, *overlay)
        key = tuple((run.folder, run.epochs) for run in histories)
        if key == self._key:
            return
        self._key = key
        self.view.histories = histories
        self._draw()

    def clear(self) -> None:
        """No run."""
        self._key = None
        self.view.histories = ()
        self._draw()

    def restyle(self) -> None:
        """Follow the theme."""
        self.view.restyle()

    def save_picture(self, path: Path) -> None:
        """Save the curves as PNG or PDF; ``told`` follows."""
        self.view.save(path)

    def save_numbers(self, path: Path) -> None:
        """Save the epochs as CSV; ``told`` follows."""
        text = curves_csv(self.view.histories)
        try:
            write_whole(path, text)
        except BoneAgeError as error:
            self._tell(str(error))
        else:
            self._tell(f"The numbers were saved in {path.name}.")

    def _draw(self) -> None:
        there = any(history.epochs for history in self.view.histories)
        for button in (self.save_picture_button, self.save_numbers_button):
            button.setEnabled(there)
        self._hint.setText(READ if there else "")
        if there:
            self.view.show_histories(self.view.histories, log=self.logarithmic.isChecked())
        else:
            self.view.clear(NONE_YET)

    def _tell(self, sentence: str) -> None:
        self._hint.setText(sentence)
        self.told.emit(sentence)

    def _ask_for_picture(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save the curves", f"{self._name()}-curves.png", KINDS)
        if name:
            path = Path(name)
            self.save_picture(path if path.suffix.lower() in (".png", ".pdf") else path.with_name(path.name + ".png"))

    def _ask_for_numbers(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save the numbers", f"{self._name()}.csv", "Table (*.csv)")
        if name:
            path = Path(name)
            self.save_numbers(path if path.suffix.lower() == ".csv" else path.with_name(path.name + ".csv"))

    def _name(self) -> str:
        return self.view.histories[0].name if self.view.histories else "run"

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.linear)
        row.addWidget(self.logarithmic)
        row.addSpacing(8)
        row.addWidget(self._hint, 1)
        row.addWidget(self.save_picture_button)
        row.addWidget(self.save_numbers_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.view, 1)


def _switch(text: str, group: str) -> QPushButton:
    made = QPushButton(text)
    made.setCheckable(True)
    made.setAccessibleName(f"{group}: {text.replace('&', '').lower()}")
    return made


def _quiet(text: str, tip: str) -> QPushButton:
    made = QPushButton(text)
    made.setProperty("quiet", True)
    made.setToolTip(tip)
    made.setAccessibleName(text.replace("&", "").rstrip("…"))
    return made
