"""Birth and study date, from the header or typed, and the chronological age they make."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from boneage_gui.clinic.chronology import DateError, age_months, difference_in_words, read_date
from boneage_gui.widgets.marks import mark
from boneage_gui.widgets.text import label
from trainer.prediction import years_and_months
from trainer.radiograph import Study


class PatientDates(QWidget):
    """Two date fields; under them the age, or what keeps it from being known."""

    changed = Signal(object)  # chronological age in months, or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.months: float | None = None
        self._bone_age: float | None = None
        self._age = label()
        self._difference = label(rank="muted")
        self._birth = self._field("Birth date")
        self._study = self._field("Study date")
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        for column, (text, field) in enumerate((("Born", self._birth), ("Examined", self._study))):
            caption = QLabel(text)
            caption.setProperty("rank", "small")
            caption.setBuddy(field)
            grid.addWidget(caption, 0, column)
            grid.addWidget(field, 1, column)
            grid.setColumnStretch(column, 1)
        column_box = QVBoxLayout(self)
        column_box.setContentsMargins(0, 0, 0, 0)
        column_box.setSpacing(6)
        column_box.addWidget(self._age)
        column_box.addWidget(self._difference)
        column_box.addLayout(grid)
        self.clear()

    def clear(self) -> None:
        """No radiograph."""
        self._bone_age = None
        self.show_study(Study())
        self.setEnabled(False)

    def show_study(self, study: Study) -> None:
        """Take the dates that the header gives; fields it does not give are empty."""
        self.setEnabled(True)
        self._bone_age = None
        for field, day in ((self._birth, study.birth_date), (self._study, study.study_date)):
            field.setText(day.isoformat() if day else "")
            field.setCursorPosition(0)
        self._work_out()

    def show_bone_age(self, months: float | None) -> None:
        """Take the bone age to compare with."""
        self._bone_age = months
        self._show_difference()

    def ask(self) -> None:
        """Put the cursor where something is missing."""
        missing = self._study if self._birth.text() and not self._study.text() else self._birth
        missing.setFocus()
        missing.selectAll()

    @property
    def study_date(self) -> date | None:
        """The day of the examination; None where it is not known or cannot be read."""
        try:
            return read_date(self._study.text())
        except DateError:
            return None

    @property
    def typed(self) -> tuple[str, str]:
        """What the fields of birth and study date hold."""
        return self._birth.text(), self._study.text()

    @property
    def spoken(self) -> str:
        """What the lines say."""
        return " ".join(part for part in (self._age.text(), self._difference.text()) if part)

    def type_dates(self, *, birth: str, study: str) -> None:
        """As if the user had typed them."""
        self._birth.setText(birth)
        self._study.setText(study)
        self._work_out()

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setPlaceholderText("year-month-day")
        field.setToolTip(f"{name}, for example 2015-03-09 (Shift+D)")
        field.setAccessibleName(name)
        field.textEdited.connect(self._work_out)
        field.editingFinished.connect(partial(self._left, field))
        return field

    def _left(self, field: QLineEdit) -> None:
        """Write an accepted date as all are written: 09.03.2015 may be meant as another; half-typed it looks wrong."""
        with suppress(DateError):
            if day := read_date(field.text()):
                field.setText(day.isoformat())
        self._work_out()

    def _work_out(self) -> None:
        before = self.months
        self.months = None
        birth, study, said = self._read(self._birth), self._read(self._study), ""
        wrong = bool(self._birth.property("wrong") or self._study.property("wrong"))
        if isinstance(birth, date) and isinstance(study, date):
            try:
                self.months = age_months(birth=birth, study=study)
            except DateError as error:
                said, wrong = str(error), True
                for field in (self._birth, self._study):
                    mark(field, "wrong", True)
        elif wrong:
            said = str(birth if self._birth.property("wrong") else study)
        elif isinstance(birth, DateError) or isinstance(study, DateError):
            said = "Write dates as year-month-day, for example 2015-03-09."
        else:
            said = self._what_is_missing(birth, study)
        self._age.setText(years_and_months(self.months) if self.months is not None else said)
        mark(self._age, "rank", "figure" if self.months is not None else "caution" if wrong else "muted")
        self._show_difference()
        if self.months != before:
            self.changed.emit(self.months)

    def _read(self, field: QLineEdit) -> date | DateError | None:
        found: date | DateError | None
        try:
            found = read_date(field.text())
        except DateError as error:
            found = error
        half_typed = field.hasFocus() and len(field.text()) < len("2015-03-09")
        mark(field, "wrong", isinstance(found, DateError) and not half_typed)
        return found

    @staticmethod
    def _what_is_missing(birth: object, study: object) -> str:
        if birth is None and study is None:
            return "Not known. Type both dates to compare."
        return f"The {'birth' if birth is None else 'study'} date is missing."

    def _show_difference(self) -> None:
        words = ""
        if self.months is not None and self._bone_age is not None:
            words = difference_in_words(bone_age_months=self._bone_age, chronological_months=self.months)
        self._difference.setText(words)
        self._difference.setVisible(bool(words))
