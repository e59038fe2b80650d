"""The cases most alike: whose they are, five of them, and how far the comparing is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from boneage_gui.widgets.explanation.case_tile import CaseTile
from boneage_gui.widgets.text import label, plain_tooltip
from trainer.radiograph import Sex, shown_name

COUNT = 5
ACROSS = 3
PHANTOMS = "Drawn hands"
OF_PHANTOMS = (
    "Hands drawn by the program, alike to the model. They are no patients, and a patient looks less like them."
)
OF_DATA = (
    "Cases of your folder that are alike to the model, with the ages of your table. None of it leaves this computer."
)


class Shown(Protocol):
    """What a tile needs of a case."""

    @property
    def pixels(self) -> npt.NDArray[np.uint8] | None: ...
    @property
    def age_months(self) -> float: ...
    @property
    def sex(self) -> Sex | None: ...


class CasesSection(QWidget):
    """Shows five labelled cases and lets their source be chosen."""

    source_chosen = Signal(object)  # Path, or None for phantoms
    folder_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source = QComboBox()
        self.source.setAccessibleName("Compare with")
        self.source.setToolTip("Whose cases the radiograph is compared with")
        self.source.addItem(PHANTOMS, None)
        self.source.activated.connect(lambda place: self.source_chosen.emit(self.source.itemData(place)))
        self.choose = QPushButton("My folder…")
        self.choose.setToolTip("Compare with your own labelled radiographs: a folder with a table (Shift+C)")
        self.choose.clicked.connect(self.folder_wanted)
        self.tiles = [CaseTile(number) for number in range(1, COUNT + 1)]
        self.says = label(rank="muted", selectable=True)
        self.what = label(OF_PHANTOMS, rank="small")
        self.busy = QProgressBar()
        self.busy.setTextVisible(False)
        self.busy.setFixedHeight(3)
        self.busy.setAccessibleName("Comparing")
        self._lay_out()
        self.clear("")

    def offer(self, data: Path | None) -> None:
        """Show which source is in use; a folder is offered from now on."""
        place = 0
        if data is not None:
            if self.source.count() == 1:
                self.source.addItem("", None)
            place = 1
            self.source.setItemText(1, shown_name(data))
            self.source.setItemData(1, data)
            self.source.setItemData(1, plain_tooltip(str(data)), Qt.ItemDataRole.ToolTipRole)
        self.source.setCurrentIndex(place)
        self.what.setText(OF_PHANTOMS if data is None else OF_DATA)

    def clear(self, why: str) -> None:
        """No cases, and the reason."""
        for tile in self.tiles:
            tile.clear()
        self.says.setText(why)
        self.says.setVisible(bool(why))
        self.busy.hide()

    def show_progress(self, words: str, done: int, total: int) -> None:
        """The comparing goes on."""
        self.says.setText(words)
        self.says.show()
        self.busy.setRange(0, total)
        self.busy.setValue(done)
        self.busy.show()

    def show_cases(self, cases: Sequence[Shown]) -> None:
        """Show the cases, the most alike first."""
        self.clear("" if cases else "There is no other case to compare with.")
        for tile, case in zip(self.tiles, cases, strict=False):
            tile.show_case(case.pixels, age_months=case.age_months, sex=case.sex)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        for place, tile in enumerate(self.tiles):
            grid.addWidget(tile, place // ACROSS, place % ACROSS, Qt.AlignmentFlag.AlignLeft)
        grid.setColumnStretch(ACROSS, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.source, 1)
        row.addWidget(self.choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.says)
        column.addWidget(self.busy)
        column.addLayout(grid)
        column.addWidget(self.what)
