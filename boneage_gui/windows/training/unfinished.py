"""The run that was not finished when the program ended: remembered, and offered once at the next start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from boneage_gui import settings
from boneage_gui.jobs import Job, NewestOnly
from boneage_gui.widgets.offer import Offer
from boneage_gui.windows.training.progress import epochs_words

if TYPE_CHECKING:
    from trainer.history import History

AGAIN_MS: Final = 3_000  # a child whose window was killed saves its run first
TRIES: Final = 20


class Unfinished(QObject):
    """Keeps the name of the run at work in the settings; offers it when it can go on."""

    def __init__(
        self,
        remembered: Callable[[], str],
        remember: Callable[[str], None],
        resume: Callable[[Path], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._remembered, self.remember, self._resume = remembered, remember, resume
        self.offer = Offer(
            take="&Resume training",
            take_tip="Go on with the run where it stopped",
            decline="&Not now",
            decline_tip="Leave it; Model, Past runs has it too",
        )
        self._folder: Path | None = None
        self._tries = 0
        self._reading = NewestOnly(self)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self._read)
        self.offer.taken.connect(self._take)
        self.offer.declined.connect(lambda: self.remember(""))

    def look(self) -> None:
        """Offer the remembered run, if there is one that can go on."""
        name = self._remembered()
        if name:
            self._folder = settings.runs_folder() / Path(name).name
            self._read()

    def withdraw(self) -> None:
        """Another training begins, or the program ends: nothing is offered any more."""
        self._again.stop()
        self._reading.drop()
        self.offer.hide()

    def _read(self) -> None:
        from boneage_gui.work.training import history_if_any

        self._tries += 1
        if self._folder is not None:
            self._reading.start(Job(history_if_any, self._folder), result=self._show)

    def _show(self, history: History | None) -> None:
        if history is not None and history.can_resume:
            self.offer.say(f"The training “{history.name}” is not finished: it stands at {epochs_words(history)}.")
        elif history is not None and history.state == "running" and self._tries < TRIES:
            self._again.start()  # by the child of a window that was killed, or by another window
        elif history is None or history.state != "running":
            self.remember("")

    def _take(self) -> None:
        if self._folder is not None:
            self._resume(self._folder)
