"""Rows of a form whose fields are the fields of an address: text, port, switch, file."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from boneage_gui.clinic.dicom_node.node import NodeError
from boneage_gui.widgets.buttons import DialogButtons
from boneage_gui.widgets.text import label

WIDTH_PX = 480


class AddressForm(QDialog):
    """A dialog of labelled fields; ``make`` checks them, and what it refuses is said in the dialog."""

    def __init__(self, title: str, explanation: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(WIDTH_PX)
        self._fields: list[QWidget] = []  # as Tab walks through them
        self._make: Callable[[], object] | None = None
        self.wrong = label(rank="wrong")
        self.wrong.hide()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        buttons = DialogButtons("&Keep", "Keep these settings (Enter)", "Change nothing (Esc)")
        self.keep, self._cancel = buttons.go, buttons.cancel
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(label(title, rank="state"))
        column.addWidget(label(explanation, rank="muted"))
        column.addLayout(self._grid)
        column.addWidget(self.wrong)
        column.addWidget(buttons)

    def on_keep(self, make: Callable[[], object]) -> None:
        """Say what makes the values; it raises NodeError for what cannot be."""
        self._make = make

    def showEvent(self, event: QShowEvent) -> None:
        """Begin in the first field; Tab goes down the form and ends at the buttons, which were made first."""
        super().showEvent(event)
        for before, after in pairwise((*self._fields, self.keep, self._cancel)):
            self.setTabOrder(before, after)
        self._fields[0].setFocus()

    def text(self, caption: str, value: str, tip: str, *, hint: str = "") -> QLineEdit:
        """Add a field of text."""
        field = QLineEdit(value)
        field.setPlaceholderText(hint)
        self._add(caption, field, field, tip)
        return field

    def switch(self, words: str, on: bool, tip: str) -> QCheckBox:
        """Add a switch."""
        box = QCheckBox(words)
        box.setChecked(on)
        box.setToolTip(tip)
        self._grid.addWidget(box, self._grid.rowCount(), 1)
        self._fields.append(box)
        return box

    def file(self, caption: str, value: str, tip: str) -> QLineEdit:
        """Add the path of a file, with a button that looks for it."""
        field = QLineEdit(value)
        field.setPlaceholderText("none")
        choose = QPushButton("Choose…")
        choose.setProperty("small", True)
        choose.setAutoDefault(False)  # Enter in a field keeps the form
        choose.setToolTip(f"Choose the file: {caption.replace('&', '').lower()}")
        choose.clicked.connect(lambda: self._choose(caption, field))
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(field, 1)
        row.addWidget(choose)
        self._add(caption, both, field, tip)
        self._fields.append(choose)
        return field

    def _add(self, caption: str, widget: QWidget, field: QLineEdit, tip: str) -> None:
        named = QLabel(caption)
        named.setBuddy(field)
        field.setToolTip(tip)
        field.setAccessibleName(caption.replace("&", ""))
        self._fields.append(field)
        row = self._grid.rowCount()
        self._grid.addWidget(named, row, 0, Qt.AlignmentFlag.AlignLeft)
        self._grid.addWidget(widget, row, 1)

    def _choose(self, caption: str, field: QLineEdit) -> None:
        start = str(Path(field.text()).parent) if field.text() else ""
        name, _ = QFileDialog.getOpenFileName(self, caption.replace("&", ""), start, "PEM (*.pem *.crt *.key);;All (*)")
        if name:
            field.setText(name)

    def _accept(self) -> None:
        try:
            if self._make is not None:
                self._make()
        except NodeError as error:
            self.wrong.setText(str(error))
            self.wrong.show()
            return
        self.accept()


def enable_row(field: QLineEdit, on: bool) -> None:
    """Enable a file's field together with the button beside it."""
    both = field.parentWidget()
    if both is not None:
        both.setEnabled(on)


def port_number(field: QLineEdit) -> int:
    """Return what a field of a port says. Raises NodeError."""
    text = field.text().strip()
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise NodeError("The port must be a whole number, for example 104 or 11112.")
    return int(text)
