"""Holds the loaded model; a question waits while it loads, and the newest question wins."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from boneage_gui import assets, work
from boneage_gui.jobs import Job, NewestOnly
from trainer.errors import CheckpointError
from trainer.prediction import Prediction
from trainer.radiograph import Radiograph, Sex, shown_name

if TYPE_CHECKING:
    from trainer.card import ModelCard


class Readiness(Enum):
    """How far the model is."""

    ABSENT = "absent"
    LOADING = "loading"
    READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of the model: one radiograph and what the user said about the child's sex."""

    radiograph: Radiograph
    sex: Sex | None
    chronological_months: float | None = None  # as the user knows it; None: as the header says
    anyway: bool = False  # the user wants a number though the gate refused


class Inference(QObject):
    """Answers questions with the model in use. Knows one question at a time: the newest."""

    model_changed = Signal()  # path, card or readiness is new
    asked = Signal(object)  # Question
    answered = Signal(object, object)  # Question, Prediction
    refused = Signal(object, object)  # Question, the exception
    model_failed = Signal(object)  # the exception; the model before stays in use

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path: Path | None = None
        self.card: ModelCard | None = None
        self.readiness = Readiness.ABSENT
        self._predictor: Any = None
        self._question: Question | None = None
        self._running: Job | None = None
        self._number = 0  # of the running job
        self._loading = NewestOnly(self)  # of the card, then of the weights
        self._weights_wanted = False
        self._before: tuple[Path | None, ModelCard | None, Any] = (None, None, None)

    @property
    def predictor(self) -> Any:
        """The loaded model, for others that ask it in jobs of their own; None while there is none."""
        return self._predictor

    @property
    def question(self) -> Question | None:
        """The newest question, answered or not."""
        return self._question

    def choose(self, path: Path) -> bool:
        """Take a model into use: its card now, its weights when ``load`` is called. False if refused.

        The card of a file from elsewhere comes a little later: its disk may be one that does not answer.
        """
        card = None
        if assets.is_shipped_model(path):
            try:
                card = _card_of(path)
            except Exception as error:
                self.model_failed.emit(error)
                return False
        if self.readiness is not Readiness.LOADING:
            self._before = (self.path, self.card, self._predictor)
        self._drop_running()
        self._loading.drop()
        self.path, self.card, self._predictor = path, card, None
        self.readiness = Readiness.LOADING
        self._weights_wanted = False
        if card is None:
            self._loading.start(Job(_card_of, path), result=self._card_read, failed=self._not_loaded)
        self.model_changed.emit()
        return True

    def load(self) -> None:
        """Load the chosen model's weights in a job."""
        self._weights_wanted = True
        if self.path is not None and self.card is not None and self.readiness is Readiness.LOADING:
            job = Job(work.load_predictor, self.path, **assets.beside_models())
            self._loading.start(job, result=self._loaded, failed=self._not_loaded)

    def ask(
        self,
        radiograph: Radiograph,
        *,
        sex: Sex | None,
        chronological_months: float | None = None,
        anyway: bool = False,
    ) -> None:
        """Ask; whatever was asked before is dropped. Waits for the model where it still loads.

        ``anyway`` reads what the gate refuses, and holds for the radiograph as long as it is the newest.
        """
        before = self._question
        held = before is not None and before.radiograph is radiograph and before.anyway
        self._question = Question(
            radiograph=radiograph, sex=sex, chronological_months=chronological_months, anyway=anyway or held
        )
        self._stop_listening()
        self.asked.emit(self._question)
        self._go_on()

    def ask_anyway(self) -> None:
        """Ask the newest question once more, whatever the gate says."""
        if self._question is not None:
            asked = self._question
            months = asked.chronological_months
            self.ask(asked.radiograph, sex=asked.sex, chronological_months=months, anyway=True)

    def told_age(self, chronological_months: float | None) -> None:
        """Take a chronological age that became known; ask again where the model would now answer otherwise."""
        asked, card = self._question, self.card
        if asked is None or asked.chronological_months == chronological_months:
            return
        by_header = asked.radiograph.study.age_months
        before, now = (
            by_header if months is None else months for months in (asked.chronological_months, chronological_months)
        )
        if card is None or card.refusal_of_age(before) != card.refusal_of_age(now):
            self.ask(asked.radiograph, sex=asked.sex, chronological_months=chronological_months)

    def forget(self) -> None:
        """Drop the question; no answer comes."""
        self._question = None
        self._stop_listening()

    def _card_read(self, card: ModelCard) -> None:
        self.card = card
        self.model_changed.emit()
        if self._weights_wanted:
            self.load()

    def _loaded(self, predictor: Any) -> None:
        self._predictor = predictor
        self.card = predictor.card  # what was loaded, should the file have changed since its header was read
        self._before = (None, None, None)
        self.readiness = Readiness.READY
        self.model_changed.emit()
        self._go_on()

    def _not_loaded(self, error: BaseException) -> None:
        self.path, self.card, self._predictor = self._before
        self.readiness = Readiness.ABSENT if self._predictor is None else Readiness.READY
        if self._predictor is None:
            self.path = self.card = None
        self.model_changed.emit()
        self.model_failed.emit(error)
        self._go_on()

    def _go_on(self) -> None:
        """Start on the question if the model is there and no older prediction still computes."""
        if self._question is None or self._predictor is None or self._running is not None:
            return
        question = self._question
        job = Job(
            work.predict,
            self._predictor,
            question.radiograph,
            question.sex,
            anyway=question.anyway,
            chronological_months=question.chronological_months,
        )
        job.result.connect(lambda prediction: self._answer(question, prediction))
        job.failed.connect(lambda error: self._refuse(question, error))
        self._number = number = self._number + 1
        job.ended.connect(lambda: self._ended(number))  # a slot that held its own job would keep it for ever
        self._running = job.begin()

    def _answer(self, question: Question, prediction: Prediction) -> None:
        if question is self._question:
            self.answered.emit(question, prediction)

    def _refuse(self, question: Question, error: BaseException) -> None:
        if question is self._question:
            self.refused.emit(question, error)

    def _ended(self, number: int) -> None:
        if self._running is None or number != self._number:
            return
        unheard = self._running.stopped
        self._running = None
        if unheard:
            self._go_on()

    def _stop_listening(self) -> None:
        if self._running is not None:
            self._running.stop()

    def _drop_running(self) -> None:
        """The model is replaced: its answer is not wanted, and nothing need wait for it."""
        self._stop_listening()
        self._running = None


def _card_of(path: Path) -> ModelCard:
    if not path.is_file():
        raise CheckpointError(f"The model file “{shown_name(path)}” is not there.")
    return work.read_card(path)
