"""The number on show, held against the reference that the user chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from boneage_gui.clinic.reference import BRUSH, REFERENCES, Assessment, NoReferenceError, Reference, assess
from boneage_gui.windows.radiograph_window import RadiographWindow

if TYPE_CHECKING:
    from boneage_gui.inference import Question
    from trainer.prediction import Prediction
    from trainer.radiograph import Sex


class NumberOnShow(QObject):
    """Knows the answer that the panel shows, the sex it was read for, and how it stands for the child's age."""

    def __init__(self, window: RadiographWindow) -> None:
        super().__init__(window)
        self._window = window
        self.prediction: Prediction | None = None
        self.sex: Sex | None = None
        self.assessment: Assessment | None = None
        window.inference.asked.connect(self._asked)
        window.inference.answered.connect(self._answered)
        window.inference.refused.connect(self._forget)
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

    def standing_of(self, months: float) -> str:
        """Return how another number would stand for the child's age, or why nothing can be said."""
        try:
            return self._assess(months).verdict_in_words
        except NoReferenceError as error:
            return str(error)

    def _show_choice(self) -> None:
        """Mark the table in the menu."""
        self._window.menus.check("reference_brush" if self.reference is BRUSH else "reference_greulich_pyle")

    def _asked(self, question: Question) -> None:
        self.sex = question.sex
        self._forget()

    def _answered(self, question: Question, prediction: Prediction) -> None:
        self.prediction, self.sex = prediction, question.sex
        self._show()

    def _forget(self, *_: object) -> None:
        self.prediction = None
        self._show()

    def _show(self, *_: object) -> None:
        panel = self._window.panel
        self.assessment = None
        panel.decision.show_prediction(self.prediction is not None)
        if self.prediction is None:
            panel.standing.clear()
            panel.interval_bar.show_band(None)
            return
        try:
            self.assessment = self._assess(self.prediction.age_months)
        except NoReferenceError as error:
            panel.standing.show_reason(str(error))
            panel.interval_bar.show_band(None)
        else:
            panel.standing.show_assessment(self.assessment)
            panel.interval_bar.show_band(self.assessment.band_months)

    def _assess(self, months: float) -> Assessment:
        return assess(
            self.reference,
            bone_age_months=months,
            chronological_months=self._window.panel.dates.months,
            sex=self.sex,
        )
