"""The clinician's readings beside the main window: found when a radiograph opens, kept when they are confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from boneage_gui import settings
from boneage_gui.clinic.reading import Decision, Reading, ReadingError, new_reading
from boneage_gui.jobs import Job, NewestOnly
from boneage_gui.widgets.decision import NO_STORE
from boneage_gui.windows import dialogs

if TYPE_CHECKING:
    from pathlib import Path

    from boneage_gui.windows.clinic.modify import ModifyDialog
    from boneage_gui.windows.clinic.number_on_show import NumberInContext, NumberOnShow
    from boneage_gui.windows.radiograph_window import RadiographWindow
    from boneage_gui.work.readings import OpenedReadings
    from trainer.radiograph import Radiograph

KEPT_MS = 4000
NOT_MODIFIED = "Another radiograph was opened while you typed: nothing was kept. Go back to modify the reading before."


class ReadingsDesk(QObject):
    """Knows the open radiograph's reading; keeps new ones, one at a time."""

    opened_store = Signal(object)  # OpenedReadings
    changed = Signal(object)  # Reading | None: of the open radiograph
    kept = Signal(object)  # Reading
    added = Signal()  # by somebody else: what was received was read

    def __init__(self, window: RadiographWindow, number: NumberOnShow) -> None:
        super().__init__(window)
        self._main, self._number = window, number
        self.opened: OpenedReadings | None = None
        self._opening = NewestOnly(self)
        self._finding = NewestOnly(self)
        self._keeping: Job | None = None
        self._dialog: ModifyDialog | None = None
        decision = window.panel.decision
        decision.accepted.connect(self.accept)
        decision.modifying.connect(self.modify)
        number.changed.connect(self._show_decision)
        window.picture_shown.connect(self._find)
        window.leaving.connect(self.forget)

    @property
    def reading(self) -> Reading | None:
        """The reading of the open radiograph that stands."""
        return self._number.reading

    def accept(self) -> None:
        """Keep the model's number."""
        number = self._confirmable()
        if number is not None:
            self._keep(number, Decision.ACCEPTED)

    def modify(self) -> None:
        """Ask for the clinician's own number."""
        number = self._confirmable()
        if number is None:
            return
        from boneage_gui.windows.clinic.modify import ModifyDialog

        model_months = number.prediction.age_months
        before = self.reading.final_months if self.reading is not None else model_months
        dialog = ModifyDialog(model_months, before, number.standing_of, self._main)
        dialog.chosen.connect(lambda months, reason: self._keep(number, Decision.MODIFIED, months, reason))
        dialog.finished.connect(self._closed)
        self._dialog = dialog
        dialogs.show(dialog)

    def _closed(self) -> None:
        self._dialog = None

    def received_file(self, reading: Reading) -> Path | None:
        """Return the received file that a reading is of; None where it was not received."""
        from boneage_gui.clinic.dicom_node.inbox import Inbox

        if self.opened is None:
            return None
        return Inbox(settings.inbox_folder(), self.opened.keys.of_radiograph).kept(reading.radiograph_hash)

    def forget(self) -> None:
        """The program ends; what is being kept is kept."""
        self._opening.drop()
        self._finding.drop()

    def _confirmable(self) -> NumberInContext | None:
        """Return the number that can be confirmed now; says why where there is none."""
        number = self._number.in_context
        if number is None:
            self._main.tell("There is no bone age to confirm yet.")
        elif self.opened is None:
            self._main.tell(NO_STORE)
        elif self._keeping is None:
            return number
        return None

    def open(self) -> None:
        """Open the user's readings; until then nothing can be confirmed."""
        self._opening.start(Job(_open, settings.readings_folder()), result=self._ready, failed=self._failed)

    def _ready(self, opened: OpenedReadings) -> None:
        self.opened = opened
        self._main.panel.decision.show_store(True)
        if opened.note is not None:
            self._main.tell(opened.note)
        self.opened_store.emit(opened)
        if self._main.radiograph is not None:
            self._find(self._main.radiograph)

    def _find(self, radiograph: Radiograph) -> None:
        if self._dialog is not None:  # what is typed was meant for the radiograph before, or for this one: who knows
            self._dialog.reject()
            self._main.tell(NOT_MODIFIED)
        self._show(None)
        if self.opened is not None:
            job = Job(_find, self.opened, radiograph)
            self._finding.start(job, result=lambda found: self._show(found[1]), failed=self._not_found)

    def _failed(self, error: BaseException) -> None:
        self._main.panel.decision.show_store(False)
        self._main.tell(self._main.door.note(error), stays=True)  # the first picture must not wipe it away

    def _not_found(self, error: BaseException) -> None:
        self._main.door.note(error)  # whoever confirms hears it: an open radiograph may lie on a disk that is gone

    def _show(self, reading: Reading | None) -> None:
        self._number.show_reading(reading)
        self.changed.emit(reading)
        radiograph, sex = self._main.radiograph, self._main.panel.sex
        if reading is not None and reading.sex is not None and radiograph is not None and sex.is_asking():
            sex.choose(reading.sex, because=f"From the reading of {reading.read_at.astimezone():%Y-%m-%d}.")

    def _show_decision(self) -> None:
        self._main.panel.decision.show_reading(self.reading, self._number.changed_facts)

    def _keep(
        self, number: NumberInContext, decision: Decision, own_months: float | None = None, reason: str = ""
    ) -> None:
        opened = self.opened
        if opened is None or self._keeping is not None:
            return
        from boneage_gui.work.readings import user_name

        try:
            reading = new_reading(
                number.prediction,
                user=user_name(),
                decision=decision,
                clinician_months=own_months,
                reason=reason,
                sex=number.sex,
                chronological_months=number.chronological_months,
                study_date=number.study_date,
                reference_key=number.reference.key,
            )
        except ReadingError as error:
            self._main.door.tell(error)
            return
        self._main.panel.decision.show_busy(True)
        job = Job(_keep, opened, reading, number.radiograph, readable=self._main.settings.readable_labels)
        job.result.connect(lambda kept: self._was_kept(kept, number.radiograph))
        job.failed.connect(self._main.door.tell)
        job.ended.connect(self._over)
        self._keeping = job.begin()

    def _was_kept(self, reading: Reading, radiograph: Radiograph) -> None:
        self._main.status_line.tell("The reading is kept.", for_ms=KEPT_MS)
        if radiograph is self._main.radiograph:
            self._finding.drop()
            self._show(reading)
        self.kept.emit(reading)

    def _over(self) -> None:
        self._keeping = None
        self._main.panel.decision.show_busy(False)


# The database and what reads it are imported by the jobs that use them: the first paint need not wait for them.


def _open(folder: Path) -> OpenedReadings:
    from boneage_gui.work.readings import open_readings

    return open_readings(folder)


def _find(opened: OpenedReadings, radiograph: Radiograph) -> tuple[str, Reading | None]:
    from boneage_gui.work.readings import find_reading

    return find_reading(opened, radiograph)


def _keep(opened: OpenedReadings, reading: Reading, radiograph: Radiograph, *, readable: bool) -> Reading:
    from boneage_gui.work.readings import keep_reading

    return keep_reading(opened, reading, radiograph, readable=readable)
