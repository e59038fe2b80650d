"""What the columns of a table mean: a combo box for each part of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from boneage_gui.widgets.text import label
from trainer.columns import AGE_UNITS, NONE, Columns, two_meanings

if TYPE_CHECKING:
    from trainer.table import TableColumns

FROM_HEADER: Final = "from the DICOM header, if any"
PARTS: Final = {  # field of Columns: caption, what it means, what to choose where there is no such column
    "id": ("Case", "The column that names each case; its picture has the same name", "none: by picture file"),
    "path": ("Picture file", "The column with the picture’s file, relative to the pictures’ folder", "none: by case"),
    "age": ("Bone age", "The column with the bone age that the network learns", "choose…"),
    "sex": ("Sex", "The column with the sex: male, female, M, F, 0, 1, true or false", FROM_HEADER),
    "patient": ("Patient", "Radiographs of one patient stay in the same part of a split that is drawn", "none"),
}
SHEET: Final = ("Sheet", "The sheet of the Excel file")


class ColumnChoice(QWidget):
    """The meaning of a table's columns; what is usual is chosen beforehand."""

    changed = Signal()
    sheet_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Columns of the table")
        self.combos: dict[str, QComboBox] = {}
        self.unit = QComboBox()
        self.sheet = QComboBox()
        self._sheet_caption = QLabel(SHEET[0])
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, 84)
        grid.setColumnStretch(1, 1)
        _dress(self.sheet, self._sheet_caption, *SHEET)
        grid.addWidget(self._sheet_caption, 0, 0)
        grid.addWidget(self.sheet, 0, 1, 1, 2)
        for number, (part, (caption, meaning, _)) in enumerate(PARTS.items(), 1):
            words, combo = QLabel(caption), QComboBox()
            _dress(combo, words, caption, meaning)
            combo.activated.connect(lambda _index: self.changed.emit())
            grid.addWidget(words, number, 0)
            grid.addWidget(combo, number, 1, 1, 1 if part == "age" else 2)
            self.combos[part] = combo
            if part == "age":
                grid.addWidget(self.unit, number, 2)
        _dress(self.unit, None, "Unit of the age", "Whether the ages are in months or in years")
        for unit in AGE_UNITS:
            self.unit.addItem(unit, unit)
        self.unit.setPlaceholderText("unit?")
        self.unit.activated.connect(lambda _index: self.changed.emit())
        self.sheet.activated.connect(lambda _index: self.sheet_chosen.emit(self.sheet.currentText()))
        self.clear()

    def clear(self) -> None:
        """No table."""
        for combo in (*self.combos.values(), self.sheet):
            combo.clear()
        self.unit.setCurrentIndex(-1)
        self._sheet_caption.hide()
        self.sheet.hide()
        self.setEnabled(False)

    def show_table(self, table: TableColumns, chosen: Columns | None = None) -> None:
        """Offer a table's columns; ``chosen`` goes over what is proposed."""
        self.setEnabled(True)
        for part, combo in self.combos.items():
            combo.clear()
            usual = getattr(table.proposed, part)
            if part == "patient" and usual is None:  # with none, the trainer would not look into the headers either
                combo.addItem(FROM_HEADER, None)
            combo.addItem(PARTS[part][2], NONE)
            for name in table.names:
                combo.addItem(name, name)
            given = getattr(chosen, part) if chosen is not None else None
            wanted = usual if given is None else given
            combo.setCurrentIndex(0 if wanted is None else max(0, combo.findData(wanted)))
        unit = (chosen.age_unit if chosen is not None else None) or table.proposed.age_unit
        self.unit.setCurrentIndex(self.unit.findData(unit) if unit else -1)
        self.sheet.clear()
        self.sheet.addItems(list(table.sheets))
        self.sheet.setCurrentText(table.proposed.sheet or "")
        for widget in (self._sheet_caption, self.sheet):
            widget.setVisible(len(table.sheets) > 1)

    def columns(self) -> Columns:
        """What was chosen."""
        names = {part: combo.currentData() for part, combo in self.combos.items()}
        return Columns(**names, age_unit=self.unit.currentData(), sheet=self.sheet.currentText() or None)

    @property
    def problem(self) -> str:
        """What is still to be said, as a sentence; empty where nothing is."""
        chosen = self.columns()
        if not chosen.id and not chosen.path:
            return "Say which column names the case, or its picture’s file."
        if not chosen.age:
            return "Say which column holds the bone age."
        if chosen.age_unit is None:
            return f"Say whether “{chosen.age}” is in months or in years."
        return two_meanings(chosen) or ""


def _dress(combo: QComboBox, caption: QLabel | None, name: str, meaning: str) -> None:
    combo.setAccessibleName(name)
    combo.setAccessibleDescription(meaning)
    combo.setToolTip(meaning)
    combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(8)
    if caption is not None:
        caption.setBuddy(combo)
        caption.setToolTip(meaning)


def heading(text: str) -> QLabel:
    """The heading of a section."""
    return label(text, rank="section")
