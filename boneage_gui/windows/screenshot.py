"""`--screenshot`: wait for the age or the refusal, save the window, say one line, end."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer

if TYPE_CHECKING:
    from boneage_gui.windows.main_window import MainWindow

SETTLE_MS = 200  # the last paint, and a message that came with the answer
LONGEST_WAIT_MS = 300_000
LONGEST_WAIT_FOR_THUMBNAILS_MS = 10_000


class Screenshot(QObject):
    """Ends the application with status 0 when there is an age, 1 when it was refused or never came."""

    def __init__(self, window: MainWindow, path: Path) -> None:
        super().__init__(window)
        self._window, self._path = window, path
        self._refusal: str | None = None
        self._waited_ms = 0
        self._settled = False
        window.answered.connect(lambda _prediction: self._settle(None))
        window.refused.connect(self._settle)
        QTimer.singleShot(LONGEST_WAIT_MS, self, lambda: self._settle("No answer came within five minutes."))

    def _settle(self, refusal: str | None) -> None:
        if not self._settled:
            self._settled = True
            self._refusal = refusal
            QTimer.singleShot(SETTLE_MS, self, self._save)

    def _save(self) -> None:
        pending = self._window.opening.thumbnails_pending
        if pending and self._waited_ms < LONGEST_WAIT_FOR_THUMBNAILS_MS:
            self._waited_ms += SETTLE_MS
            QTimer.singleShot(SETTLE_MS, self, self._save)
            return
        reading = self._window.commands.reading_text() if self._refusal is None else None
        status = 1 if reading is None else 0
        print(reading or f"Refused: {self._refusal}", flush=True)
        if not self._written():
            print(f"The picture could not be written to {self._path}.", flush=True)
            status = 1
        QCoreApplication.exit(status)

    def _written(self) -> bool:
        with suppress(OSError):  # an error that left this slot would leave the program waiting for ever
            self._path.parent.mkdir(parents=True, exist_ok=True)
        return self._window.grab().save(str(self._path))
