"""The door between the main window and other DICOM systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from boneage_gui.jobs import Job, NewestOnly
from boneage_gui.windows import dialogs
from boneage_gui.windows.pacs.desk import PacsDesk
from boneage_gui.windows.pacs.sending import Sending
from trainer.prediction import years_and_months

if TYPE_CHECKING:
    from boneage_gui.windows.clinic.readings_desk import ReadingsDesk
    from boneage_gui.windows.clinic.reports import Reports
    from boneage_gui.windows.pacs.window import PacsWindow
    from boneage_gui.windows.radiograph_window import RadiographWindow
    from boneage_gui.work.pacs import Received

TOLD_MS = 8000


class PacsDoor(QObject):
    """Keeps the receiver as the user left it; opens the window when somebody asks for it."""

    def __init__(self, window: RadiographWindow, readings: ReadingsDesk, reports: Reports) -> None:
        super().__init__(window)
        self._main, self._readings = window, readings
        self.desk = PacsDesk(window, readings)
        self.sending = Sending(window, self.desk, reports)
        self.window: PacsWindow | None = None
        self._importing = NewestOnly(self)
        self.desk.receiving_changed.connect(self.show_choice)
        self.desk.told.connect(lambda said: window.status_line.tell(said, for_ms=TOLD_MS))
        self.desk.failed.connect(window.tell)
        self.desk.received.connect(self._received)
        readings.opened_store.connect(lambda _opened: self.begin())
        window.leaving.connect(self.leave)

    def begin(self) -> None:
        """The readings are open: receive where the user left that on; what waits from before is read."""
        if self._main.settings.receives:
            self.desk.listen(True)
        elif self.desk.has_waiting:
            self.desk.open_inbox()

    def open(self) -> None:
        """Show the window; the first time it comes a moment later."""
        if self.window is None:
            self._importing.start(Job(_import_window), result=self._make, failed=self._failed)
        else:
            self._show()

    def receive(self) -> None:
        """Start or stop receiving."""
        self.desk.listen(not self.desk.listening)

    def change_receiver(self) -> None:
        """Ask how to receive."""
        from boneage_gui.widgets.pacs.receiver_form import ReceiverForm

        form = ReceiverForm(self.desk.book.receiver, self.window or self._main)
        form.chosen.connect(self.desk.set_receiver)
        dialogs.show(form)

    def show_choice(self) -> None:
        """Mark in the menu whether it receives, and say it: a port that opens must not open unseen."""
        self._main.status_line.tell(self.desk.receiving_in_words, for_ms=TOLD_MS)
        self._main.menus.check("pacs_receive", self.desk.listening)

    def leave(self) -> None:
        """The program ends."""
        self._importing.drop()
        self.desk.leave()
        if self.window is not None:
            self.window.leave()
            self.window.deleteLater()
            self.window = None

    def _failed(self, error: BaseException) -> None:
        self._main.door.tell(error)

    def _make(self, kind: type[PacsWindow]) -> None:
        if self.window is None:
            self.window = kind(self.desk)
            self.window.receiver_wanted.connect(self.change_receiver)
        QTimer.singleShot(0, self._show)

    def _show(self) -> None:
        if self.window is not None:
            self.desk.open_inbox()
            self.window.show()
            self.window.raise_()
            self.window.activateWindow()

    def _received(self, received: Received) -> None:
        if received.reading is not None:
            age = years_and_months(received.reading.final_months)
            said = f"A radiograph was received and read: {age}. It waits in the worklist."
            self._readings.added.emit()
        else:
            said = f"A received file was put aside. {received.problem}"
        self._main.status_line.tell(said, for_ms=TOLD_MS)


def _import_window() -> type[PacsWindow]:
    from boneage_gui.windows.pacs.window import PacsWindow

    return PacsWindow
