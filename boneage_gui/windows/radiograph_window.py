"""A radiograph beside its bone age: from a file to the number. Doors to all else are hung on it by the main window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QMainWindow, QWidget

from boneage_gui import assets, theme
from boneage_gui.errors import ErrorDoor
from boneage_gui.inference import Inference, Question, Readiness
from boneage_gui.settings import Settings, SettingsFile, ThemeName, inbox_folder, with_recent
from boneage_gui.widgets.banner import Banner
from boneage_gui.widgets.first_size import open_at, room_for
from boneage_gui.widgets.prediction_panel import PredictionPanel
from boneage_gui.widgets.radiograph_view import RadiographView, Tool
from boneage_gui.widgets.thumbnail_strip import ThumbnailStrip
from boneage_gui.windows.menus import Menus
from boneage_gui.windows.opening import Opening, dropped_paths
from boneage_gui.windows.status_line import StatusLine
from trainer.errors import RefusedError
from trainer.prediction import TURN_IT, Prediction
from trainer.radiograph import Radiograph, Sex, shown_name

TITLE = "Bone Age"
LEAST_SIZE_PX = (900, 600)
FIRST_SIZE_PX = (1280, 800)
LEAST_VIEW_PX = 320  # that what is written in the corners of the radiograph needs
SEAM_PX = 8  # between the radiograph and what is docked beside it

_FileRead = tuple[Path, tuple[int, int] | None]  # a file, with its size and time of change when it was read


class RadiographWindow(QMainWindow):
    """One radiograph at a time; what every door may ask of the window, and nothing of any door."""

    picture_shown = Signal(object)  # Radiograph
    answered = Signal(object)  # Prediction
    refused = Signal(str)  # the sentence: no file, no number
    restyled = Signal()  # the theme is another
    leaving = Signal()  # the program ends: nothing is waited for

    def __init__(
        self, *, settings: Settings, store: SettingsFile | None, inference: Inference, door: ErrorDoor
    ) -> None:
        super().__init__()
        self.settings, self._store = settings, store
        self.door, self.inference = door, inference
        self.radiograph: Radiograph | None = None
        self.prediction: Prediction | None = None
        # What the user told of each file, until the program ends; another picture under its name is another file.
        self._sex_told: dict[_FileRead, Sex | None] = {}
        self._dates_told: dict[_FileRead, tuple[str, str]] = {}
        self._turn_asked = False  # the answer on show asks its reader to turn the picture
        self._beside_px = 0  # how wide what is docked beside the radiograph is
        self.opening = Opening(self)
        self.view = RadiographView()
        self.strip = ThumbnailStrip()
        self.panel = PredictionPanel()
        self.banner = Banner()
        self.status_line = StatusLine()
        self.menus = Menus(self)
        self.middle = QGridLayout()  # one cell for all: messages lie over the view and move nothing
        self._lay_out()
        self._wire()

    # -- what others ask of the window

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open files and folders; the first is shown."""
        self.opening.open_paths(paths)

    def tell(self, sentence: str, *, stays: bool = False) -> None:
        """Show a sentence, until the next good thing or until it is closed; nothing else changes."""
        self.banner.say(sentence, stays=stays)

    def change(self, **changes: Any) -> None:
        """Take changed settings and show what they say is shown; they are written when the window closes."""
        self.settings = replace(self.settings, **changes)
        self.show_parts()

    def keep(self, **changes: Any) -> None:
        """Take changed settings and write them now: a program that is killed writes nothing any more."""
        self.settings = replace(self.settings, **changes)
        if self._store is not None:
            self._store.save(self.settings)

    def show_parts(self) -> None:
        """Show the parts that the settings want."""
        self.menus.check("show_panel", self.settings.panel_shown)
        self.menus.check("show_thumbnails", self.settings.thumbnails_shown)
        self.menus.check("light_theme", self.settings.theme is ThemeName.LIGHT)
        self.panel.setVisible(self.settings.panel_shown)
        self._show_strip()

    def make_room(self, beside_px: int) -> None:
        """Something so wide stands beside the radiograph, or nothing: the number must never lie under it."""
        self._beside_px = beside_px
        least = QSize(max(LEAST_SIZE_PX[0], self._needed_px() if beside_px else 0), LEAST_SIZE_PX[1])
        self.setMinimumSize(least.boundedTo(room_for(self)))
        self._show_strip()

    def _needed_px(self) -> int:
        """How wide the window must be for all but the thumbnails."""
        return LEAST_VIEW_PX + self.panel.minimumWidth() + self._beside_px + SEAM_PX

    def _show_strip(self) -> None:
        room = not self._beside_px or self.width() >= self._needed_px() + self.strip.minimumWidth()
        self.strip.setVisible(self.settings.thumbnails_shown and len(self.opening.files) > 1 and room)

    def restyle(self) -> None:
        """Put the theme of the settings on everything."""
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply(application, theme.named(self.settings.theme.value))
        self.menus.restyle()
        self.banner.restyle()
        self.panel.cautions.restyle()
        self.restyled.emit()

    # -- a radiograph comes, and its number

    def _reading(self, path: Path) -> None:
        self.status_line.tell(f"Opening {shown_name(path)}…")
        self.strip.set_current(path)
        if self.radiograph is None:
            self.panel.show_reading(shown_name(path))

    def _opened(self, radiograph: Radiograph) -> None:
        self._remember_dates()
        self.radiograph, self.prediction = radiograph, None
        self.banner.calm()
        self.status_line.fall_silent()
        self.status_line.show_radiograph(radiograph)
        self.menus.enable_for_picture(True)
        self.setWindowTitle(f"{shown_name(radiograph.source)} — {TITLE}")
        self.panel.show_radiograph(radiograph)
        birth, study = self._dates_told.get(_file_read(radiograph), ("", ""))
        if birth or study:
            self.panel.dates.type_dates(birth=birth, study=study)
        if not assets.is_sample(radiograph.source) and inbox_folder() not in radiograph.source.parents:
            self.settings = with_recent(self.settings, radiograph.source)
        if _file_read(radiograph) in self._sex_told:
            self.panel.choose_sex(self._sex_told[_file_read(radiograph)])
        else:
            self._show_sex(radiograph.sex)
            self.inference.ask(radiograph, sex=radiograph.sex, chronological_months=self.panel.dates.months)
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
        self._turn_asked = any(TURN_IT in caution for caution in prediction.cautions)
        self.panel.show_prediction(prediction, more_cautions=question.radiograph.cautions)
        self.answered.emit(prediction)

    def _refused(self, _question: Question, error: BaseException) -> None:
        sentence = self.door.note(error)
        self._turn_asked = TURN_IT in sentence
        self.panel.show_refusal(sentence, anyway=isinstance(error, RefusedError))
        self.refused.emit(sentence)

    def _model_changed(self) -> None:
        self.prediction = None
        self._show_waiting()

    def _choose_sex(self, sex: Sex | None) -> None:
        self._show_sex(sex, asked=True)
        if self.radiograph is not None:
            self._sex_told[_file_read(self.radiograph)] = sex
            self.inference.ask(self.radiograph, sex=sex, chronological_months=self.panel.dates.months)

    def _turned(self) -> None:
        """Read anew what was turned by its reader, where the answer hangs on that."""
        asked, quarters = self.inference.question, self.view.quarters
        if self.radiograph is None or asked is None or asked.radiograph is not self.radiograph:
            return
        if quarters != self.radiograph.quarters and (self._turn_asked or self.radiograph.quarters):
            self.radiograph = replace(self.radiograph, quarters=quarters)
            self.inference.ask(self.radiograph, sex=asked.sex, chronological_months=self.panel.dates.months)

    def _dates_changed(self, months: float | None) -> None:
        asked = self.inference.question
        if asked is not None and asked.radiograph is self.radiograph:  # not while another one's dates are put down
            self.inference.told_age(months)

    def _remember_dates(self) -> None:
        if self.radiograph is not None:
            self._dates_told[_file_read(self.radiograph)] = self.panel.dates.typed

    def _show_sex(self, sex: Sex | None, *, asked: bool = False) -> None:
        if sex is None and not asked:
            self.menus.uncheck_group("sex")
        else:
            self.menus.check({Sex.FEMALE: "sex_female", Sex.MALE: "sex_male", None: "sex_not_given"}[sex])

    def _files_changed(self, files: list[Path]) -> None:
        self.strip.set_files(files)
        self._show_strip()
        self.menus.enable(("next", "previous"), len(files) > 1)

    def _tool_changed(self, tool: Tool) -> None:
        names = {Tool.WINDOW: "tool_window", Tool.LENGTH: "tool_length", Tool.ANGLE: "tool_angle"}
        self.menus.check(names[tool])

    # -- composition

    def _lay_out(self) -> None:
        room = self.view.palette()  # black in both themes: the eye adapts to what surrounds a radiograph
        room.setColor(QPalette.ColorRole.Window, QColor(theme.DARK.picture))
        room.setColor(QPalette.ColorRole.WindowText, QColor(theme.DARK.text))
        self.view.setPalette(room)
        self.middle.addWidget(self.view, 0, 0)
        self.middle.addWidget(self.banner, 0, 0, Qt.AlignmentFlag.AlignTop)
        three = QHBoxLayout()
        three.setSpacing(0)
        three.setContentsMargins(0, 0, 0, 0)
        three.addWidget(self.strip)
        three.addLayout(self.middle, 1)
        three.addWidget(self.panel)
        desk = QWidget()
        desk.setObjectName("desk")
        desk.setLayout(three)
        self.setCentralWidget(desk)
        self.setStatusBar(self.status_line)
        open_at(self, FIRST_SIZE_PX, LEAST_SIZE_PX)
        self.setAcceptDrops(True)
        self.setWindowTitle(TITLE)
        self.view.setFocus()
        self.menus.check("tool_window")
        self._files_changed([])
        self.show_parts()

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
        self.view.turned.connect(self._turned)
        self.view.tool_changed.connect(self._tool_changed)
        self.panel.sex_chosen.connect(self._choose_sex)
        self.panel.dates.changed.connect(self._dates_changed)
        self.panel.anyway_wanted.connect(self.inference.ask_anyway)
        self.inference.model_changed.connect(self._model_changed)
        self.inference.asked.connect(self._asked)
        self.inference.answered.connect(self._answered)
        self.inference.refused.connect(self._refused)
        self.door.told.connect(self.tell)

    # -- Qt's events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Thumbnails come back where there is room again."""
        super().resizeEvent(event)
        if self._beside_px:
            self._show_strip()

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


def _file_read(radiograph: Radiograph) -> _FileRead:
    return radiograph.source, radiograph.stamp
