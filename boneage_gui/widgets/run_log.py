"""The log of a run: what it told, a line each; the newest at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QPlainTextEdit, QWidget

if TYPE_CHECKING:
    from trainer.events import EpochRecord
    from trainer.history import History

MOST_LINES: Final = 2_000


class RunLog(QPlainTextEdit):
    """Grows at its end; who has scrolled up stays where he reads. Selected lines can be copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setMaximumBlockCount(MOST_LINES)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.setAccessibleName("Log of the run")
        self.setToolTip("What the run told: its beginning, every epoch, notes, its end")
        self.setPlaceholderText("What the run tells stands here.")
        self._of: object = None  # the folder of the run whose lines these are
        self._told: set[str] = set()

    def show_history(self, history: History) -> None:
        """Add what a run has told since; another run's lines take the place of these."""
        if self._of != history.folder:
            self.clear()
            self._of = history.folder
        for line in lines_of(history):
            if line not in self._told:
                self._told.add(line)
                self.appendPlainText(line)

    def say(self, line: str) -> None:
        """Add a line that is not the run's own."""
        self.appendPlainText(line)

    def clear(self) -> None:
        """Empty, for another run."""
        self._of, self._told = None, set()
        super().clear()


def lines_of(history: History) -> list[str]:
    """What a run told: its beginning, its epochs, its notes, its end."""
    lines = []
    started, finished = history.started, history.finished
    if started is not None:
        lines.append(
            f"From epoch {started.first_epoch} of {started.epochs}: {started.training_cases:,} training and "
            f"{started.validation_cases:,} validation cases, on {started.device}."
        )
    lines += [
        f"{_epoch(history, record)}: mean absolute error {record.training_mae_months:.2f} months in training, "
        f"{record.validation_mae_months:.2f} in validation{', the best so far' if record.is_best else ''}."
        for record in history.every_epoch
    ]
    lines += history.notes
    if finished is not None and history.state != "running":
        lines.append(finished.message)
    return lines


def _epoch(history: History, record: EpochRecord) -> str:
    return f"Model {record.member}, epoch {record.epoch}" if history.config.members > 1 else f"Epoch {record.epoch}"
