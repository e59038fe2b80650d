"""Beside: the explanation docked beside the radiograph, following what the main window shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QKeySequence, QPolygonF, QShortcut, QTransform
from PySide6.QtWidgets import QDockWidget, QWidget

from boneage_gui.images import colour_image
from boneage_gui.settings import cache_folder
from boneage_gui.widgets import explanation_keys as keys
from boneage_gui.widgets.explanation.colours import OLDER, REGIONS, YOUNGER
from boneage_gui.widgets.explanation.heat_section import WAITING
from boneage_gui.widgets.explanation.pane import ExplanationPane
from boneage_gui.widgets.radiograph_view import Glaze, Outline
from boneage_gui.windows import dialogs
from boneage_gui.windows.explanation.desk import ExplanationDesk
from boneage_gui.work.explaining import AlikeCase, HeatMap, Outlined, Progress, Shift, Unclear, coloured

if TYPE_CHECKING:
    from boneage_gui.inference import Question
    from boneage_gui.windows.radiograph_window import RadiographWindow
    from trainer.prediction import Prediction

NOTE = "with Grad-CAM"
OUTLINED = "with regions outlined"
NO_NUMBER = "There is no bone age for this radiograph, so there is nothing to explain."
OPACITY_STEP = 10


class Beside(QObject):
    """Wires pane, desk and view."""

    def __init__(self, window: RadiographWindow) -> None:
        super().__init__(window)
        self._main = window
        self.pane = ExplanationPane()
        self.desk = ExplanationDesk(cache_folder(), self)
        self._heat: QImage = QImage()
        self._placed = QTransform()
        self._outlines: list[Outline] = []
        self.dock = QDockWidget("Explanation", window)
        self.dock.setObjectName("explanation")
        self.dock.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
        self.dock.setTitleBarWidget(QWidget(self.dock))  # the pane has a head of its own
        self.dock.setWidget(self.pane)
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
        self._wire()
        self._add_keys()

    @property
    def shown(self) -> bool:
        """Whether it can be seen."""
        return self.dock.isVisible()

    def show(self) -> None:
        """Open it on what the main window shows."""
        self._main.make_room(self.pane.width())
        self.dock.show()
        question, prediction = self._main.inference.question, self._main.prediction
        self._clear()
        if question is not None and prediction is not None:
            self._answered(question, prediction)

    def close(self) -> None:
        """Close it; nothing goes on behind."""
        self.dock.hide()

    def choose_folder(self) -> None:
        """Ask for a data folder and compare with it."""
        chosen = dialogs.ask_folder(self._main, self.desk.data)
        if chosen:
            self.choose_data(chosen[0])

    def choose_data(self, data: Path | None) -> None:
        """Compare with the cases of a folder, or with phantoms."""
        self.pane.cases.offer(data)
        self.pane.cases.clear("")
        self.desk.choose_data(data)

    # -- what the main window tells

    def _asked(self, _question: Question) -> None:
        self._clear()

    def _answered(self, question: Question, _prediction: Prediction) -> None:
        if self.shown and self._main.inference.predictor is not None:
            self._clear()
            self.pane.heat.say("Looking…")
            self.pane.cases.clear("Comparing follows…")
            self.desk.explain(self._main.inference.predictor, question.radiograph, question.sex)

    def _not_answered(self, *_: object) -> None:
        self._clear()
        self.pane.heat.say(NO_NUMBER)

    def _clear(self) -> None:
        """What is said of another radiograph, sex or model must not stay."""
        self.desk.forget()
        self._heat, self._outlines = QImage(), []
        self._main.view.show_glaze(None)
        self.pane.heat.say(WAITING)
        self.pane.regions.clear("")
        self.pane.cases.clear("")

    def _left(self) -> None:
        self.desk.leave()
        self._main.make_room(0)
        self._main.view.show_glaze(None)

    # -- what comes from the desk

    def _take(self, item: HeatMap | Outlined | Shift | Unclear) -> None:
        regions = self.pane.regions
        if isinstance(item, HeatMap):
            self._heat = colour_image(coloured(item, older=OLDER, younger=YOUNGER))
            a, b, c, d, x, y = item.placed
            self._placed = QTransform(a, b, c, d, x, y)
            self.pane.heat.say(_what_is_shown(item))
        elif isinstance(item, Outlined):
            polygons = tuple(_polygon(outline) for outline in item.outlines)
            self._outlines.append(Outline(name=item.name, polygons=polygons, colour=QColor(REGIONS[item.name])))
            regions.show_found(item.name)
        elif isinstance(item, Shift):
            regions.show_sentence(item.name, f"{item.sentence}.")
        else:
            regions.clear(item.sentence)
        self._show_glaze()

    def _show_glaze(self) -> None:
        heat, regions = self.pane.heat, self.pane.regions
        hot = heat.shown.isChecked() and not self._heat.isNull()
        outlines = tuple(self._outlines) if regions.outlined.isChecked() else ()
        if not (hot or outlines) or not self.shown:
            self._main.view.show_glaze(None)
            return
        self._main.view.show_glaze(
            Glaze(
                note=NOTE if hot else OUTLINED,
                image=self._heat if hot else QImage(),
                placed=self._placed,
                opacity=heat.opacity.value() / 100,
                outlines=outlines,
            )
        )

    def _refuse(self, error: BaseException) -> None:
        self._clear()
        self.pane.heat.say(self._main.door.note(error))

    def _go_on(self, progress: Progress) -> None:
        words = f"{progress.what.capitalize()}: {progress.done:,} of {progress.total:,}"
        self.pane.cases.show_progress(words, progress.done, progress.total)

    def _compared(self, cases: list[AlikeCase]) -> None:
        self.pane.cases.show_cases(cases)

    def _no_cases(self, error: BaseException) -> None:
        self.pane.cases.clear(self._main.door.note(error))

    # -- composition

    def _wire(self) -> None:
        main, pane, desk = self._main, self.pane, self.desk
        main.inference.asked.connect(self._asked)
        main.inference.answered.connect(self._answered)
        main.inference.refused.connect(self._not_answered)
        main.inference.model_changed.connect(self._clear)
        desk.explained.connect(self._take)
        desk.refused.connect(self._refuse)
        desk.going_on.connect(self._go_on)
        desk.compared.connect(self._compared)
        desk.no_cases.connect(self._no_cases)
        pane.heat.changed.connect(self._show_glaze)
        pane.regions.changed.connect(self._show_glaze)
        pane.cases.source_chosen.connect(self.choose_data)
        pane.cases.folder_wanted.connect(self.choose_folder)
        pane.close_button.clicked.connect(self.close)
        pane.closed.connect(self._left)

    def _add_keys(self) -> None:
        heat, regions = self.pane.heat, self.pane.regions
        for key, do in (
            (keys.HEAT, heat.shown.toggle),
            (keys.OUTLINES, regions.outlined.toggle),
            (keys.OWN_CASES, self.choose_folder),
            (keys.STRONGER, lambda: heat.step(OPACITY_STEP)),
            (keys.FAINTER, lambda: heat.step(-OPACITY_STEP)),
        ):
            shortcut = QShortcut(QKeySequence(key), self.pane)
            shortcut.activated.connect(do)


def _what_is_shown(heat: HeatMap) -> str:
    rows, columns = heat.cells
    looks = "the one look" if heat.all_views == 1 else f"{heat.views} of the {heat.all_views} looks"
    grid = f"a coarse grid of {rows}\u00a0×\u00a0{columns} cells"
    return f"Grad-CAM of {heat.model_name} on {grid}, the mean of {looks} behind the number."


def _polygon(points: npt.NDArray[np.float64]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points.tolist()])
