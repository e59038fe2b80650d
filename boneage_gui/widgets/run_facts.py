"""Facts of a run as it goes: how far, how fast, on what, how long still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from boneage_gui.widgets.text import label
from trainer.counted import counted

if TYPE_CHECKING:
    from boneage_gui.work.time_left import TimeLeft
    from trainer.events import Preparing
    from trainer.history import History

FACTS: Final = {  # key: caption, what it means
    "epoch": ("Epoch", "The epoch that is being trained, of all"),
    "best_epoch": ("Best epoch", "The epoch with the least error on the validation cases; its model is kept"),
    "best": ("Its error", "The mean absolute error of the best epoch on the validation cases"),
    "speed": ("Speed", "Radiographs trained on in a second; validation is left out"),
    "epoch_left": ("Left of the epoch", "Time until this epoch has been trained and validated"),
    "run_left": ("Left of the run", "Time until all epochs have been trained, judged by the last ones"),
    "elapsed": ("Trained for", "Time of training so far; pauses are left out"),
    "device": ("Device", "What computes"),
    "memory": ("GPU memory", "The most GPU memory that the run has held"),
}
NO_BREAK: Final = "\u00a0"
UNKNOWN: Final = "–"
EACH_OWN: Final = "each model’s own"
WIDE_PX: Final = 760  # from here on the facts stand in one row of four
BAR_STEPS: Final = 1000


class RunFacts(QWidget):
    """Two progress bars and the facts under them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Facts of the run")
        self._values: dict[str, QLabel] = {}
        self._blocks: dict[str, QWidget] = {}
        for key, (caption, meaning) in FACTS.items():
            value = label(UNKNOWN, rank="fact")
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            block = QWidget()
            block.setToolTip(meaning)
            column = QVBoxLayout(block)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(1)
            column.addWidget(label(caption, rank="small"))
            column.addWidget(value)
            self._values[key], self._blocks[key] = value, block
        self.run_bar, self.epoch_bar = _bar("Progress of the run"), _bar("Progress of the epoch")
        self._run_words, self._epoch_words = label(rank="small"), label(rank="small")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(10)
        self._columns = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        for words, bar in ((self._run_words, self.run_bar), (self._epoch_words, self.epoch_bar)):
            column.addWidget(words)
            column.addWidget(bar)
            column.addSpacing(5)
        column.addLayout(self._grid)
        column.addStretch(1)
        self._place(2)
        self.clear()

    def fact(self, key: str) -> str:
        """What stands under a caption; empty where it is not shown."""
        return "" if self._blocks[key].isHidden() else self._values[key].text()

    def clear(self) -> None:
        """No run."""
        for key in FACTS:
            self._say(key, UNKNOWN)
        self._blocks["memory"].hide()
        self._fill(self.run_bar, self._run_words, 0.0, "No run")
        self._fill(self.epoch_bar, self._epoch_words, 0.0, "")

    def show_preparing(self, said: Preparing, *, done: float = 0.0) -> None:
        """A run is being prepared, of which a share is done already if it goes on."""
        counted = f", {said.done:,} of {said.total:,}" if said.total > 1 else ""
        self._fill(self.run_bar, self._run_words, done, "Preparing the run")
        share = said.done / said.total if said.total > 1 else None
        self._fill(self.epoch_bar, self._epoch_words, share, f"{said.what.capitalize()}{counted}")

    def show_history(self, history: History, left: TimeLeft | None) -> None:
        """Say what the run's events have told so far."""
        step, started, running = history.last_step, history.started, history.state == "running"
        headway = history.headway
        inside, current = headway.inside, min(headway.epochs_done + 1, headway.epochs)
        stands = f"{current} of {headway.epochs}" if running else f"{headway.epochs_done} of {headway.epochs} done"
        self._say("epoch", f"{stands}{headway.of_member}")
        share = 1.0 if history.state == "finished" else headway.share
        self._fill(self.run_bar, self._run_words, share, _run_words(history))
        words = f"Epoch {current}: {step.step:,} of {step.steps_per_epoch:,} steps" if step and inside else ""
        if running and inside >= 1.0:
            words = f"Epoch {current}: validating"
        self._fill(self.epoch_bar, self._epoch_words, inside if running else 0.0, words if running else "")
        best, mae_months = history.best, history.model_mae_months
        together = history.ensemble_mae_months is not None  # the answers of several models, averaged
        self._say("best_epoch", EACH_OWN if together else str(best.epoch) if best else UNKNOWN)
        self._say("best", f"{mae_months:.2f} months{of_cases(history)}" if mae_months is not None else UNKNOWN)
        self._say("epoch_left", about(left.epoch_s) if left else UNKNOWN)
        self._say("run_left", about(left.run_s) if left else UNKNOWN)
        last = history.every_epoch[-1] if history.every_epoch else None
        speed = step.images_per_s if step and inside else last.images_per_s if last else 0.0
        self._say("speed", f"{speed:,.0f} images/s" if speed else UNKNOWN)
        elapsed = max(step.elapsed_s if step else 0.0, last.elapsed_s if last else 0.0)
        self._say("elapsed", duration(elapsed) if elapsed else UNKNOWN)
        self._say("device", started.device if started else UNKNOWN)
        memory = step.gpu_memory_mb if step else None
        self._blocks["memory"].setVisible(memory is not None)
        self._say("memory", f"{memory:,.0f} MB" if memory is not None else UNKNOWN)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the width that there is."""
        super().resizeEvent(event)
        self._place(4 if self.width() >= WIDE_PX else 2)

    def _place(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for number, block in enumerate(self._blocks.values()):
            self._grid.addWidget(block, number // columns, number % columns)
        for column in range(4):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def _say(self, key: str, text: str) -> None:
        self._values[key].setText(text)
        self._values[key].setAccessibleName(f"{FACTS[key][0]}: {text}")

    @staticmethod
    def _fill(bar: QProgressBar, words_label: QLabel, share: float | None, words: str) -> None:
        """Fill a bar to a share of 0 to 1; None: it only moves."""
        bar.setRange(0, 0 if share is None else BAR_STEPS)
        if share is not None:
            bar.setValue(round(share * BAR_STEPS))
        words_label.setText(words)
        bar.setAccessibleDescription(words)
        bar.setToolTip(words)


def of_cases(history: History) -> str:
    """On how many validation cases a run's errors were measured, to stand behind one; empty where it is not known."""
    started = history.started
    if started is None:
        return ""
    cases = counted(started.validation_cases, "case").replace(" ", NO_BREAK)
    return f" ({cases})"


def about(seconds: float) -> str:
    """A time to wait, as exact as it is known."""
    return "under a minute" if seconds < 55 else f"about {duration(seconds)}"


def duration(seconds: float) -> str:
    """A time in words, such as 2 h 05 min."""
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02d} min" if hours < 10 else f"{round(seconds / 3600)} h"
    return f"{seconds / 86400:.0f} days"


def _run_words(history: History) -> str:
    if history.state == "running":
        return f"Training “{history.name}”"
    words = {"finished": "finished", "stopped": "stopped, its best model kept", "paused": "paused", "failed": "failed"}
    return f"“{history.name}” {words.get(history.state, 'was interrupted')}"


def _bar(name: str) -> QProgressBar:
    made = QProgressBar()
    made.setTextVisible(False)
    made.setProperty("tall", True)
    made.setAccessibleName(name)
    return made
