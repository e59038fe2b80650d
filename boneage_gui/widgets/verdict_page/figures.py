"""The figures of a verdict, in one column or two as the page is wide."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from boneage_gui.widgets.figure_view import FigureView
from boneage_gui.widgets.text import label
from boneage_gui.widgets.verdict_page.heading import overfitting_lines
from boneage_gui.work import verdict_files

if TYPE_CHECKING:
    from boneage_gui.work.comparing import Judgement

TWO_COLUMNS_PX = 1450
HEIGHTS_PX = {"agreement": (500, 520), "bland_altman": (430, 520), "curves": (360, 400), "by_age": (330, 400)}


class Figures(QWidget):
    """Predicted against actual, Bland-Altman, curves with the word on overfitting, errors by age."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.views = {
            "agreement": FigureView("Predicted against actual age"),
            "bland_altman": FigureView("Bland–Altman"),
            "curves": FigureView("Curves of the trainings"),
            "by_age": FigureView("Error by age"),
        }
        self.overfitting = label(selectable=True)
        self._cells: dict[str, QWidget] = {}
        for name, view in self.views.items():
            cell = QWidget()
            column = QVBoxLayout(cell)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(8)
            column.addWidget(view, 1)
            if name == "curves":
                column.addWidget(self.overfitting)
            self._cells[name] = cell
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(26)
        self._arrange(1)

    def show_judgement(self, judgement: Judgement) -> None:
        """Draw what there is to draw."""
        answers = judgement.answers
        # A model alone has the first colour in every figure.
        histories = judgement.histories if judgement.comparison is not None else judgement.histories[1:]
        draws = {
            "agreement": verdict_files.draw_agreement,
            "bland_altman": verdict_files.draw_bland_altman,
            "by_age": verdict_files.draw_error_by_age,
        }
        for name, draw in draws.items():
            self._cells[name].setVisible(answers is not None)
            if answers is not None:
                self.views[name].show_figure(partial(draw, answers=answers), judgement.sentence)
        lines = overfitting_lines(judgement)
        self._cells["curves"].setVisible(any(histories))
        if any(histories):
            self.views["curves"].show_figure(
                partial(verdict_files.draw_histories, histories=histories), " ".join(lines)
            )
        self.overfitting.setText("\n".join(lines))

    def restyle(self) -> None:
        """Follow the theme."""
        for view in self.views.values():
            view.restyle()

    def clear(self) -> None:
        """Draw nothing more."""
        for view in self.views.values():
            view.clear()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One column or two."""
        super().resizeEvent(event)
        self._arrange(2 if event.size().width() >= TWO_COLUMNS_PX else 1)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for number, (name, cell) in enumerate(self._cells.items()):
            self.views[name].setFixedHeight(HEIGHTS_PX[name][columns - 1])
            self._grid.removeWidget(cell)
            self._grid.addWidget(cell, number // columns, number % columns)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1 if columns == 2 else 0)
