"""The explanation's pane beside the radiograph: its three sections, and what all of it is for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from boneage_gui import assets, theme
from boneage_gui.widgets.explanation.cases_section import CasesSection
from boneage_gui.widgets.explanation.heat_section import HeatSection
from boneage_gui.widgets.explanation.region_section import RegionSection
from boneage_gui.widgets.text import Column, label, research_use_line, rule, scrolled

WIDTH_PX = 360


class ExplanationPane(QFrame):
    """Composes the sections; knows no model."""

    closed = Signal()  # it is not seen any more, by whatever hand

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setFixedWidth(WIDTH_PX)
        self.setAccessibleName("Explanation")
        self.heat = HeatSection()
        self.regions = RegionSection()
        self.cases = CasesSection()
        self.close_button = QToolButton()
        self.close_button.setAccessibleName("Close the explanation")
        self.close_button.setToolTip("Close the explanation (Ctrl+Shift+E)")
        self._lay_out()
        self.restyle()

    def restyle(self) -> None:
        """Follow the theme."""
        look = theme.current()
        self.close_button.setIcon(assets.icon("close", colour=look.muted, disabled=look.disabled))

    def changeEvent(self, event: QEvent) -> None:
        """The theme comes as another palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "close_button"):
            self.restyle()

    def hideEvent(self, event: QHideEvent) -> None:
        """Closed, or its window is; a minimised window is neither."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.closed.emit()

    def _lay_out(self) -> None:
        content = Column()
        column = QVBoxLayout(content)
        column.setContentsMargins(20, 4, 18, 12)
        column.setSpacing(7)
        sections = (
            ("WHERE THE MODEL LOOKED", self.heat),
            ("WITHOUT A REGION", self.regions),
            ("THE CASES MOST ALIKE", self.cases),
        )
        for number, (title, section) in enumerate(sections):
            if number:
                column.addSpacing(7)
                column.addWidget(rule())
                column.addSpacing(5)
            column.addWidget(label(title, rank="section"))
            column.addWidget(section)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(self._head())
        whole.addWidget(scrolled(content), 1)
        whole.addWidget(research_use_line())

    def _head(self) -> QHBoxLayout:
        title = label("Explanation", rank="fact")
        head = QHBoxLayout()
        head.setContentsMargins(20, 10, 10, 4)
        head.addWidget(title, 1)
        head.addWidget(self.close_button)
        return head
