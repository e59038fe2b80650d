"""The window: radiograph, bone age, menus; composed and wired here, done elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QColor, QDragEnterEvent, QDropEvent, QPalette
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QMainWindow, QWidget

from boneage_gui import assets, theme
from boneage_gui.errors import ErrorDoor
from boneage_gui.inference import Inference, Question, Readiness
from boneage_gui.settings import Settings, SettingsFile, ThemeName, inbox_folder, models_folder, with_recent
from boneage_gui.widgets.banner import Banner
from boneage_gui.widgets.prediction_panel import PredictionPanel
from boneage_gui.widgets.radiograph_view import RadiographView, Tool
from boneage_gui.widgets.thumbnail_strip import ThumbnailStrip
from boneage_gui.windows.augmentation.door import AugmentationDoor
from boneage_gui.windows.beside_window import BesideDoor, stress_window
from boneage_gui.windows.clinic.door import ClinicDoor
from boneage_gui.windows.commands import Commands
from boneage_gui.windows.live_entries import RecentFiles, add_presets
from boneage_gui.windows.menus import Menus
from boneage_gui.windows.model_choice import ModelChoice
from boneage_gui.windows.model_entries import ModelEntries
from boneage_gui.windows.opening import Opening, dropped_paths
from boneage_gui.windows.status_line import StatusLine
from boneage_gui.windows.training.door import TrainingDoor
from trainer.errors import RefusedError
from trainer.prediction import Prediction
from trainer.radiograph import Radiograph, Sex, shown_name

TITLE = "Bone Age"
LEAST_SIZE_PX = (900, 600)
FIRST_SIZE_PX = (1280, 800)


class MainWindow(QMainWindow):
    """One radiograph at a time beside its bone age."""

    picture_shown = Signal(object)  # Radiograph
    answered = Signal(object)  # Prediction
    refused = Signal(str)  # the sentence: no file, no number

    def __init__(
        self, *, settings: Settings, store: SettingsFile | None, inference: Inference, door: ErrorDoor
    ) -> None:
        super().__init__()
        self.settings, self._store = settings, store
        self.door, self.inference = door, inference
        self.radiograph: Radiograph | None = None
        self.prediction: Prediction | None = None
        self.opening = Opening(self)
        self.view = RadiographView()
        self.strip = ThumbnailStrip()
        self.panel = PredictionPanel()
        self.banner = Banner()
        self.status_line = StatusLine()
        self.training = TrainingDoor(self)
        self.lab = AugmentationDoor(self)
        self.stress = BesideDoor(self, stress_window)
        self.clinic = ClinicDoor(self)
        self.commands = Commands(self)
        self.menus = Menus(self, self.commands.handlers())
        add_presets(self.menus, self.commands.choose_preset)
        self.models = ModelEntries(self.menus, models_folder(), self.choose_model, self)
        self.model_choice = ModelChoice(self)
        self.recent = RecentFiles(self.menus, lambda path: self.open_paths([path]))
        self._lay_out()
        self._wire()
        self._restore()

    # -- what others ask of the window

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open files and folders; the first is shown."""
        self.opening.open_paths(paths)

    def choose_model(self, name_or_path: str) -> None:
        """Use a shipped model or a file; the newest question is asked again."""
        self.model_choice.choose(name_or_path)

    def tell(self, sentence: str, *, stays: bool = False) -> None:
        """Show a sentence, until the next good thing or until it is closed; nothing else changes."""
        self.banner.say(sentence, stays=stays)

    # -- a radiograph comes, and its number

    def _reading(self, path: Path) -> None:
        self.status_line.tell(f"Opening {shown_name(path)}…")
        self.strip.set_current(path)
        if self.radiograph is None:
            self.panel.show_reading(shown_name(path))

    def _opened(self, radiograph: Radiograph) -> None:
        self.radiograph, self.prediction = radiograph, None
        self.banner.calm()
        self.status_line.fall_silent()
        self.status_line.show_radiograph(radiograph)
        self.menus.enable_for_picture(True)
        self.setWindowTitle(f"{shown_name(radiograph.source)} — {TITLE}")
        self.panel.show_radiograph(radiograph)
        self._show_sex(radiograph.sex)
        if not assets.is_sample(radiograph.source) and inbox_folder() not in radiograph.source.parents:
            self.settings = with_recent(self.settings, radiograph.source)
            self.recent.show_paths(self.settings.recent_files)
        self.inference.ask(radiograph, sex=radiograph.sex)
        self.picture_shown.emit(radiograph)

    def _not_opened(self, path: Path, error: BaseException) -> None:
        self.status_line.fall_silent()
        sentence = self.door.tell(error)
        if self.radiograph is None:
            self.panel.show_no_file()
        else:
            self.strip.mark(self.radiograph.source)
        self.refused.emit(sentence)

    def _asked(self, _question: Question) -> None:
        self.prediction = None
        self._show_waiting()

    def _show_waiting(self) -> None:
        if self.radiograph is None or self.prediction is not None:
            return
        show = {
            Readiness.ABSENT: self.panel.show_no_model,
            Readiness.LOADING: self.panel.show_model_loading,
            Readiness.READY: self.panel.show_estimating,
        }[self.inference.readiness]
        show()
        if self.inference.readiness is Readiness.ABSENT:
            self.refused.emit(self.panel.detail)

    def _answered(self, question: Question, prediction: Prediction) -> None:
        self.prediction = prediction
        self.panel.show_prediction(prediction, more_cautions=question.radiograph.cautions)
        self.answered.emit(prediction)

    def _refused(self, _question: Question, error: BaseException) -> None:
        sentence = self.door.note(error)
        self.panel.show_refusal(sentence, anyway=isinstance(error, RefusedError))
        self.refused.emit(sentence)

    def _choose_sex(self, sex: Sex | None) -> None:
        self._show_sex(sex, asked=True)
        if self.radiograph is not None:
            self.inference.ask(self.radiograph, sex=sex)

    def _show_sex(self, sex: Sex | None, *, asked: bool = False) -> None:
        if sex is None and not asked:
            self.menus.uncheck_group("sex")
        else:
            self.menus.check({Sex.FEMALE: "sex_female", Sex.MALE: "sex_male", None: "sex_not_given"}[sex])

    def _model_changed(self) -> None:
        self.prediction = None
        self.model_choice.changed()
        self._show_waiting()

    # -- composition and memory

    def _lay_out(self) -> None:
        room = self.view.palette()  # black in both themes: the eye adapts to what surrounds a radiograph
        room.setColor(QPalette.ColorRole.Window, QColor(theme.DARK.picture))
        room.setColor(QPalette.ColorRole.WindowText, QColor(theme.DARK.text))
        self.view.setPalette(room)
        middle = QGridLayout()  # one cell for both: the message lies over the view and moves nothing
        middle.addWidget(self.view, 0, 0)
        middle.addWidget(self.banner, 0, 0, Qt.AlignmentFlag.AlignTop)
        middle.addWidget(self.training.unfinished.offer, 0, 0, Qt.AlignmentFlag.AlignBottom)
        three = QHBoxLayout()
        three.setSpacing(0)
        three.setContentsMargins(0, 0, 0, 0)
        three.addWidget(self.strip)
        three.addLayout(middle, 1)
        three.addWidget(self.panel)
        desk = QWidget()
        desk.setObjectName("desk")
        desk.setLayout(three)
        self.setCentralWidget(desk)
        self.status_line.addPermanentWidget(self.training.badge)
        self.setStatusBar(self.status_line)
        self.setMinimumSize(*LEAST_SIZE_PX)
        self.setAcceptDrops(True)
        self.setWindowTitle(TITLE)
        self.view.setFocus()

    def _wire(self) -> None:
        self.opening.reading.connect(self._reading)
        self.opening.readied.connect(self.view.show_radiograph)
        self.opening.opened.connect(self._opened)
        self.opening.failed.connect(self._not_opened)
        self.opening.broke.connect(self.door.note)
        self.opening.files_changed.connect(self._files_changed)
        self.opening.thumbnail_made.connect(self.strip.set_thumbnail)
        self.strip.chosen.connect(self.opening.show)
        self.strip.needs.connect(self.opening.want_thumbnail)
        self.view.probed.connect(self.status_line.show_probe)
        self.view.files_dropped.connect(self.open_paths)
        self.view.tool_changed.connect(self._tool_changed)
        self.panel.sex_chosen.connect(self._choose_sex)
        self.inference.model_changed.connect(self._model_changed)
        self.inference.model_failed.connect(self.model_choice.failed)
        self.inference.asked.connect(self._asked)
        self.inference.answered.connect(self._answered)
        self.inference.refused.connect(self._refused)
        self.door.told.connect(self.tell)
        self.models.changed.connect(self.model_choice.show)
        self.models.failed.connect(self.door.tell)

    def _files_changed(self, files: list[Path]) -> None:
        self.strip.set_files(files)
        self.strip.setVisible(self.settings.thumbnails_shown and len(files) > 1)
        self.menus.enable(("next", "previous"), len(files) > 1)

    def _tool_changed(self, tool: Tool) -> None:
        names = {Tool.WINDOW: "tool_window", Tool.LENGTH: "tool_length", Tool.ANGLE: "tool_angle"}
        self.menus.check(names[tool])

    def _restore(self) -> None:
        self.resize(*FIRST_SIZE_PX)
        if self.settings.window_geometry:
            self.restoreGeometry(QByteArray(self.settings.window_geometry))
        self.recent.show_paths(self.settings.recent_files)
        self.menus.enable_for_picture(False)
        self.menus.check("tool_window")
        self._files_changed([])
        self._apply_shown()
        self.model_choice.show()
        self.models.refresh()

    def remember(self, settings: Settings) -> None:
        """Take changed settings and show what they say is shown."""
        self.settings = settings
        self._apply_shown()

    def keep(self, **changes: Any) -> None:
        """Take changed settings and write them now: a program that is killed writes nothing any more."""
        self.settings = replace(self.settings, **changes)
        if self._store is not None:
            self._store.save(self.settings)

    def _apply_shown(self) -> None:
        self.clinic.show_choice()
        self.menus.check("show_panel", self.settings.panel_shown)
        self.menus.check("show_thumbnails", self.settings.thumbnails_shown)
        self.menus.check("light_theme", self.settings.theme is ThemeName.LIGHT)
        self.panel.setVisible(self.settings.panel_shown)
        self.strip.setVisible(self.settings.thumbnails_shown and len(self.opening.files) > 1)

    def restyle(self) -> None:
        """Put the theme of the settings on everything."""
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply(application, theme.named(self.settings.theme.value))
        self.menus.restyle()
        self.banner.restyle()
        self.panel.cautions.restyle()
        self.training.restyle()
        for door in (self.lab, self.stress, self.clinic):
            door.restyle()

    # -- Qt's events

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files wherever they hang over the window."""
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        paths = dropped_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.open_paths(paths)

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
        for door in (self.lab, self.stress, self.clinic):
            door.leave()
        self.inference.forget()
        self.opening.forget()
        self.models.forget()
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowFullScreen)  # the next start is a window
        self.keep(window_geometry=bytes(self.saveGeometry().data()))
        event.accept()
