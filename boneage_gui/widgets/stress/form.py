"""What is tried: the radiographs, how many, and a second model beside the one in use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QVBoxLayout, QWidget

from boneage_gui.widgets.data_choice.path_line import PathLine
from boneage_gui.widgets.text import label

COUNTS: Final = (20, 50, 100, 200, 500, 1_000, 5_000)
FIRST: Final = 100
TABLES: Final = "Table of ages (*.csv *.xlsx *.xlsm);;All files (*)"
EXPLANATION: Final = (
    "Radiographs are turned, mirrored, brightened, blurred and otherwise transformed in 33 ways. A steady model’s "
    "answers stay where they were."
)


class StressForm(QWidget):
    """Holds the choices."""

    changed = Signal()

    def __init__(self, others: Sequence[tuple[str, Path]]) -> None:
        """``others`` are the models that can stand beside the one in use: name, file."""
        super().__init__()
        self.model = label(rank="fact", selectable=True)
        self.against = QComboBox()
        self.against.setAccessibleName("Second model")
        self.against.setToolTip("Another model that meets the same radiographs, to say which is steadier")
        self.against.addItem("None", None)
        for name, path in others:
            self.against.addItem(name, str(path))
        self.data = PathLine(
            "Labelled radiographs",
            "A folder in the layout of the RSNA set, or a table of ages beside its radiographs; else hands drawn by "
            "the program",
            ask=self._ask_data,
            placeholder="Drawn hands",
        )
        self.count = QComboBox()
        for most in COUNTS:
            self.count.addItem(f"{most:,}", most)
        self.count.setCurrentIndex(COUNTS.index(FIRST))
        self.count.setAccessibleName("Most radiographs")
        self.count.setToolTip(
            "At most so many are taken, spread over those there are; each is read 34 times by a model"
        )
        self.data.changed.connect(self.changed)
        self._lay_out()

    def other(self) -> Path | None:
        """Return the second model, if there is to be one."""
        chosen = self.against.currentData()
        return Path(chosen) if chosen else None

    def most(self) -> int:
        """Return how many radiographs are taken at most."""
        return int(self.count.currentData())

    def restyle(self) -> None:
        """Follow the theme."""
        self.data.restyle()

    def _ask_data(self, parent: QWidget) -> str:
        folder = QFileDialog.getExistingDirectory(parent, "Folder of labelled radiographs")
        return folder or QFileDialog.getOpenFileName(parent, "Table of ages", "", TABLES)[0]

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label(EXPLANATION, rank="muted"))
        column.addSpacing(6)
        for caption, widget in (
            ("Model in use", self.model),
            ("&Beside it", self.against),
            ("&Radiographs", self.data),
            ("At &most", self.count),
        ):
            named = QLabel(caption)
            named.setProperty("rank", "small")
            named.setBuddy(widget)
            column.addWidget(named)
            column.addWidget(widget)
            column.addSpacing(4)
