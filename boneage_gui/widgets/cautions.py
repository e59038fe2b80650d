"""Cautions of a reading, each with its sign, in the order of weight."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from boneage_gui import assets, theme
from boneage_gui.widgets.text import label

SIGN_PX = 18


class Cautions(QWidget):
    """A list of sentences; takes no room when there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[str, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 4, 0, 0)
        self._column.setSpacing(6)
        self.setAccessibleName("Cautions")
        self.hide()

    def show_lines(self, lines: tuple[str, ...]) -> None:
        """Show these sentences instead of the ones before."""
        while (taken := self._column.takeAt(0)) is not None:
            row = taken.widget()
            if row is not None:
                row.hide()
                row.deleteLater()
        self.lines = lines
        for line in lines:
            self._column.addWidget(self._row(line))
        self.setAccessibleDescription(" ".join(lines))
        self.setVisible(bool(lines))

    def restyle(self) -> None:
        """Draw the signs in the theme's colours again."""
        self.show_lines(self.lines)

    def _row(self, line: str) -> QWidget:
        row = QWidget()
        box = QHBoxLayout(row)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        sign = QLabel()
        ratio = self.devicePixelRatioF()
        colour = theme.current().caution
        sign.setPixmap(assets.pixmap("caution", colour=colour, ratio=ratio, side_px=SIGN_PX))
        sign.setFixedWidth(SIGN_PX)
        box.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        box.addWidget(label(line, selectable=True), 1)
        return row
