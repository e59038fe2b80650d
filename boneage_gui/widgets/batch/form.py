"""What is read and what is made of it: two folders, the sex where files do not say, the reference, the reports."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QLabel, QVBoxLayout, QWidget

from boneage_gui.clinic.reference import REFERENCES
from boneage_gui.widgets.data_choice.path_line import PathLine
from boneage_gui.widgets.text import label
from boneage_gui.work.batch import BatchOptions
from trainer.radiograph import Sex

OUT_ENDING: Final = "-bone-age"
SEXES: Final = (("Not given", None), ("Female", Sex.FEMALE), ("Male", Sex.MALE))


class BatchForm(QWidget):
    """Holds the two folders and makes the BatchOptions."""

    changed = Signal()

    def __init__(self, *, reference_key: str, start_in: Path | None) -> None:
        super().__init__()
        self._start_in = start_in
        self._proposed: Path | None = None
        self.model = label(rank="fact", selectable=True)
        self.folder = PathLine(
            "Folder of radiographs",
            "Every DICOM, PNG, JPEG and TIFF file in it is read, at any depth",
            ask=self._ask_folder,
            placeholder="Choose a folder",
        )
        self.out = PathLine(
            "Folder for the table and the reports",
            "The table bone-age.csv and the reports are written here; nothing that is there is overwritten",
            ask=self._ask_out,
            placeholder="Choose a folder",
        )
        self.sex = _choice("Sex where files do not say", "Used for the files whose header gives no sex; never guessed")
        for text, sex in SEXES:
            self.sex.addItem(text, sex)
        self.reference = _choice("Reference", "Table of standard deviations that bone ages are held against")
        for reference in REFERENCES.values():
            self.reference.addItem(reference.name if reference.verified else f"{reference.name} *", reference.key)
        self.reference.setCurrentIndex(max(0, self.reference.findData(reference_key)))
        self.pdf = _check(
            "A &page for each (PDF)", "Write each reading as a page, marked as confirmed by nobody", on=True
        )
        self.dicom = _check(
            "&DICOM objects", "Write structured report, picture and page of each DICOM file for its study"
        )
        self.excel = _check("The table for &Excel too", "Write bone-age.xlsx beside bone-age.csv at the end")
        self._lay_out()
        self.folder.changed.connect(self._propose)
        self.out.changed.connect(self.changed)

    @property
    def ready(self) -> bool:
        """Whether both folders are named."""
        return self.folder.path() is not None and self.out.path() is not None

    def options(self) -> BatchOptions:
        """What is asked for."""
        return BatchOptions(
            reference_key=str(self.reference.currentData()),
            told_sex=Sex(sex) if (sex := self.sex.currentData()) else None,  # Qt keeps plain text
            pdf=self.pdf.isChecked(),
            dicom=self.dicom.isChecked(),
            excel=self.excel.isChecked(),
        )

    def restyle(self) -> None:
        """Follow the theme."""
        self.folder.restyle()
        self.out.restyle()

    def _propose(self) -> None:
        """Name a folder for the reports beside the radiographs', unless the user has named one."""
        folder = self.folder.path()
        if folder is not None and self.out.path() in (None, self._proposed):
            self._proposed = folder.with_name(f"{folder.name}{OUT_ENDING}")
            self.out.show_path(self._proposed)
        self.changed.emit()

    def _ask_folder(self, parent: QWidget) -> str:
        start = self.folder.path() or self._start_in
        return QFileDialog.getExistingDirectory(parent, "Folder of radiographs", str(start or ""))

    def _ask_out(self, parent: QWidget) -> str:
        start = self.out.path() or self._start_in
        return QFileDialog.getExistingDirectory(parent, "Folder for the reports", str(start or ""))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for text, part in (
            ("Model in use", self.model),
            ("Radiographs in", self.folder),
            ("Table and reports into", self.out),
            ("Sex where files do not say", self.sex),
            ("Reference", self.reference),
        ):
            caption = QLabel(text)
            caption.setProperty("rank", "small")
            caption.setBuddy(part)
            column.addWidget(caption)
            column.addWidget(part)
            column.addSpacing(6)
        column.addWidget(label("* not verified against print", rank="small"))
        column.addSpacing(6)
        for box in (self.pdf, self.dicom, self.excel):
            column.addWidget(box)


def _choice(name: str, tip: str) -> QComboBox:
    choice = QComboBox()
    choice.setAccessibleName(name)
    choice.setToolTip(tip)
    return choice


def _check(text: str, tip: str, *, on: bool = False) -> QCheckBox:
    box = QCheckBox(text)
    box.setChecked(on)
    box.setToolTip(tip)
    return box
