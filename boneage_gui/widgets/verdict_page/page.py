"""The page: working, then the verdict with its table and figures; below it the choice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from boneage_gui import assets, settings
from boneage_gui.errors import log, sentence
from boneage_gui.jobs import Job, NewestOnly
from boneage_gui.widgets.banner import Banner
from boneage_gui.widgets.text import Column, label
from boneage_gui.widgets.verdict_page.choice import Choice
from boneage_gui.widgets.verdict_page.figures import Figures
from boneage_gui.widgets.verdict_page.heading import Heading
from boneage_gui.widgets.verdict_page.score_table import ScoreTable
from boneage_gui.widgets.verdict_page.working import Working
from boneage_gui.work import verdict_files
from boneage_gui.work.comparing import Comparing, Judgement
from boneage_gui.work.keeping import Keeping, Kept
from trainer.errors import BoneAgeError
from trainer.history import BEST

if TYPE_CHECKING:
    from trainer.events import Preparing

PDF = "PDF (*.pdf)"
UNMEASURED = "The model is in use, but it cannot say what is unlike its training."


class VerdictPage(QWidget):
    """Compares a run's best model with the one in use, shows the verdict, and keeps the model if told so."""

    use_model = Signal(object)  # Path: the model was kept in the user's folder and is to be used
    keep_used = Signal()  # the user keeps the model in use
    shown = Signal(object)  # Judgement: the verdict is on show
    failed = Signal(str)  # the sentence: something could not be done; it stands on the page too

    def __init__(self, *, models_folder: Path | None = None) -> None:
        """Models are kept in ``models_folder``, else in the user's own."""
        super().__init__()
        self.judgement: Judgement | None = None
        self._models_folder = models_folder or settings.models_folder()
        self._run: Path | None = None
        self._used: Path | None = None
        self._kept: Path | None = None  # where the model on show was kept
        self._stamp = 0  # of the run's best: a run may go on after its verdict
        self._comparing: Comparing | None = None
        self._keeper: Keeping | None = None
        self._judging = NewestOnly(self)
        self._keeping = NewestOnly(self)
        self._saving = NewestOnly(self)
        self.working = Working()
        self.heading = Heading()
        self.table = ScoreTable()
        self.figures = Figures()
        self.banner = Banner()
        self.choice = Choice()
        self._lay_out()
        self.working.stopped.connect(self._stop)
        self.working.again.connect(self._begin)
        self.choice.use.connect(self.use)
        self.choice.keep.connect(self.keep_used)
        self.choice.save_page.connect(self._ask_for_page)
        self.choice.save_pictures.connect(self._ask_for_folder)

    def show_run(self, run: Path, used: Path | None) -> None:
        """Judge a run's best model beside the model file in use, if any.

        What is on show already stays, also once the model in use is the one that was kept from here.
        """
        busy = self._comparing is not None or self.judgement is not None
        known = used == self._used or (used is not None and used == self._kept)
        if not (busy and known and run == self._run and self._stamp == _stamp(run)):
            self._run, self._used, self._kept, self._stamp = run, used, None, _stamp(run)
            self._begin()

    def leave(self) -> None:
        """End what was begun; nothing more is said."""
        if self._comparing is not None:
            self._comparing.end()
            self._comparing = None
        if self._keeper is not None:
            self._keeper.end()
            self._keeper = None
        for place in (self._judging, self._keeping, self._saving):
            place.drop()

    def restyle(self) -> None:
        """Follow the theme."""
        for part in (self.heading, self.table, self.figures, self.banner, self.choice):
            part.restyle()

    def use(self) -> None:
        """Keep the run's best model in the user's folder; ``use_model`` follows."""
        if self._run is None or self.judgement is None:
            return
        self.choice.show_busy("Keeping the model…")
        folder, shipped = self._models_folder, assets.model_names()
        self._keeper = Keeping(self._run, self.judgement.answers, folder, taken=shipped)
        job = Job(self._keeper.events)
        self._keeping.start(job, result=self._use_kept, failed=self._not_done, item=self._still_keeping)

    def save_page(self, path: Path) -> None:
        """Write the page as PDF."""
        self._save(verdict_files.save_page, path, "The page is in")

    def save_pictures(self, folder: Path) -> None:
        """Write the figures into a folder."""
        self._save(verdict_files.save_pictures, folder, "The figures are in")

    def _begin(self) -> None:
        self.leave()
        if self._run is None:
            return
        self.judgement = None
        self.banner.hide()
        self.choice.show_nothing()
        self.working.show_begun()
        self._pages.setCurrentWidget(self.working)
        self._comparing = Comparing(self._run, self._used)
        job = Job(self._comparing.events)
        self._judging.start(job, result=self._judged, failed=self._not_judged, item=self._progressed)

    def _stop(self) -> None:
        self.leave()
        self.working.show_failed("The comparison was stopped.")

    def _progressed(self, event: Preparing) -> None:
        self.working.show_progress(event)

    def _judged(self, judgement: Judgement) -> None:
        self._comparing = None
        self.judgement = judgement
        self.heading.show_judgement(judgement)
        self.table.show_rows(judgement.rows)
        self.table.setVisible(bool(judgement.rows))
        self._scores.setVisible(bool(judgement.rows))
        self.figures.show_judgement(judgement)
        self.choice.show_judgement(judgement)
        self._pages.setCurrentWidget(self._scroll)
        self._scroll.verticalScrollBar().setValue(0)
        self.shown.emit(judgement)

    def _not_judged(self, error: BaseException) -> None:
        self._comparing = None
        said = _said(error)
        self.working.show_failed(said)
        self.failed.emit(said)

    def _still_keeping(self, event: Preparing) -> None:
        self.choice.show_busy(f"Keeping the model: {event.what}, {event.done:,} of {event.total:,}…")

    def _use_kept(self, kept: Kept) -> None:
        self._keeper, self._kept = None, kept.path
        self.choice.show_used(kept.path.stem)
        if kept.why_not:
            self.banner.say(f"{UNMEASURED} {kept.why_not}")
        self.use_model.emit(kept.path)

    def _save(self, write: Any, goal: Path, words: str) -> None:
        if self.judgement is None or self.judgement.answers is None:
            return
        self.choice.show_busy("Drawing…")
        job = Job(write, goal, self.judgement.answers, self.judgement.histories)
        self._saving.start(job, result=lambda path: self.choice.show_done(f"{words} {path}."), failed=self._not_done)

    def _not_done(self, error: BaseException) -> None:
        self._keeper = None
        said = _said(error)
        self.choice.show_done("")
        self.banner.say(said)
        self.failed.emit(said)

    def _ask_for_page(self) -> None:
        name = self._run.name if self._run is not None else "verdict"
        chosen, _ = QFileDialog.getSaveFileName(self, "Save the page", f"{name}.pdf", PDF)
        if chosen:
            path = Path(chosen)
            self.save_page(path if path.suffix.lower() == ".pdf" else path.with_name(f"{path.name}.pdf"))

    def _ask_for_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "A folder for the figures")
        if chosen:
            self.save_pictures(Path(chosen))

    def _lay_out(self) -> None:
        content = Column()
        content.setObjectName("verdict")
        column = QVBoxLayout(content)
        column.setContentsMargins(28, 22, 28, 22)
        column.setSpacing(10)
        column.addWidget(self.heading)
        column.addSpacing(14)
        self._scores = label("SCORES WITH 95 % INTERVALS, MONTHS", rank="section")
        column.addWidget(self._scores)
        column.addWidget(self.table)
        column.addSpacing(18)
        column.addWidget(self.figures)
        column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName("Verdict")
        self._scroll.setToolTip("")
        self._scroll.setWidget(content)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.working)
        self._pages.addWidget(self._scroll)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        for part in (self.banner, self._pages, self.choice):
            whole.addWidget(part, 1 if part is self._pages else 0)


def _stamp(run: Path) -> int:
    """Tell one best model of a run from the next."""
    try:
        return (run / BEST).stat().st_mtime_ns
    except OSError:
        return 0


def _said(error: BaseException) -> str:
    if not isinstance(error, BoneAgeError):
        log.error("the verdict page could not do what it was told", exc_info=(type(error), error, error.__traceback__))
    return sentence(error)
