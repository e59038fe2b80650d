"""What is searched for in the worklist: words, decision, sex, dates."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

from boneage_gui.clinic.chronology import DateError, read_date
from boneage_gui.clinic.reading import Decision
from boneage_gui.clinic.readings.query import Query
from boneage_gui.widgets.marks import mark
from trainer.radiograph import Sex

PAUSE_MS = 150  # after the last key, so that a word is searched and not each of its letters


class ReadingsBar(QFrame):
    """Fields that make a Query; ``changed`` a moment after the last key."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bar")
        self.patient_hash: str | None = None
        self.words = QLineEdit()
        self.words.setPlaceholderText("Search")
        self.words.setClearButtonEnabled(True)
        self.words.setAccessibleName("Search")
        self.words.setToolTip("Words of the name, the user, the model, the reason; or the beginning of a hash (Ctrl+F)")
        self.decision = _choice(
            "Decision", ("Every decision", None), ("Accepted", Decision.ACCEPTED), ("Modified", Decision.MODIFIED),
            ("Waiting", Decision.WAITING),
        )  # fmt: skip
        self.sex = _choice("Sex", ("Both sexes", None), ("Girls", Sex.FEMALE), ("Boys", Sex.MALE))
        self.since = _date("Read from", "First day of the readings, for example 2026-03-09")
        self.until = _date("Read to", "Last day of the readings, for example 2026-03-31")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.changed)
        for field in (self.words, self.since, self.until):
            field.textChanged.connect(self._edited)
        for choice in (self.decision, self.sex):
            choice.currentIndexChanged.connect(self._edited)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(10)
        row.addWidget(self.words, 1)
        for part in (self.decision, self.sex, QLabel("Read from"), self.since, QLabel("to"), self.until):
            row.addWidget(part)

    def query(self) -> Query:
        """What is asked for; a date that cannot be read is no condition, and looks wrong."""
        return Query(
            text=self.words.text(),
            decision=Decision(decision) if (decision := self.decision.currentData()) else None,  # Qt keeps plain text
            sex=Sex(sex) if (sex := self.sex.currentData()) else None,
            since=_read(self.since),
            until=_read(self.until),
            patient_hash=self.patient_hash,
        )

    def clear(self) -> None:
        """Ask for everything."""
        self.patient_hash = None
        for field in (self.words, self.since, self.until):
            field.clear()
        for choice in (self.decision, self.sex):
            choice.setCurrentIndex(0)

    def _edited(self, *_: object) -> None:
        self._pause.start()


def _choice(name: str, *options: tuple[str, object]) -> QComboBox:
    choice = QComboBox()
    choice.setAccessibleName(name)
    choice.setToolTip(f"{name} of the readings to show")
    for text, value in options:
        choice.addItem(text, value)
    return choice


def _date(name: str, tip: str) -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText("year-month-day")
    field.setAccessibleName(name)
    field.setToolTip(tip)
    field.setFixedWidth(118)
    return field


def _read(field: QLineEdit) -> date | None:
    wrong = False
    found = None
    try:
        found = read_date(field.text())
    except DateError:
        wrong = True
    mark(field, "wrong", wrong)
    return found
