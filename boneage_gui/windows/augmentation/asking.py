"""Asking: one model's ages of the lab's pictures, in a job that may be dropped at any moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from boneage_gui import work
from boneage_gui.jobs import Job, NewestOnly
from boneage_gui.work import augmenting
from trainer.augment import Drawn
from trainer.prediction import Prediction
from trainer.radiograph import Radiograph, Sex


class Asking(QObject):
    """Puts pictures to one model. A new question drops the one before."""

    predicted = Signal(object)  # Prediction of the radiograph itself, as the main window reads it
    came = Signal(object)  # dict of months by the picture's place in the question
    refused = Signal(object)  # the exception
    finished = Signal()  # answered to the end, or refused; not after a drop

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.predictor: Any = None
        self.busy = False
        self._asking = NewestOnly(self)

    def ask(self, radiograph: Radiograph, sex: Sex | None, draws: Sequence[Drawn]) -> None:
        """Ask about the radiograph and its drawn pictures; without a model nothing happens."""
        self.drop()
        if self.predictor is None:
            self.finished.emit()
            return
        self.busy = True
        job = Job(augmenting.ages_of, self.predictor, radiograph, sex, list(draws))
        self._asking.start(job, item=self._item, result=self._end, failed=self._fail)

    def drop(self) -> None:
        """Want no more answers."""
        self.busy = False
        self._asking.drop()

    def _item(self, item: Prediction | augmenting.Ages) -> None:
        if isinstance(item, augmenting.Ages):
            self.came.emit(dict(item.months))
        else:
            self.predicted.emit(item)

    def _end(self, _nothing: object) -> None:
        self.busy = False
        self.finished.emit()

    def _fail(self, error: BaseException) -> None:
        self.busy = False
        self.refused.emit(error)
        self.finished.emit()


class SecondModel(QObject):
    """The model beside the one in use: loaded when it is chosen."""

    changed = Signal(object)  # its predictor, or None
    failed = Signal(object)  # the exception; there is no second model then

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.loading = False
        self._loading = NewestOnly(self)

    def choose(self, path: Any) -> None:
        """Load this model file; None is none."""
        self._loading.drop()
        self.loading = path is not None
        self.changed.emit(None)
        if path is not None:
            self._loading.start(Job(work.load_predictor, path), result=self._loaded, failed=self._not_loaded)

    def drop(self) -> None:
        """A model that still loads is not wanted."""
        self.loading = False
        self._loading.drop()

    def _loaded(self, predictor: Any) -> None:
        self.loading = False
        self.changed.emit(predictor)

    def _not_loaded(self, error: BaseException) -> None:
        self.loading = False
        self.failed.emit(error)
