"""The real program as a process of its own, told by lines on standard input what its user does.

``open PATH`` · ``accept`` · ``choose ACTION`` · ``look`` · ``close``. Each is answered by one line of JSON when it is
done: what the window shows then. Arguments are those of ``boneage-gui``; give it a file, so that no sample is opened.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from boneage_gui import jobs, settings
from boneage_gui.app import Session, read_options
from boneage_gui.errors import ErrorDoor, Hooks

LOOK_MS = 20


class Driver(QObject):
    """Does one thing after the other."""

    heard = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.window = session.window
        self.kept, self.refused = 0, False
        self.window.clinic.readings.kept.connect(self.count)
        self.window.refused.connect(self.refuse)
        self.done: Callable[[], bool] | None = None
        self.looking = QTimer(self)
        self.looking.timeout.connect(self.look)
        self.looking.start(LOOK_MS)
        self.heard.connect(self.obey)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        """In a thread of its own: lines come when they come."""
        for line in sys.stdin:
            self.heard.emit(line.strip())

    def obey(self, line: str) -> None:
        """Begin what the line says."""
        word, _, rest = line.partition(" ")
        window = self.window
        if word == "open":
            path = Path(rest)
            window.open_paths([path])
            self.refused = False
            self.done = lambda: (
                self.refused
                or (
                    window.prediction is not None and window.radiograph is not None and window.radiograph.source == path
                )
            )
        elif word == "accept":
            kept = self.kept
            window.panel.decision.accept.click()
            self.done = lambda: self.kept > kept and not jobs.alive()
        elif word == "choose":
            window.menus.actions[rest].trigger()
            self.done = lambda: True
        elif word == "look":
            self.done = lambda: (window.prediction is not None or self.refused) and not jobs.alive()
        elif word == "close":
            self.say()
            window.close()
            QApplication.quit()

    def look(self) -> None:
        """Whether it is done."""
        if self.done is not None and self.done():
            self.done = None
            self.say()

    def say(self) -> None:
        """Tell what the window shows."""
        window = self.window
        shown = {
            "banner": window.banner.text,
            "state": window.panel.state,
            "decision": window.panel.decision.spoken,
            "can_accept": window.panel.decision.accept.isEnabled(),
            "reference": window.settings.reference,
            "theme": window.settings.theme.value,
        }
        print(json.dumps(shown), flush=True)

    def refuse(self, _sentence: str) -> None:
        """There will be no number."""
        self.refused = True

    def count(self, _reading: object) -> None:
        """One more reading is kept."""
        self.kept += 1


def main() -> int:
    """As ``boneage_gui.app.run``, with the driver."""
    application = QApplication(["boneage-gui"])
    door = ErrorDoor()
    hooks = Hooks(door, folder=settings.log_folder())
    session = Session(application, read_options(sys.argv[1:]), door)
    session.begin()
    driver = Driver(session)
    status = application.exec()
    del driver
    ended = jobs.close_all()
    hooks.remove()
    return status if ended else 3


if __name__ == "__main__":
    sys.exit(main())
