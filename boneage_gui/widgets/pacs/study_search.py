"""What is searched for in an archive: patient, accession number, dates."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from boneage_gui.clinic.chronology import DateError, read_date
from boneage_gui.clinic.dicom_node.node import NodeError
from boneage_gui.clinic.dicom_node.query import StudyQuery


class StudySearch(QFrame):
    """Fields that make a StudyQuery; Enter in any of them searches."""

    asked = Signal()
    stopping = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bar")
        self.patient_id = self._field("Patient ID", "The patient's number; * stands for any letters (Ctrl+F)")
        self.name = self._field("Name", "Family name, or “Family, Given”; the beginning is enough")
        self.accession = self._field("Accession", "The number of the request")
        self.since = self._field("From", "First day of the study, for example 2026-03-09")
        self.until = self._field("To", "Last day of the study, for example 2026-03-31")
        self.modality = self._field("Modality", "For example CR or DX; empty: every one")
        for field in (self.since, self.until):
            field.setPlaceholderText("year-month-day")
        self.search = QPushButton("&Search")
        self.search.setToolTip("Ask the chosen system for studies (Enter)")
        self.search.setProperty("primary", True)
        self.stop = QPushButton("S&top")
        self.stop.setToolTip("Wait for no more answers")
        self.stop.hide()
        self.search.clicked.connect(self.asked)
        self.stop.clicked.connect(self.stopping)
        self._lay_out()

    def query(self) -> StudyQuery:
        """What is asked for. Raises NodeError for a date that cannot be read."""
        try:
            since, until = read_date(self.since.text()), read_date(self.until.text())
        except DateError as error:
            raise NodeError(str(error)) from error
        return StudyQuery(
            patient_id=self.patient_id.text().strip(),
            patient_name=self.name.text().strip(),
            accession=self.accession.text().strip(),
            since=since,
            until=until,
            modality=self.modality.text().strip(),
        )

    def show_busy(self, busy: bool) -> None:
        """While a search goes on it can be stopped."""
        self.search.setVisible(not busy)
        self.stop.setVisible(busy)

    def _field(self, name: str, tip: str) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(name)
        field.setToolTip(tip)
        field.returnPressed.connect(self.asked)
        return field

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 12, 14, 12)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        fields = (self.patient_id, self.name, self.accession, self.since, self.until, self.modality)
        for column, field in enumerate(fields):
            caption = QLabel(field.accessibleName())
            caption.setProperty("rank", "small")
            caption.setBuddy(field)
            grid.addWidget(caption, 0, column)
            grid.addWidget(field, 1, column)
            grid.setColumnStretch(column, 3 if field is self.name else 2)
        grid.addWidget(self.search, 1, len(fields))
        grid.addWidget(self.stop, 1, len(fields))
