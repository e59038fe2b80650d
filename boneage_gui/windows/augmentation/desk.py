"""The lab's desk: the radiograph, the recipe and the models on it, and which job runs when. Knows no widgets."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from boneage_gui.inference import Inference
from boneage_gui.jobs import Job, NewestOnly
from boneage_gui.windows.augmentation.asking import Asking, SecondModel
from boneage_gui.work import augmenting
from boneage_gui.work.importing import albumentations_is_there
from trainer.augment import PAPERS, RECIPES, Canvas, Drawn, Recipe, Step
from trainer.radiograph import Radiograph, Sex

PATIENCE_S = 0.12  # a painting as young as this is let finish, or a dragged slider would never show a whole grid
REST_MS = 250  # the models are asked once nothing has changed for so long
FIRST_COUNT = 12


class LabDesk(QObject):
    """Draws, paints and asks; every change of what is on it starts what follows from it, and drops what ran."""

    drawn = Signal(object, object)  # list[Drawn] of the grid, of the strip: captions, before any picture
    painted = Signal(int, object)  # number, Canvas of the grid
    strip_painted = Signal(int, object)  # place, Canvas of the strip
    predicted = Signal(int, object)  # model, Prediction of the radiograph itself
    aged = Signal(int, object)  # model, dict of months by number, of the grid
    strip_aged = Signal(int, object)  # model, dict of months by place, of the strip
    models_changed = Signal()
    refused = Signal(object)  # the exception
    busy_changed = Signal(str)  # what is being done; empty: nothing

    def __init__(self, inference: Inference, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.inference = inference
        self.radiograph: Radiograph | None = None
        self.sex: Sex | None = None
        self.canvas: Canvas | None = None
        self.recipe: Recipe = RECIPES[PAPERS]
        self.strip_step: Step | None = self.recipe.steps[0]
        self.seed, self.case_id, self.count = 0, "", FIRST_COUNT
        self.draws: list[Drawn] = []
        self.strip: list[Drawn] = []
        self.askings = (Asking(self), Asking(self))
        self.second = SecondModel(self)
        self._preprocessing: Any = None
        self._sampling, self._painting = NewestOnly(self), NewestOnly(self)
        self._begun_s: float | None = None  # when the running painting began
        self._again = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._ask)
        self.second.changed.connect(self._second_changed)
        self.second.failed.connect(self.refused)
        self.second.failed.connect(lambda _error: self._ask_later())  # for the model in use alone
        for model, asking in enumerate(self.askings):
            self._listen(model, asking)

    # -- what lies on the desk

    def show_radiograph(self, radiograph: Radiograph | None, sex: Sex | None) -> None:
        """Work on another radiograph; None clears the desk."""
        self.stop()
        self.radiograph, self.sex, self.canvas = radiograph, sex, None
        self._sample()

    def show_sex(self, sex: Sex | None) -> None:
        """The child's sex was told: the pictures stay, the ages are asked again."""
        if sex is not self.sex:
            self.sex = sex
            self._ask_later()

    def show_model(self) -> None:
        """The model in use is another one, or has loaded: its canvas may differ, its ages do."""
        self.askings[0].predictor = self.inference.predictor
        self.models_changed.emit()
        if self._wanted_preprocessing() != self._preprocessing:
            self._sample()
        else:
            self._ask_later()

    def compare_with(self, path: Path | None) -> None:
        """Put a second model beside the one in use; None takes it away."""
        self.second.choose(path)

    def change(self, **changes: Any) -> None:
        """Change ``recipe``, ``strip_step``, ``seed``, ``case_id`` or ``count`` and redraw where that differs."""
        before = [getattr(self, name) for name in changes]
        for name, value in changes.items():
            setattr(self, name, value)
        if before != list(changes.values()):
            self.redraw()

    def redraw(self) -> None:
        """Draw and paint everything; a very young painting is let finish first."""
        self._drop_asking()
        if self.canvas is None:
            return
        young = self._begun_s is not None and time.perf_counter() - self._begun_s < PATIENCE_S
        if young:
            self._again = True
        else:
            self._paint()

    def stop(self) -> None:
        """Want nothing of what runs; what is there stays."""
        self._sampling.drop()
        self._painting.drop()
        self._begun_s, self._again = None, False
        self._drop_asking()
        self._tell()

    def close(self) -> None:
        """The window is closed."""
        self.stop()
        self.second.drop()

    @property
    def busy(self) -> bool:
        """Whether something is still to come."""
        asking = any(one.busy for one in self.askings)
        return self._begun_s is not None or asking or self._rest.isActive() or self.second.loading

    # -- sampling, painting

    def _wanted_preprocessing(self) -> Any:
        card = self.inference.card
        return augmenting.default_preprocessing() if card is None else card.preprocessing

    def _sample(self) -> None:
        self.stop()
        self._preprocessing = self._wanted_preprocessing()
        if self.radiograph is not None:
            job = Job(augmenting.canvas_of, self.radiograph, self._preprocessing)
            self._sampling.start(job, result=self._sampled, failed=self.refused.emit)

    def _sampled(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.redraw()

    def _paint(self) -> None:
        if self.canvas is None:
            return
        self._again = False
        self._begun_s = time.perf_counter()
        self.draws = augmenting.draws_of(self.recipe, seed=self.seed, case_id=self.case_id, count=self.count)
        self.strip = [] if self.strip_step is None else augmenting.strip_draws(self.recipe, self.strip_step)
        self.drawn.emit(self.draws, self.strip)
        self._tell()
        job = Job(augmenting.paint, self.canvas, [*self.draws, *self.strip])
        self._painting.start(job, item=self._painted, result=self._all_painted, failed=self._not_painted)

    def _painted(self, item: tuple[int, Canvas]) -> None:
        place, canvas = item
        if place < len(self.draws):
            self.painted.emit(place, canvas)
        else:
            self.strip_painted.emit(place - len(self.draws), canvas)

    def _all_painted(self, _nothing: object) -> None:
        self._begun_s = None
        if self._again:
            self._paint()
        else:
            self._ask_later()

    def _not_painted(self, error: BaseException) -> None:
        self._begun_s = None
        self._tell()
        self.refused.emit(error)

    # -- asking the models, one after the other: together they would only share the processor

    def _listen(self, model: int, asking: Asking) -> None:
        asking.predicted.connect(lambda prediction: self.predicted.emit(model, prediction))
        asking.came.connect(lambda months: self._came(model, months))
        asking.refused.connect(self.refused)
        asking.finished.connect(self._go_on if model == 0 else self._tell)

    def _ask_later(self) -> None:
        self._drop_asking()
        if any(asking.predictor is not None for asking in self.askings):
            self._rest.start()
        self._tell()

    def _ask(self) -> None:
        if self.radiograph is not None and self.draws and self._begun_s is None:
            self.askings[0].ask(self.radiograph, self.sex, [*self.draws, *self.strip])
            self._tell()

    def _go_on(self) -> None:
        if self.radiograph is not None:
            self.askings[1].ask(self.radiograph, self.sex, [*self.draws, *self.strip])
        self._tell()

    def _came(self, model: int, months: dict[int, float]) -> None:
        count = len(self.draws)
        grid = {place: age for place, age in months.items() if place < count}
        strip = {place - count: age for place, age in months.items() if place >= count}
        for found, signal in ((grid, self.aged), (strip, self.strip_aged)):
            if found:
                signal.emit(model, found)

    def _second_changed(self, predictor: Any) -> None:
        self.askings[1].drop()
        self.askings[1].predictor = predictor
        self.models_changed.emit()
        if not self.second.loading:  # the ages on show were of both, and are asked for again
            self._ask_later()
        self._tell()

    def _drop_asking(self) -> None:
        self._rest.stop()
        for asking in self.askings:
            asking.drop()

    def _tell(self) -> None:
        self.busy_changed.emit(self._doing())

    def _doing(self) -> str:
        """What is being done, in words."""
        asks = "Asking the second model…" if self.askings[1].busy else "Asking the model…"
        paints = "Painting…" if albumentations_is_there() else "Loading what paints pictures, seconds the first time…"
        doing: tuple[tuple[Callable[[], bool], str], ...] = (
            (lambda: self._begun_s is not None, paints),
            (lambda: any(asking.busy for asking in self.askings) or self._rest.isActive(), asks),
            (lambda: self.second.loading, "Loading the second model…"),
        )
        return next((words for is_so, words in doing if is_so()), "")
