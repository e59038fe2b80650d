"""Between the main window and what a clinician needs around its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from boneage_gui.clinic.reference import BRUSH, REFERENCES, Assessment, NoReferenceError, Reference, assess
from boneage_gui.windows.beside_window import BesideDoor, batch_window
from boneage_gui.windows.clinic.deidentify import Deidentify
from boneage_gui.windows.clinic.readings_desk import ReadingsDesk
from boneage_gui.windows.clinic.reports import Reports
from boneage_gui.windows.pacs.door import PacsDoor

if TYPE_CHECKING:
    from boneage_gui.inference import Question
    from boneage_gui.windows.main_window import MainWindow
    from boneage_gui.windows.readings_window import ReadingsWindow
    from trainer.prediction import Prediction
    from trainer.radiograph import Sex


class ClinicDoor(QObject):
    """Holds the number on show against the reference that the user chose."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._main = window
        self.prediction: Prediction | None = None
        self.sex: Sex | None = None
        self.assessment: Assessment | None = None
        window.inference.asked.connect(self._asked)
        window.inference.answered.connect(self._answered)
        window.inference.refused.connect(self._forget)
        window.panel.dates.changed.connect(self._show)
        window.panel.anyway_wanted.connect(window.inference.ask_anyway)
        self.readings = ReadingsDesk(window, self)
        self.reports = Reports(window, self.readings)
        self.batch = BesideDoor(window, batch_window)
        self.deidentify = Deidentify(window)
        self.pacs = PacsDoor(window)
        self.readings.opened_store.connect(lambda _opened: self.pacs.begin())
        self.window: ReadingsWindow | None = None

    @property
    def reference(self) -> Reference:
        """The table in use."""
        return REFERENCES.get(self._main.settings.reference, BRUSH)

    def note(self, error: BaseException) -> str:
        """Return what is said about an error; a bug is logged."""
        return self._main.door.note(error)

    def open_worklist(self) -> None:
        """Show every reading."""
        self._readings_window().show_all()

    def open_history(self) -> None:
        """Show the readings of the patient whose radiograph is open."""
        reading = self.readings.reading
        if reading is None:
            self._main.tell("Confirm a reading first: the history is made of readings.")
        elif reading.patient_hash is None:
            self._main.tell("This radiograph does not say whose it is, so it has no history.")
        else:
            self._readings_window().show_patient(reading)

    def leave(self) -> None:
        """The program ends."""
        self.readings.forget()
        self.pacs.leave()
        self.batch.leave()
        if self.window is not None:
            self.window.leave()
            self.window.deleteLater()
            self.window = None

    def restyle(self) -> None:
        """Follow the theme."""
        self.batch.restyle()
        if self.window is not None:
            self.window.restyle()

    def _readings_window(self) -> ReadingsWindow:
        if self.window is None:
            from boneage_gui.windows.readings_window import ReadingsWindow

            self.window = ReadingsWindow(self, keeps_names=self._main.settings.readable_labels)
            self.window.names.toggled.connect(lambda keeps: self._main.keep(readable_labels=keeps))
            self.readings.kept.connect(self.refresh)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        return self.window

    def refresh(self, *_: object) -> None:
        """Search again where the worklist is open: there is a new reading."""
        if self.window is not None and self.window.isVisible():
            self.window.search()

    def choose_reference(self, reference: Reference) -> None:
        """Use another table, now and from the next start on."""
        self._main.keep(reference=reference.key)
        self.show_choice()
        self._show()

    def show_choice(self) -> None:
        """Mark the table in the menu."""
        self._main.menus.check("reference_brush" if self.reference is BRUSH else "reference_greulich_pyle")

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
        panel = self._main.panel
        self.assessment = None
        panel.decision.show_prediction(self.prediction is not None)
        if self.prediction is None:
            panel.standing.clear()
            panel.interval_bar.show_band(None)
            return
        try:
            self.assessment = assess(
                self.reference,
                bone_age_months=self.prediction.age_months,
                chronological_months=panel.dates.months,
                sex=self.sex,
            )
        except NoReferenceError as error:
            panel.standing.show_reason(str(error))
            panel.interval_bar.show_band(None)
        else:
            panel.standing.show_assessment(self.assessment)
            panel.interval_bar.show_band(self.assessment.band_months)
