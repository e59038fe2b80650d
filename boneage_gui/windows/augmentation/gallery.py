"""Gallery: the grid, the strip, the page of one picture and the summary, filled with what the desk sends."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from boneage_gui.images import grey_image
from boneage_gui.widgets.augmentation.detail import Detail
from boneage_gui.widgets.augmentation.face import Age, Face
from boneage_gui.widgets.augmentation.summary import Summary
from boneage_gui.widgets.augmentation.tile_grid import TileGrid
from boneage_gui.widgets.text import label
from boneage_gui.windows.augmentation.desk import LabDesk
from boneage_gui.work.augmenting import crop_scale
from trainer.augment import TRANSFORMS, Canvas, Drawn
from trainer.prediction import Prediction

STRIP_PX = 148


class Gallery(QObject):
    """Owns the widgets in the middle of the lab."""

    page_changed = Signal()

    def __init__(self, desk: LabDesk) -> None:
        super().__init__(desk)
        self._desk = desk
        self.canvases: dict[int, Canvas] = {}
        self.months: tuple[dict[int, float], dict[int, float]] = ({}, {})
        self._strip_words = ""
        self._strip_unchanged = True
        self.grid = TileGrid("Drawn pictures: Enter shows one large, beside the original")
        self.strip = TileGrid("One transform alone, from one end of its range to the other", one_row=True)
        self.strip_title = label(rank="section")
        self.detail = Detail()
        self.summary = Summary()
        self.pages = QStackedWidget()
        self._lay_out()
        self.grid.opened.connect(self.open_detail)
        self.detail.back.connect(self.show_grid)
        self.detail.step_wanted.connect(self.step)
        self.summary.worst_wanted.connect(self.grid.mark)
        desk.drawn.connect(self._drawn)
        desk.painted.connect(self._painted)
        desk.strip_painted.connect(self._strip_painted)
        desk.predicted.connect(self._predicted)
        desk.aged.connect(self._aged)
        desk.strip_aged.connect(self._strip_aged)
        desk.models_changed.connect(self.show_models)

    # -- pages

    @property
    def in_detail(self) -> bool:
        """Whether one picture is shown large."""
        return self.pages.currentWidget() is self.detail

    def open_detail(self, number: int | None = None) -> None:
        """Show a picture large: this one, the marked one, or the first drawn."""
        chosen = self.grid.marked if number is None else number
        self._show_detail(1 if chosen is None else chosen)
        self.pages.setCurrentWidget(self.detail)
        self.detail.before_after.setFocus()
        self.page_changed.emit()

    def show_grid(self) -> None:
        """Show all pictures."""
        self.pages.setCurrentIndex(0)
        if self.detail.number is not None and self.detail.number < len(self.grid.faces):
            self.grid.mark(self.detail.number)
        self.grid.setFocus()
        self.page_changed.emit()

    def step(self, by: int) -> None:
        """The next or the previous picture, large."""
        if self.in_detail and self.detail.number is not None:
            self._show_detail((self.detail.number + by) % max(1, len(self.grid.faces)))

    def clear(self) -> None:
        """No radiograph."""
        self.canvases.clear()
        self.grid.show_captions([])
        self.strip.show_captions([])
        self.show_grid()

    # -- models

    def show_models(self) -> None:
        """Which models answer: room for their ages, their names, no numbers yet."""
        card = self._desk.inference.card
        second = self._desk.askings[1].predictor
        first = (card.name, card.weights_sha256) if card is not None else ("No model", "")
        self.summary.lines[0].show_model(*first)
        if second is not None:
            self.summary.lines[1].show_model(second.card.name, second.card.weights_sha256)
        else:
            self.summary.lines[1].show_model("loading…" if self._desk.second.loading else None)
        self._forget_ages()

    @property
    def model_names(self) -> tuple[str, ...]:
        """Names of the models that answer, the one in use first."""
        predictors = [asking.predictor for asking in self._desk.askings]
        return tuple(predictor.card.name if predictor is not None else "" for predictor in predictors)

    @property
    def bands(self) -> int:
        """How many models' ages stand under a picture."""
        if self._desk.askings[1].predictor is not None or self._desk.second.loading:
            return 2
        return 1 if self._desk.inference.card is not None else 0

    def _forget_ages(self) -> None:
        """What models said belongs to other pictures, or to another model."""
        for months in self.months:
            months.clear()
        for line in self.summary.lines:
            line.clear()
        for grid in (self.grid, self.strip):
            grid.set_bands(self.bands)
            grid.forget_ages()
        self._refresh_detail()

    # -- what the desk sends

    def _drawn(self, draws: list[Drawn], strip: list[Drawn]) -> None:
        self.canvases.clear()
        titles = ["Original", *(f"Epoch {number}" for number in range(1, len(draws)))]
        lines = [(), *(drawn.lines for drawn in draws[1:])]
        self.grid.show_captions(list(zip(titles, lines, strict=True)))
        self._show_strip(strip)
        self._forget_ages()

    def _show_strip(self, strip: list[Drawn]) -> None:
        step = self._desk.strip_step
        self._strip_unchanged = True
        if step is None:
            return
        known = TRANSFORMS[step.transform]
        self.strip.show_captions([(known.shown(drawn.values[step.transform]), ()) for drawn in strip])
        beside = crop_scale(self._desk.recipe, step.transform)
        scale = "".join(f", at {TRANSFORMS[name].label} {TRANSFORMS[name].shown(at)}" for name, at in beside.items())
        words = f"{known.label} alone, {known.shown(step.low)} to {known.shown(step.high)}{scale}"
        self._strip_words = words.upper()
        self.strip_title.setText(self._strip_words)
        self.strip_title.setToolTip(known.meaning)

    def _painted(self, number: int, canvas: Canvas) -> None:
        self.canvases[number] = canvas
        self.grid.show_picture(number, grey_image(canvas))
        if number == self.detail.number:
            self._refresh_detail()

    def _strip_painted(self, place: int, canvas: Canvas) -> None:
        self.strip.show_picture(place, grey_image(canvas))
        original = self.canvases.get(0)
        self._strip_unchanged = self._strip_unchanged and original is not None and bool((canvas == original).all())
        if place == len(self.strip.faces) - 1 and self._strip_unchanged:
            self.strip_title.setText(f"{self._strip_words}: NOTHING CHANGES IN THIS PICTURE")

    def _predicted(self, model: int, prediction: Prediction) -> None:
        self.summary.lines[model].show_prediction(prediction)

    def _aged(self, model: int, months: Mapping[int, float]) -> None:
        known = self.months[model]
        known.update(months)
        for number, age in months.items():
            shift = age - known[0] if number and 0 in known else math.nan
            self.grid.show_age(number, model, Age(months=age, shift_months=shift))
        self.summary.lines[model].show_ages(known)
        self._refresh_detail()

    def _strip_aged(self, model: int, months: Mapping[int, float]) -> None:
        original = self.months[model].get(0, math.nan)
        for place, age in months.items():
            self.strip.show_age(place, model, Age(months=age, shift_months=age - original))

    # -- one picture large

    def _show_detail(self, number: int) -> None:
        if not self.grid.faces:
            return
        number = min(number, len(self.grid.faces) - 1)
        self.detail.show_face(number, self._face(number), self.model_names)
        before, after = self.canvases.get(0), self.canvases.get(number)
        if before is not None and after is not None:
            self.detail.show_pictures(before, after)

    def _face(self, number: int) -> Face:
        return self.grid.faces[number]

    def _refresh_detail(self) -> None:
        if self.in_detail and self.detail.number is not None:
            self._show_detail(self.detail.number)

    def _lay_out(self) -> None:
        below = QWidget()
        low = QVBoxLayout(below)
        low.setContentsMargins(14, 6, 8, 4)
        low.setSpacing(2)
        low.addWidget(self.strip_title)
        low.addWidget(self.strip, 1)
        self.strip.setMinimumHeight(100)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.grid)
        split.addWidget(below)
        split.setStretchFactor(0, 1)
        split.setSizes([1000, STRIP_PX])
        split.setChildrenCollapsible(False)
        self.pages.addWidget(split)
        self.pages.addWidget(self.detail)
