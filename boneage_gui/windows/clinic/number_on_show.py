"""The number on show, held against the reference that the user chose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from boneage_gui.clinic.reading import Decision, Reading
from boneage_gui.clinic.reference import BRUSH, REFERENCES, Assessment, NoReferenceError, Reference, assess
from boneage_gui.windows.radiograph_window import RadiographWindow

if TYPE_CHECKING:
    from boneage_gui.inference import Question
    from trainer.prediction import Prediction
    from trainer.radiograph import Radiograph, Sex


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberInContext:
    """A number and all that a reading of it is made of, as they stood at one moment.

    A dialog holds on to this: while it is open another radiograph may come, and what is typed is not meant for that.
    """

    radiograph: Radiograph
    prediction: Prediction
    sex: Sex | None
    chronological_months: float | None
    study_date: date | None
    reference: Reference

    def assess(self, months: float) -> Assessment:
        """Hold a bone age against the reference. Raises NoReferenceError where there is none."""
        return assess(
            self.reference,
            bone_age_months=months,
            chronological_months=self.chronological_months,
            sex=self.sex,
        )

    def standing_of(self, months: float) -> str:
        """Return how another number would stand for the child's age, or why nothing can be said."""
        try:
            return self.assess(months).verdict_in_words
        except NoReferenceError as error:
            return str(error)


class NumberOnShow(QObject):
    """Knows the answer that the panel shows, the sex it was read for, and how it stands for the child's age."""

    changed = Signal()  # the number, or what it is held against

    def __init__(self, window: RadiographWindow) -> None:
        super().__init__(window)
        self._window = window
        self.reading: Reading | None = None  # what the clinician made of it
        self._answer: tuple[Question, Prediction] | None = None
        self.assessment: Assessment | None = None
        window.inference.asked.connect(self._forget)
        window.inference.answered.connect(self._answered)
        window.inference.refused.connect(self._forget)
        window.inference.model_changed.connect(self._forget)
        window.panel.dates.changed.connect(self._show)
        self._show_choice()

    @property
    def reference(self) -> Reference:
        """The table in use."""
        return REFERENCES.get(self._window.settings.reference, BRUSH)

    def choose_reference(self, reference: Reference) -> None:
        """Use another table, now and from the next start on."""
        self._window.keep(reference=reference.key)
        self._show_choice()
        self._show()

    def show_reading(self, reading: Reading | None) -> None:
        """Hold the clinician's own value against the reference, where there is one."""
        self.reading = reading
        self._show()

    @property
    def changed_facts(self) -> str:
        """What was told otherwise since a clinician confirmed the reading, in words; empty where nothing was."""
        reading, panel = self.reading, self._window.panel
        if reading is None or reading.decision is Decision.WAITING:
            return ""
        months = panel.dates.months  # what is not known here contradicts nothing: it may have been typed earlier
        changed = {
            "sex": reading.sex is not panel.sex.answer,
            "dates": months is not None and reading.chronological_months != months,
            "reference": reading.reference_key != self.reference.key,
        }
        return " and ".join(what for what, so in changed.items() if so)

    @property
    def confirmed(self) -> Reading | None:
        """The reading that a clinician confirmed of what is on show; None also where it was of other facts."""
        reading = self.reading
        return None if reading is None or reading.decision is Decision.WAITING or self.changed_facts else reading

    def _show_choice(self) -> None:
        """Mark the table in the menu."""
        self._window.menus.check("reference_brush" if self.reference is BRUSH else "reference_greulich_pyle")

    @property
    def in_context(self) -> NumberInContext | None:
        """The number as it stands now; None while there is none."""
        if self._answer is None:
            return None
        (question, prediction), dates = self._answer, self._window.panel.dates
        return NumberInContext(
            radiograph=question.radiograph,
            prediction=prediction,
            sex=question.sex,
            chronological_months=dates.months,
            study_date=dates.study_date,
            reference=self.reference,
        )

    def _answered(self, question: Question, prediction: Prediction) -> None:
        self._answer = (question, prediction)
        self._show()

    def _forget(self, *_: object) -> None:
        self._answer = None
        self._show()

    def _show(self, *_: object) -> None:
        panel, number = self._window.panel, self.in_context
        self.assessment = None
        panel.decision.show_prediction(number is not None)
        self.changed.emit()
        if number is None:
            panel.standing.clear()
            panel.interval_bar.show_band(None)
            return
        confirmed = self.confirmed
        stands = number.prediction.age_months if confirmed is None else confirmed.final_months
        panel.dates.show_bone_age(stands)
        try:
            self.assessment = number.assess(stands)
        except NoReferenceError as error:
            panel.standing.show_reason(str(error))
            panel.interval_bar.show_band(None)
        else:
            panel.standing.show_assessment(self.assessment)
            panel.interval_bar.show_band(self.assessment.band_months)
