"""Visit: what a clinician does in the real window, over and over, each thing waited for until it is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from boneage_gui import jobs, settings
from boneage_gui.app import Options, Session
from boneage_gui.errors import ErrorDoor, Hooks
from boneage_gui.windows.main_window import MainWindow

LOOK_MS: Final = 5
LIMIT_S: Final = 180.0  # for one thing, on a machine that is shared
TILES: Final = 6  # drawn in the lab
OTHER_MODEL: Final = "baseline"


class SoakError(Exception):
    """Something did not happen, or was refused; the sentence says what."""


class Visit:
    """One start of the program, on one window."""

    def __init__(self, first: Path) -> None:
        """Start as ``boneage-gui FILE`` does, and wait for the number."""
        application = QApplication.instance() or QApplication(["boneage-gui"])
        assert isinstance(application, QApplication)
        door = ErrorDoor()
        self._hooks = Hooks(door, folder=settings.log_folder())
        self._session = Session(application, Options(files=(first,)), door)
        self._refused: list[str] = []
        self._kept = 0
        self.window: MainWindow = self._session.window
        self.window.refused.connect(self._refused.append)
        self.window.clinic.readings.kept.connect(self._count)
        self._session.begin()
        self._number(first)
        self._until(lambda: self.window.clinic.readings.opened is not None, "the readings are open")
        self.model = self.window.inference.card.name if self.window.inference.card else ""

    def open(self, path: Path) -> None:
        """Open a file and wait for its number."""
        self.window.open_paths([path])
        self._number(path)

    def draw_in_lab(self) -> None:
        """Draw the open radiograph's augmentations, wait for their ages, close the lab."""
        self._trigger("augmentations")
        self._until(
            lambda: self.window.lab.window is not None and self.window.lab.window.isVisible(), "the lab is open"
        )
        lab = self.window.lab.window
        assert lab is not None
        lab.bar.count.setValue(TILES)
        lab.bar.next_seed()
        self._until(lambda: len(lab.gallery.months[0]) == TILES and not lab.desk.busy, "the lab has its ages")
        lab.close()

    def accept(self) -> None:
        """Keep the model's number."""
        before = self._kept
        self.window.panel.decision.accept.click()
        self._until(lambda: self._kept > before and not jobs.alive(), "the reading is kept")

    def write_report(self, folder: Path) -> None:
        """Write the open radiograph's reading as PDF."""
        path = folder / "report.pdf"
        path.unlink(missing_ok=True)
        self.window.clinic.reports.save_pdf(path)
        self._until(lambda: path.is_file() and not jobs.alive(), "the report is written")

    def look_round(self) -> None:
        """Change theme, reference and model there and back; open and close the other windows and dialogs."""
        self._trigger("light_theme")
        self._trigger("reference_greulich_pyle")
        self._use(OTHER_MODEL)
        self._look_through("worklist")
        self._look_through("history")
        for name in ("shortcuts", "about", "about_model", "modify_reading"):
            self._trigger(name)
            self._close_dialogs()
        self._trigger("light_theme")
        self._trigger("reference_brush")
        self._use(self.model)

    def rest(self) -> None:
        """Wait until nothing runs and what was closed is gone."""
        self._until(lambda: not jobs.alive() and not self.window.opening.thumbnails_pending, "nothing runs any more")

    def leave(self) -> None:
        """Close the window. Raises SoakError for a job that does not end."""
        self.window.close()
        self._hooks.remove()
        if not jobs.close_all():
            raise SoakError("Jobs go on behind the closed window.")

    def _use(self, model: str) -> None:
        self.window.choose_model(model)
        window = self.window
        self._until(lambda: window.prediction is not None and window.prediction.model_name == model, f"{model} answers")

    def _look_through(self, entry: str) -> None:
        self._trigger(entry)
        readings = self.window.clinic.window
        if readings is None:
            raise SoakError(f"{entry} opened no window: {self.window.banner.text}")
        self._until(lambda: readings.table.readings.rowCount() > 0 and not jobs.alive(), f"{entry} is filled")
        readings.close()

    def _close_dialogs(self) -> None:
        shown = [dialog for dialog in self.window.findChildren(QDialog) if dialog.isVisible()]
        if not shown:
            raise SoakError("A dialog did not open.")
        for dialog in shown:
            dialog.reject()
        self._until(lambda: not any(isinstance(one, QDialog) for one in _visible()), "the dialog is closed")

    def _trigger(self, name: str) -> None:
        self.window.menus.actions[name].trigger()

    def _number(self, path: Path) -> None:
        window = self.window
        self._until(
            lambda: (
                window.prediction is not None and window.radiograph is not None and window.radiograph.source == path
            ),
            f"{path.name} has its number",
        )

    def _until(self, done: Callable[[], bool], what: str) -> None:
        """Let the event loop run until something is so. Raises SoakError."""
        loop, look, begun = QEventLoop(), QTimer(), time.monotonic()
        was_so: list[bool] = []  # asked once: a moment later the next thing may have begun

        def look_again() -> None:
            if done():
                was_so.append(True)
            if was_so or self._refused or time.monotonic() - begun > LIMIT_S:
                loop.quit()

        look.timeout.connect(look_again)
        look.start(LOOK_MS)
        loop.exec()
        look.stop()
        if self._refused:
            raise SoakError(f"Waited until {what}, and was told: {self._refused[0]}")
        if not was_so:
            raise SoakError(f"Waited {LIMIT_S:.0f} s in vain until {what}. {self.window.banner.text}")

    def _count(self, _reading: object) -> None:
        self._kept += 1


def _visible() -> list[QWidget]:
    return [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
