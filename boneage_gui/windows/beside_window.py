"""A window beside the main one, made when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from PySide6.QtCore import QObject

from boneage_gui.jobs import Job, NewestOnly

if TYPE_CHECKING:
    from boneage_gui.windows.batch_window import BatchWindow
    from boneage_gui.windows.radiograph_window import RadiographWindow
    from boneage_gui.windows.stress_window import StressWindow


class Beside(Protocol):
    """What such a window can."""

    def show(self) -> None:
        """Come up."""

    def raise_(self) -> None:
        """Come to the front."""

    def activateWindow(self) -> None:
        """Take the keys."""

    def deleteLater(self) -> None:
        """Go."""

    def leave(self) -> None:
        """The program ends."""

    def restyle(self) -> None:
        """Follow the theme."""


W = TypeVar("W", bound=Beside)


class BesideDoor(QObject, Generic[W]):
    """Knows the window once it is there; what it runs goes on behind a closed one."""

    def __init__(self, window: RadiographWindow, load: Callable[[], Callable[[RadiographWindow], W]]) -> None:
        """``load`` imports the window's class in a job, which takes longer than a window may stand still."""
        super().__init__(window)
        self._main, self._load = window, load
        self._importing = NewestOnly(self)
        self.window: W | None = None
        window.restyled.connect(self.restyle)
        window.leaving.connect(self.leave)

    def open(self) -> None:
        """Show the window, as it was left; the first time it comes a moment later."""
        if self.window is None:
            self._importing.start(Job(self._load), result=self._make, failed=self._failed)
        else:
            self._show(self.window)

    def leave(self) -> None:
        """The program ends."""
        self._importing.drop()
        if self.window is not None:
            self.window.leave()
            self.window.deleteLater()
            self.window = None

    def restyle(self) -> None:
        """Follow the theme."""
        if self.window is not None:
            self.window.restyle()

    def _make(self, kind: Callable[[RadiographWindow], W]) -> None:
        if self.window is None:
            self.window = kind(self._main)
        self._show(self.window)

    def _show(self, window: W) -> None:
        window.show()
        window.raise_()
        window.activateWindow()

    def _failed(self, error: BaseException) -> None:
        self._main.door.tell(error)


def stress_window() -> type[StressWindow]:
    """Import the window of the stress test."""
    from boneage_gui.windows.stress_window import StressWindow

    return StressWindow


def batch_window() -> type[BatchWindow]:
    """Import the window that reads a folder."""
    from boneage_gui.windows.batch_window import BatchWindow

    return BatchWindow
