"""The training window: data, choices, the training as it goes, the verdict, past runs; composed and wired here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from boneage_gui.training import DeskState, TrainingDesk
from boneage_gui.widgets.first_size import open_at
from boneage_gui.widgets.text import rule, scrolled
from boneage_gui.widgets.verdict_page import VerdictPage
from boneage_gui.windows.training import questions
from boneage_gui.windows.training.choices_page import ChoicesPage
from boneage_gui.windows.training.controls import Controls
from boneage_gui.windows.training.data_page import DataPage
from boneage_gui.windows.training.run_page import RunPage
from boneage_gui.windows.training.runs_page import RunsPage
from boneage_gui.windows.training.steps import Page, Steps
from trainer.errors import BoneAgeError

if TYPE_CHECKING:
    from boneage_gui.windows.radiograph_window import RadiographWindow
    from boneage_gui.work.training import Moved
    from trainer.config import TrainingConfig
    from trainer.data_source import DataSource
    from trainer.history import History

TITLE = "Training — Bone Age"
FIRST_SIZE_PX = (1240, 780)
LEAST_SIZE_PX = (940, 600)


class TrainingWindow(QWidget):
    """One run at a time, which goes on when the window is closed: the desk belongs to the main window."""

    model_wanted = Signal(str)  # path of a model: the user takes it into use

    def __init__(self, desk: TrainingDesk, main: RadiographWindow) -> None:
        super().__init__()
        self.desk, self._main = desk, main
        self.question: QMessageBox | None = None
        self.steps = Steps()
        self.data = DataPage(main.door.note)
        self.choices = ChoicesPage()
        self.run = RunPage(desk)
        self.verdict = VerdictPage()
        self.runs = RunsPage()
        self.pages = QStackedWidget()
        self.controls = Controls(
            {
                "start": self.start,
                "choices": lambda: self.show_page(Page.CHOICES),
                "pause": desk.pause,
                "find": self.find_radiographs,
                "resume": self.resume,
                "stop": desk.stop,
                "discard": self._ask_to_discard,
            }
        )
        self._lay_out()
        self._wire()
        self.verdict.banner.close_before(self)
        self.data.use(self.choices.config)
        self.show_beginning()
        self.controls.offer_cancel(desk.begins)
        if desk.history is not None:
            self.run.show_history(desk.history)

    @property
    def page(self) -> Page:
        """The page on show."""
        return Page(self.pages.currentIndex())

    # -- what others ask of the window

    def appear(self) -> None:
        """Show the window in front, where it was left."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    def show_beginning(self) -> None:
        """The page that a training begins with, or the training that goes on."""
        if self.desk.busy:
            self.show_page(Page.TRAINING)
        elif self.page is Page.RUNS or not self.isVisible():
            self.show_page(Page.DATA)

    def show_training(self) -> None:
        """The training as it goes."""
        self.show_page(Page.TRAINING)

    def show_past_runs(self) -> None:
        """The list of past runs."""
        self.show_page(Page.RUNS)

    def show_page(self, page: Page) -> None:
        """Change to a page."""
        self.pages.setCurrentIndex(page)
        self.steps.show_page(page)
        if self.steps.hasFocus() or self.focusWidget() in self.steps.buttons.values():
            self.steps.buttons[page].setFocus()
        if page is Page.RUNS:
            self.runs.refresh(desk_busy=self.desk.busy)
        elif page is Page.VERDICT and self.desk.history is not None:
            self.verdict.show_run(self.desk.history.folder, self._main.inference.path)
        self._enable()

    def start(self) -> None:
        """Begin a training with the data and the choices on show."""
        config, source = self.choices.config, self.data.source
        if config is None or source is None or self.desk.busy:
            return
        self.run.begin()
        self.desk.start(config, source, self.choices.run_name())
        self.show_page(Page.TRAINING)

    def resume(self) -> None:
        """Go on with the run at hand."""
        if self.desk.folder is not None and not self.desk.busy:
            self._resume(self.desk.folder)

    def find_radiographs(self) -> None:
        """Ask where the radiographs of the run at hand were moved to, and go on with it."""
        folder, lost = self.desk.folder, self.desk.lost
        if folder is None or lost is None or self.desk.busy:
            return
        chosen = QFileDialog.getExistingDirectory(self, "The folder in which the radiographs lie now")
        if chosen:
            self._resume(folder, lost.found_in(Path(chosen)))

    def leave(self) -> None:
        """The program ends: nothing more is asked for."""
        self.data.leave()
        self.data.choice.leave()
        self.runs.leave()
        self.verdict.leave()
        self.close()

    def restyle(self) -> None:
        """Follow the theme."""
        for part in (self.controls, self.data, self.choices.form, self.run, self.verdict):
            part.restyle()

    # -- what happens

    def _state_changed(self, state: DeskState) -> None:
        self.choices.form.setEnabled(state is DeskState.IDLE)
        self.controls.offer_cancel(self.desk.begins)
        self._enable()

    def _ended(self, history: History | None) -> None:
        self._enable()
        if history is not None and is_over(history) and self.page is Page.TRAINING:
            self.show_page(Page.VERDICT)
        elif self.page is Page.RUNS:
            self.runs.refresh(desk_busy=False)

    def _discarded(self, _folder: Path) -> None:
        self.run.begin()
        self.show_page(Page.RUNS if self.page is Page.RUNS else Page.CHOICES)

    def _choices_changed(self) -> None:
        self.data.use(self.choices.config)
        self._enable()

    def _ask_to_discard(self) -> None:
        folder = self.desk.folder
        if folder is not None:
            self.question = questions.ask_before_discarding(self, folder.name, lambda: self._discard(folder))

    def _discard(self, folder: Path) -> None:
        """Discard what was asked about: meanwhile another run may have been begun from the main window."""
        if self.desk.folder == folder:
            self.desk.discard()

    def _resume(self, folder: Path, moved: Moved | None = None) -> None:
        self.run.begin()
        try:
            self.desk.resume(folder, moved)
        except BoneAgeError as error:
            self._main.door.tell(error)
            return
        self.show_page(Page.TRAINING)

    def _show_run(self, history: History) -> None:
        if not self.desk.busy:
            self.run.begin()
            self.desk.show(history)
        if self.desk.folder == history.folder:
            self.show_page(Page.VERDICT if is_over(history) else Page.TRAINING)

    def _use_run(self, history: History) -> None:
        if not self.desk.busy:
            self.run.begin()
            self.desk.show(history)
            self.show_page(Page.VERDICT)

    def _train_again(self, config: TrainingConfig, source: DataSource) -> None:
        """Fill the form with the choices and the radiographs of a run of the past; nothing begins yet."""
        self.choices.name.clear()
        self.choices.form.set_config(config)
        self.data.choice.set_source(source)
        self.show_page(Page.CHOICES)

    def _discard_run(self, history: History) -> None:
        if not self.desk.busy:
            self.desk.show(history)
            self._ask_to_discard()

    def _enable(self) -> None:
        """Offer what can be done now, on the page on show."""
        desk, history = self.desk, self.desk.history
        can_start = self.data.ready and self.choices.config is not None and not desk.busy
        runs = desk.state in (DeskState.PREPARING, DeskState.TRAINING)
        can_stop = desk.state is DeskState.TRAINING and history is not None and history.best is not None
        there = desk.folder is not None
        offered: dict[str, bool] = {}
        if self.page is Page.DATA:
            offered = {"choices": True}
        elif self.page is Page.CHOICES:
            offered = {"start": can_start}
        elif self.page is Page.TRAINING:
            offered = {"discard": there and desk.state is not DeskState.DISCARDING, "stop": can_stop, "pause": runs}
            if not desk.busy:
                offered = {"discard": there}
                if history is not None and history.can_resume:
                    offered["resume"] = True
                    if desk.lost is not None:
                        offered["find"] = True
        self.controls.show_only(offered)
        self.controls.reason.setText(self._why_not_start() if offered.get("start") is False else "")
        self.controls.setVisible(self.page is not Page.VERDICT)  # which has a foot of its own
        self.steps.enable(Page.TRAINING, there)
        self.steps.enable(Page.VERDICT, not desk.busy and history is not None and has_model(history))

    def _why_not_start(self) -> str:
        """Why no training can begin now."""
        if self.desk.busy:
            return "A training is going on."
        if self.choices.config is None:
            return "A choice above is not right yet."
        if self.data.source is None:
            return "Choose the radiographs first, on page 1, Data."
        return "" if self.data.ready else self.data.why_not_ready

    def _wire(self) -> None:
        self.steps.chosen.connect(self.show_page)
        self.data.changed.connect(self._enable)
        self.choices.changed.connect(self._choices_changed)
        self.desk.state_changed.connect(self._state_changed)
        self.desk.changed.connect(lambda _history: self._enable())
        self.desk.ended.connect(self._ended)
        self.desk.discarded.connect(self._discarded)
        self.runs.resume_wanted.connect(lambda history: self._resume(history.folder))
        self.runs.show_wanted.connect(self._show_run)
        self.runs.use_wanted.connect(self._use_run)
        self.runs.again_wanted.connect(self._train_again)
        self.runs.discard_wanted.connect(self._discard_run)
        self.runs.failed.connect(self._main.door.tell)
        self.verdict.use_model.connect(lambda path: self.model_wanted.emit(str(path)))
        self.verdict.keep_used.connect(self.show_past_runs)

    def _lay_out(self) -> None:
        self.setObjectName("desk")
        self.setWindowTitle(TITLE)
        open_at(self, FIRST_SIZE_PX, LEAST_SIZE_PX)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        for page in (self.data, self.choices, self.run, self.verdict, self.runs):
            self.pages.addWidget(page)
        middle = QFrame()
        middle.setObjectName("pages")
        inner = QVBoxLayout(middle)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(scrolled(self.pages, across=True))  # where the screen is too small for a page it is moved
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.steps, rule(), middle, rule(), self.controls):
            column.addWidget(part, 1 if part is middle else 0)


def has_model(history: History) -> bool:
    """Whether a run has a best model to be judged."""
    return history.best is not None


def is_over(history: History) -> bool:
    """Whether a run has ended for good, with a model to be judged."""
    return has_model(history) and history.state in ("finished", "stopped")
