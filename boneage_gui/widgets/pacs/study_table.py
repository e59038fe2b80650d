"""The studies that a search found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from boneage_gui.clinic.dicom_node.find import FoundStudy
from boneage_gui.widgets.rows import show_as_rows

STUDY: Final = Qt.ItemDataRole.UserRole
DASH: Final = "–"
DESCRIPTION: Final = 5  # the column that takes what room there is
COLUMNS: Final[tuple[tuple[str, Callable[[FoundStudy], str], int], ...]] = (
    ("Date", lambda study: study.study_date.isoformat() if study.study_date else DASH, 100),
    ("Patient", lambda study: study.patient_name or DASH, 180),
    ("ID", lambda study: study.patient_id or DASH, 110),
    ("Born", lambda study: study.birth_date.isoformat() if study.birth_date else DASH, 100),
    ("Sex", lambda study: study.sex.value if study.sex else DASH, 70),
    ("Study", lambda study: study.description or DASH, 180),
    ("Modality", lambda study: ", ".join(study.modalities) or DASH, 84),
    ("Objects", lambda study: DASH if study.images is None else str(study.images), 74),
    ("Accession", lambda study: study.accession or DASH, 110),
)


class StudyTable(QTableWidget):
    """A row a study; Enter or a double click fetches it."""

    chosen = Signal(object)  # FoundStudy | None
    wanted = Signal(object)  # FoundStudy

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(COLUMNS), parent)
        self.setAccessibleName("Studies")
        self.setToolTip("Enter fetches the chosen study and reads its radiographs")
        self.setHorizontalHeaderLabels([name for name, _, _ in COLUMNS])
        show_as_rows(self, [width for _, _, width in COLUMNS])
        self.horizontalHeader().setStretchLastSection(False)
        self.horizontalHeader().setSectionResizeMode(DESCRIPTION, QHeaderView.ResizeMode.Stretch)
        self.itemSelectionChanged.connect(lambda: self.chosen.emit(self.study()))
        self.activated.connect(lambda _index: self._want())

    def add(self, study: FoundStudy) -> None:
        """Show one more."""
        row = self.rowCount()
        self.insertRow(row)
        for column, (_, words, _) in enumerate(COLUMNS):
            item = QTableWidgetItem(words(study))
            item.setData(STUDY, study)
            self.setItem(row, column, item)
        if row == 0:
            self.selectRow(0)

    def clear_studies(self) -> None:
        """Show none."""
        self.setRowCount(0)
        self.chosen.emit(None)

    def study(self) -> FoundStudy | None:
        """Return the chosen one."""
        item = self.item(self.currentRow(), 0) if self.selectionModel().hasSelection() else None
        study: FoundStudy | None = item.data(STUDY) if item is not None else None
        return study

    def _want(self) -> None:
        study = self.study()
        if study is not None:
            self.wanted.emit(study)
