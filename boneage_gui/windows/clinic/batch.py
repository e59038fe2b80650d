"""Between the main window and the one that reads a folder, which is made when somebody asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from boneage_gui.windows.batch_window import BatchWindow
    from boneage_gui.windows.main_window import MainWindow


class BatchDoor(QObject):
    """Knows the window once somebody has asked for it; a run goes on behind a closed one."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._main = window
        self.window: BatchWindow | None = None

    def open(self) -> None:
        """Show the window, as it was left."""
        if self.window is None:
            from boneage_gui.windows.batch_window import BatchWindow

            self.window = BatchWindow(self._main)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

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
