"""The data: a folder or a table is chosen on the left; on the right, what a look at all of it found."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from boneage_gui.jobs import Job, NewestOnly
from boneage_gui.widgets.data_choice import DataChoice
from boneage_gui.widgets.data_summary import DataSummaryView
from boneage_gui.widgets.text import Column, label
from boneage_gui.work import training
from boneage_gui.work.child import Child

if TYPE_CHECKING:
    from trainer.config import TrainingConfig
    from trainer.data_source import DataSource
    from trainer.data_summary import DataSummary
    from trainer.events import Preparing

SIDE_PX = 400
GATHER_MS = 400  # several edits of the columns are looked at once


class DataPage(QWidget):
    """Holds the DataSource that was chosen, and its summary once all of it was read."""

    changed = Signal()  # the source, or whether it can be trained on

    def __init__(self, sentence: Callable[[BaseException], str]) -> None:
        super().__init__()
        self.summary: DataSummary | None = None
        self._sentence = sentence
        self._config: TrainingConfig | None = None
        self._looked_at: tuple[DataSource, tuple[str, ...]] | None = None
        self._child: Child | None = None
        self._reading = NewestOnly(self)
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(GATHER_MS)
        self._gather.timeout.connect(self._look)
        self.choice = DataChoice()
        self.message = label(rank="caution", selectable=True)
        self.state = label(rank="muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.bar.setAccessibleName("Progress of reading the radiographs")
        self.bar.setToolTip("How many radiographs are read")
        self.view = DataSummaryView()
        self._lay_out()
        self._quiet()
        self.choice.changed.connect(self._chosen)

    @property
    def source(self) -> DataSource | None:
        """What a training would be given; None while something must be said first."""
        return None if self.choice.problem else self.choice.source()

    @property
    def ready(self) -> bool:
        """Whether a training can begin with this data."""
        return self.source is not None and self.summary is not None

    @property
    def why_not_ready(self) -> str:
        """Where a source was chosen and cannot be trained on yet: why."""
        if self.message.isHidden():
            return "The radiographs are still being read."
        return "The radiographs cannot be read; page 1, Data, says why."

    def use(self, config: TrainingConfig | None) -> None:
        """The choices have changed, and with them perhaps how radiographs become canvases, or the split."""
        if config is not None:
            self._config = config
            self._chosen()

    def leave(self) -> None:
        """Ask for nothing more."""
        self._gather.stop()
        self._stop()
        self.view.leave()

    def restyle(self) -> None:
        """Follow the theme."""
        self.choice.restyle()
        self.view.restyle()

    def _chosen(self) -> None:
        source = self.source
        if source is None:
            self._forget()
            self.view.clear()
            self.changed.emit()
        elif self._looked_at != (source, self._look_options()):
            self._forget()
            self._say("Reading the table…")
            self._gather.start()
            self.changed.emit()

    def _look(self) -> None:
        """Read, clean and split the data in a process of its own; a newer look ends an older one."""
        source, options = self.source, self._look_options()
        if source is None:
            return
        self._looked_at = (source, options)
        self._child = child = Child(["clean", *training.source_arguments(source), *options, "--events"])
        self._reading.start(
            Job(training.look_at, child), item=self._progress, result=self._show_summary, failed=self._not_read
        )

    def _progress(self, said: Preparing) -> None:
        counted = f": {said.done:,} of {said.total:,}" if said.total > 1 else "…"
        self._say(f"{said.what.capitalize()}{counted}")
        self.bar.setRange(0, said.total if said.total > 1 else 0)
        self.bar.setValue(said.done)

    def _show_summary(self, summary: DataSummary) -> None:
        self.summary, self._child = summary, None
        self._quiet()
        if self._config is not None:
            self.view.show_summary(summary, self._config.preprocessing)
        self.changed.emit()

    def _not_read(self, error: BaseException) -> None:
        self._child = None
        self._quiet()
        self.view.clear()
        self.message.setText(self._sentence(error))
        self.message.show()
        self.changed.emit()

    def _look_options(self) -> tuple[str, ...]:
        if self._config is None:
            return ()
        look = self._config.preprocessing
        return (
            f"--aspect={look.aspect}",
            f"--sampling={look.sampling}",
            f"--side-px={look.side_px}",
            f"--split-seed={self._config.split_seed}",
        )

    def _forget(self) -> None:
        self.summary = self._looked_at = None
        self.leave()
        self._quiet()

    def _stop(self) -> None:
        self._reading.drop()
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _say(self, words: str) -> None:
        self.message.hide()
        self.state.setText(words)
        self.bar.setRange(0, 0)
        self.state.show()
        self.bar.show()

    def _quiet(self) -> None:
        for part in (self.state, self.bar, self.message):
            part.hide()

    def _lay_out(self) -> None:
        content = Column()
        side = QVBoxLayout(content)
        side.setContentsMargins(20, 14, 20, 10)
        side.setSpacing(10)
        for part in (self.choice, self.state, self.bar, self.message):
            side.addWidget(part)
        side.addStretch(1)
        scroll = QScrollArea()
        scroll.setObjectName("side")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setFixedWidth(SIDE_PX)
        scroll.setWidget(content)
        parts = QHBoxLayout(self)
        parts.setContentsMargins(0, 0, 0, 0)
        parts.setSpacing(0)
        parts.addWidget(scroll)
        around = QVBoxLayout()
        around.setContentsMargins(16, 14, 20, 10)
        around.addWidget(self.view)
        parts.addLayout(around, 1)
