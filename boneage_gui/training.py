"""The desk of trainings: owns at most one run, which a job follows in a child process. Knows no widgets."""

from __future__ import annotations

from collections.abc import Generator
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from boneage_gui import settings
from boneage_gui.errors import ErrorDoor
from boneage_gui.jobs import Job
from boneage_gui.work.child import Child
from trainer.errors import RunError
from trainer.events import Preparing

if TYPE_CHECKING:
    from boneage_gui.work.training import Ended, Lost, Moved
    from trainer.config import TrainingConfig
    from trainer.data_source import DataSource
    from trainer.history import History

LONGEST_GOODBYE_MS: Final = 30_000
BUSY: Final = "A training is going on already. Wait for its end, or pause it first."
CAN_RESUME: Final = "What was learned up to the last checkpoint is kept; the run can be resumed."


class DeskState(Enum):
    """What the desk does."""

    IDLE = "idle"
    PREPARING = "preparing"  # the child reads data; there may be no run yet
    TRAINING = "training"
    PAUSING = "pausing"  # the step ends, the state is saved
    STOPPING = "stopping"
    DISCARDING = "discarding"


class TrainingDesk(QObject):
    """Starts, pauses, stops, resumes and discards one run at a time."""

    preparing = Signal(object)  # Preparing
    changed = Signal(object)  # History so far
    failed = Signal(str)  # the sentence; ``ended`` follows where there is a run
    ended = Signal(object)  # History as it lies on the disk, or None where no run was begun
    discarded = Signal(object)  # Path of the run that is no more
    state_changed = Signal(object)  # DeskState

    def __init__(self, door: ErrorDoor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._door = door
        self.state = DeskState.IDLE
        self.folder: Path | None = None  # of the run at hand, also after its end
        self.history: History | None = None  # of the same
        self.last_preparing: Preparing | None = None
        self.lost: Lost | None = None  # where the radiographs of the run at hand are no longer where they were
        self._begins = False  # the run at hand is new, not one that goes on
        self._child: Child | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self.kill)

    @property
    def busy(self) -> bool:
        """Whether a child is at work."""
        return self.state is not DeskState.IDLE

    @property
    def begins(self) -> bool:
        """Whether a new run is prepared: nothing was trained, so nothing is kept if it is ended now."""
        return self.state is DeskState.PREPARING and self._begins

    @property
    def process_id(self) -> int | None:
        """The child's process, once it runs."""
        return None if self._child is None else self._child.pid

    def start(self, config: TrainingConfig, source: DataSource, name: str) -> Path:
        """Begin a run; returns its folder. Raises RunError while another goes on."""
        from boneage_gui.work import run_folders, training

        self._need_idle()
        folder = run_folders.new_folder(settings.runs_folder(), name)
        child = Child(training.start_arguments(source, folder))
        self._begins = True
        self._follow(child, folder, training.begin(child, config, folder))
        return folder

    def resume(self, folder: Path, moved: Moved | None = None) -> None:
        """Go on with a run, whose radiographs may have been moved. Raises RunError while another goes on."""
        from boneage_gui.work import training

        self._need_idle()
        child = Child(training.resume_arguments(folder, moved))
        self._begins = False
        self._follow(child, folder, training.go_on(child, folder))

    def pause(self, *, patience_ms: int | None = None) -> None:
        """End the step, save, end the child; after ``patience_ms`` it is ended all the same."""
        if self._child is not None and self.state in (DeskState.PREPARING, DeskState.TRAINING):
            self._child.order("pause")
            self._become(DeskState.PAUSING)
        if self.busy and patience_ms is not None and not self._patience.isActive():
            self._patience.start(patience_ms)

    def stop(self) -> None:
        """End the step and the run; its best model is kept."""
        if self._child is not None and self.state in (DeskState.PREPARING, DeskState.TRAINING):
            self._child.order("stop")
            self._become(DeskState.STOPPING)

    def discard(self) -> None:
        """End the child at once and delete the run, whether it goes on or has ended."""
        if self.folder is None:
            return
        running = self.busy
        self._become(DeskState.DISCARDING)
        if running:
            self.kill()  # the folder goes when the child has
        else:
            self._delete(self.folder)

    def kill(self) -> None:
        """End the child at once; its last checkpoint stays."""
        if self._child is not None:
            self._child.kill()

    def show(self, history: History) -> None:
        """Take a run of the past as the one at hand, while none goes on."""
        self._need_idle()
        self.folder, self.history, self.lost = history.folder, history, None
        self.changed.emit(history)

    def _need_idle(self) -> None:
        if self.busy:
            raise RunError(BUSY)

    def _follow(self, child: Child, folder: Path, story: Generator[Any, None, Ended]) -> None:
        self.folder, self._child = folder, child
        self.history = self.last_preparing = self.lost = None
        self._become(DeskState.PREPARING)
        job = Job(lambda: story)
        job.item.connect(self._heard)
        job.result.connect(self._ended)
        job.failed.connect(self._broke)
        job.begin()

    def _heard(self, said: Preparing | History) -> None:
        if isinstance(said, Preparing):
            self.last_preparing = said
            self.preparing.emit(said)
            return
        self.history = said
        if self.state is DeskState.PREPARING and said.state == "running":  # else it is the run as it was left
            self._become(DeskState.TRAINING)
        self.changed.emit(said)

    def _ended(self, ended: Ended) -> None:
        self._child = None
        self._patience.stop()
        if self.state is DeskState.DISCARDING and self.folder is not None:
            self._delete(self.folder)
            return
        self.history, self.lost = ended.history, ended.lost
        self._become(DeskState.IDLE)
        if ended.sentence is not None:
            self.failed.emit(_with_what_is_kept(ended.sentence, ended.history))
        if ended.history is None:
            self.folder = None
        self.ended.emit(ended.history)

    def _broke(self, error: BaseException) -> None:
        self._child = None
        self._patience.stop()
        self._become(DeskState.IDLE)
        self.failed.emit(self._door.note(error))
        self.ended.emit(self.history)

    def _delete(self, folder: Path) -> None:
        from boneage_gui.work import run_folders

        job = Job(run_folders.discard, folder, settings.runs_folder())
        job.result.connect(lambda _none: self._deleted(folder))
        job.failed.connect(self._broke)
        job.begin()

    def _deleted(self, folder: Path) -> None:
        self.folder = self.history = None
        self._become(DeskState.IDLE)
        self.discarded.emit(folder)

    def _become(self, state: DeskState) -> None:
        if state is not self.state:
            self.state = state
            self.state_changed.emit(state)


def _with_what_is_kept(sentence: str, history: History | None) -> str:
    """Add what a run that broke off has kept, where it has and its own sentence does not say so."""
    kept = history is not None and history.can_resume and history.has_checkpoint
    return f"{sentence} {CAN_RESUME}" if kept and "resume" not in sentence.lower() else sentence
