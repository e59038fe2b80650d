"""The door between the main window and training: the desk, the window made when asked for, badge, closing, resuming."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from boneage_gui.training import DeskState, TrainingDesk
from boneage_gui.widgets.training_badge import TrainingBadge
from boneage_gui.windows.training import progress
from boneage_gui.windows.training.closing import Closing
from boneage_gui.windows.training.unfinished import Unfinished

if TYPE_CHECKING:
    from boneage_gui.windows.radiograph_window import RadiographWindow
    from boneage_gui.windows.training.window import TrainingWindow
    from trainer.history import History


class TrainingDoor(QObject):
    """Owns the desk; knows the training window once somebody has asked for it."""

    model_wanted = Signal(str)  # path of a model: the user takes it into use

    def __init__(self, window: RadiographWindow) -> None:
        super().__init__(window)
        self._main = window
        self.desk = TrainingDesk(window.door, self)
        self.badge = TrainingBadge()
        self.unfinished = Unfinished(lambda: window.settings.unfinished_run, self._remember, self.resume, self)
        self.window: TrainingWindow | None = None
        self.closing: Closing | None = None
        self.badge.clicked.connect(self.open)
        self.desk.state_changed.connect(self._state_changed)
        self.desk.preparing.connect(lambda _said: self._show_progress())
        self.desk.changed.connect(lambda _history: self._show_progress())
        self.desk.ended.connect(self._ended)
        self.desk.discarded.connect(lambda _folder: self._remember(""))
        window.restyled.connect(self.restyle)

    def open(self) -> TrainingWindow:
        """Show the training window, where it was left."""
        if self.window is None:
            from boneage_gui.windows.training.window import TrainingWindow

            self.window = TrainingWindow(self.desk, self._main)
            self.window.model_wanted.connect(self.model_wanted)
        self.window.appear()
        return self.window

    def open_past_runs(self) -> None:
        """Show the training window with the runs of the past."""
        self.open().show_past_runs()

    def resume(self, folder: Path) -> None:
        """Go on with a run, and show it."""
        self.desk.resume(folder)
        self.open().show_training()

    def lets_close(self) -> bool:
        """Whether the program may end now; else it is asked, and closes later by itself."""
        if self.desk.busy:
            if self.closing is None:
                self.closing = Closing(self.desk, self._main.close, self._main)
                self.closing.finished.connect(self._answered)
                self.closing.open()
            if self.desk.state is not DeskState.TRAINING and self.desk.state is not DeskState.PREPARING:
                self.closing.pause()  # it ends already
            return False
        self.unfinished.withdraw()
        if self.window is not None:
            self.window.leave()
            self.window.deleteLater()
            self.window = None
        return True

    def pause_and_close(self) -> None:
        """Answer the question whether to pause and close, where it is open, with yes."""
        if self.closing is not None:
            self.closing.pause()

    def restyle(self) -> None:
        """Follow the theme."""
        if self.window is not None:
            self.window.restyle()

    def _answered(self) -> None:
        if self.closing is not None:
            self.closing.deleteLater()
            self.closing = None

    def _remember(self, name: str) -> None:
        self._main.keep(unfinished_run=name)

    def _state_changed(self, state: DeskState) -> None:
        if state is DeskState.PREPARING and self.desk.folder is not None:
            self.unfinished.withdraw()
            self._remember(self.desk.folder.name)  # at once: a program that is killed writes nothing any more
        self._show_progress()

    def _show_progress(self) -> None:
        if self.desk.busy:
            self.badge.say(progress.words(self.desk), share=progress.share(self.desk))
        else:
            self.badge.hide()

    def _ended(self, history: History | None) -> None:
        self._show_progress()
        if history is None or not history.can_resume:
            self._remember("")
