"""The main window: a radiograph beside its bone age, with the doors to all else; composed and wired, done elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, Qt
from PySide6.QtGui import QCloseEvent

from boneage_gui.errors import ErrorDoor
from boneage_gui.inference import Inference
from boneage_gui.settings import Settings, SettingsFile, models_folder
from boneage_gui.windows.augmentation.door import AugmentationDoor
from boneage_gui.windows.beside_window import BesideDoor, stress_window
from boneage_gui.windows.clinic.door import ClinicDoor
from boneage_gui.windows.commands import Commands
from boneage_gui.windows.doors import Doors
from boneage_gui.windows.explanation.door import ExplanationDoor
from boneage_gui.windows.live_entries import RecentFiles, add_presets
from boneage_gui.windows.model_choice import ModelChoice
from boneage_gui.windows.model_entries import ModelEntries
from boneage_gui.windows.pacs.door import PacsDoor
from boneage_gui.windows.radiograph_window import RadiographWindow
from boneage_gui.windows.training.door import TrainingDoor


class MainWindow(RadiographWindow):
    """What the program shows first, and what all other windows belong to."""

    def __init__(
        self, *, settings: Settings, store: SettingsFile | None, inference: Inference, door: ErrorDoor
    ) -> None:
        super().__init__(settings=settings, store=store, inference=inference, door=door)
        self.training = TrainingDoor(self)
        self.lab = AugmentationDoor(self)
        self.stress = BesideDoor(self, stress_window)
        self.clinic = ClinicDoor(self)
        self.pacs = PacsDoor(self, self.clinic.readings, self.clinic.reports)
        self.explanation = ExplanationDoor(self)
        self.models = ModelEntries(self.menus, models_folder(), self.choose_model, self)
        self.model_choice = ModelChoice(self, self.models)
        self.recent = RecentFiles(self.menus, lambda path: self.open_paths([path]), self._forget_recent)
        doors = Doors(
            training=self.training,
            lab=self.lab,
            stress=self.stress,
            clinic=self.clinic,
            pacs=self.pacs,
            explanation=self.explanation,
            models=self.models,
            model_choice=self.model_choice,
        )
        self.commands = Commands(self, doors)
        self.menus.bind(self.commands.handlers())
        add_presets(self.menus, self.commands.choose_preset)
        self._hang()
        self._begin()

    def choose_model(self, name_or_path: str) -> None:
        """Use a shipped model or a file; the newest question is asked again."""
        self.model_choice.choose(name_or_path)

    def _hang(self) -> None:
        self.middle.addWidget(self.training.unfinished.offer, 0, 0, Qt.AlignmentFlag.AlignBottom)
        self.status_line.addPermanentWidget(self.training.badge)
        self.training.model_wanted.connect(self.choose_model)
        self.picture_shown.connect(self._show_recent)
        self.models.failed.connect(self.door.tell)

    def _begin(self) -> None:
        if self.settings.window_geometry:
            self.restoreGeometry(QByteArray(self.settings.window_geometry))
        self._show_recent()
        self.model_choice.show()
        self.models.refresh()

    def _forget_recent(self) -> None:
        self.keep(recent_files=())
        self._show_recent()

    def _show_recent(self, *_: object) -> None:
        self.recent.show_paths(self.settings.recent_files)

    # -- Qt's events

    def changeEvent(self, event: QEvent) -> None:
        """Full screen may also be left by the desktop's own means."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.menus.check("full_screen", self.isFullScreen())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the state for the next start; no answer is waited for, but a training is asked about and saved."""
        if not self.training.lets_close():
            event.ignore()
            return
        self.leaving.emit()
        self.inference.forget()
        self.opening.forget()
        self.models.forget()
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowFullScreen)  # the next start is a window
        self.keep(window_geometry=bytes(self.saveGeometry().data()))
        event.accept()
