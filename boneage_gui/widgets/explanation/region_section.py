"""Without a region: a line for wrist, metacarpals and phalanges each, and the switch of their outlines."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from boneage_gui.widgets.explanation.colours import REGIONS
from boneage_gui.widgets.text import label

MEANING = (
    "The region’s bones are blurred to even tissue and the hand is read again. Such a picture is unlike any the model "
    "was trained on, and the shifts do not add up."
)
SWATCH_PX = 10


class RegionSection(QWidget):
    """Shows how the number moves without each region, or why that is not said."""

    changed = Signal()  # outlines are wanted, or not any more

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: dict[str, QLabel] = {}
        self._rows: list[QWidget] = []
        self.why = label(rank="muted", selectable=True)
        self.meaning = label(MEANING, rank="small")
        self.outlined = QCheckBox("Outline the regions")
        self.outlined.setToolTip("Show or hide the regions’ outlines on the radiograph (Shift+O)")
        self.outlined.toggled.connect(self.changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for name, colour in REGIONS.items():
            column.addWidget(self._row(name, colour))
        column.addWidget(self.why)
        column.addWidget(self.outlined)
        column.addWidget(self.meaning)
        self.clear("")

    def clear(self, why: str) -> None:
        """No region, and the reason."""
        for row, line in zip(self._rows, self.lines.values(), strict=True):
            row.hide()
            line.clear()
        self.why.setText(why)
        self.why.setVisible(bool(why))
        self.outlined.setEnabled(False)

    def show_found(self, name: str) -> None:
        """A region was found; its number comes."""
        self.show_sentence(name, f"Without the {name}…")
        self.outlined.setEnabled(True)

    def show_sentence(self, name: str, sentence: str) -> None:
        """What the model reads without a region."""
        self.why.hide()
        self.lines[name].setText(sentence)
        self._rows[list(self.lines).index(name)].show()

    @property
    def sentences(self) -> list[str]:
        """What is said now."""
        return [line.text() for line in self.lines.values() if line.text()]

    def _row(self, name: str, colour: str) -> QWidget:
        swatch = QLabel()
        picture = QPixmap(QSize(SWATCH_PX, SWATCH_PX))
        picture.fill(QColor(colour))
        swatch.setPixmap(picture)
        swatch.setToolTip(f"Colour of the {name}’s outline")
        self.lines[name] = label(selectable=True)
        row = QWidget()
        across = QHBoxLayout(row)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(9)
        across.addWidget(swatch)
        across.addWidget(self.lines[name], 1)
        self._rows.append(row)
        return row
