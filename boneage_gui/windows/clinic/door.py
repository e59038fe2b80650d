"""Between the main window and what a clinician needs around its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from boneage_gui.widgets.decision import NO_STORE
from boneage_gui.windows.beside_window import BesideDoor, batch_window
from boneage_gui.windows.clinic.deidentify import Deidentify
from boneage_gui.windows.clinic.number_on_show import NumberOnShow
from boneage_gui.windows.clinic.readings_desk import ReadingsDesk
from boneage_gui.windows.clinic.reports import Reports
from boneage_gui.windows.radiograph_window import RadiographWindow

if TYPE_CHECKING:
    from boneage_gui.clinic.reading import Reading
    from boneage_gui.windows.clinic.readings_window import ReadingsWindow

NOT_HERE = "The radiograph of this reading was not received here. Open its file."


class ClinicDoor(QObject):
    """Owns one of each; knows the worklist once somebody has asked for it."""

    def __init__(self, window: RadiographWindow) -> None:
        super().__init__(window)
        self._main = window
        self.number = NumberOnShow(window)
        self.readings = ReadingsDesk(window, self.number)
        self.reports = Reports(window, self.readings, self.number)
        self.batch = BesideDoor(window, batch_window)
        self.deidentify = Deidentify(window)
        self.window: ReadingsWindow | None = None
        window.restyled.connect(self.restyle)
        window.leaving.connect(self.leave)

    def open_worklist(self) -> None:
        """Show every reading."""
        self._readings_window().show_all()

    def open_history(self) -> None:
        """Show the readings of the patient whose radiograph is open."""
        radiograph, opened = self._main.radiograph, self.readings.opened
        if opened is None:
            self._main.tell(NO_STORE)
            return
        patient_hash = opened.keys.of_patient(radiograph.study.patient_key) if radiograph is not None else None
        if patient_hash is None:
            self._main.tell("This radiograph does not say whose it is, so it has no history.")
        else:
            self._readings_window().show_patient(patient_hash)

    def leave(self) -> None:
        """The program ends."""
        if self.window is not None:
            self.window.leave()
            self.window.deleteLater()
            self.window = None

    def restyle(self) -> None:
        """Follow the theme."""
        if self.window is not None:
            self.window.restyle()

    def _readings_window(self) -> ReadingsWindow:
        if self.window is None:
            from boneage_gui.windows.clinic.readings_window import ReadingsWindow

            self.window = ReadingsWindow(
                self.readings, self.number, self._main.door, keeps_names=self._main.settings.readable_labels
            )
            self.window.radiograph_wanted.connect(self._open_received)
            self.window.names.toggled.connect(lambda keeps: self._main.keep(readable_labels=keeps))
            self.readings.kept.connect(self._refresh)
            self.readings.added.connect(self._refresh)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        return self.window

    def _open_received(self, reading: Reading) -> None:
        """Show the radiograph of a reading that was received."""
        path = self.readings.received_file(reading)
        if path is None:
            self._main.tell(NOT_HERE)
        else:
            self._main.open_paths([path])
        self._main.raise_()
        self._main.activateWindow()

    def _refresh(self, *_: object) -> None:
        """Search again where the worklist is open: there is a new reading."""
        if self.window is not None and self.window.isVisible():
            self.window.search()
