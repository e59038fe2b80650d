"""The door between the main window and the explanation, which is made when somebody asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from boneage_gui.jobs import Job, NewestOnly

if TYPE_CHECKING:
    from boneage_gui.windows.explanation.beside import Beside
    from boneage_gui.windows.radiograph_window import RadiographWindow


class ExplanationDoor(QObject):
    """Opens the explanation beside the radiograph, and closes it."""

    def __init__(self, window: RadiographWindow) -> None:
        super().__init__(window)
        self._main = window
        self._importing = NewestOnly(self)
        self.beside: Beside | None = None

    def toggle(self) -> None:
        """Show the explanation, or close it; the first time it comes a moment later."""
        if self.beside is None:  # its import takes longer than a window may stand still
            self._importing.start(Job(_import_beside), result=self._make, failed=self._failed)
        elif self.beside.shown:
            self.beside.close()
        else:
            self.beside.show()

    def _failed(self, error: BaseException) -> None:
        self._main.door.tell(error)

    def _make(self, kind: type[Beside]) -> None:
        if self.beside is None and self._main.isVisible():
            self.beside = kind(self._main)
            self.beside.show()


def _import_beside() -> type[Beside]:
    from boneage_gui.windows.explanation.beside import Beside

    return Beside
