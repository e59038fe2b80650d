"""The training as it goes: how far it is, its curves, its facts, its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from boneage_gui.training import TrainingDesk
from boneage_gui.widgets.live_curves import LiveCurves
from boneage_gui.widgets.run_facts import RunFacts
from boneage_gui.widgets.run_log import RunLog
from boneage_gui.widgets.text import label
from boneage_gui.windows.training import progress
from boneage_gui.work.time_left import time_left

if TYPE_CHECKING:
    from trainer.events import Preparing
    from trainer.history import History

FACTS_PX = 350
NO_RUN = "No training yet"


class RunPage(QWidget):
    """Draws what the desk tells; nothing of it is lost while the window is closed."""

    def __init__(self, desk: TrainingDesk) -> None:
        super().__init__()
        self._desk = desk
        self.headline = label(NO_RUN, rank="state")
        self.message = label(rank="caution", selectable=True)
        self.message.hide()
        self.curves = LiveCurves()
        self.facts = RunFacts()
        self.log = RunLog()
        self._lay_out()
        self.curves.told.connect(self.log.say)
        desk.state_changed.connect(lambda _state: self._show_progress())
        desk.preparing.connect(self._preparing)
        desk.changed.connect(self._changed)
        desk.failed.connect(self._failed)
        desk.ended.connect(self._ended)

    def begin(self) -> None:
        """Another run is at hand: nothing of the one before stays."""
        self.message.hide()
        self.log.clear()
        self.curves.clear()
        self.facts.clear()
        self._show_progress()

    def show_history(self, history: History) -> None:
        """Show a run as it lies on the disk."""
        self.message.hide()
        self._changed(history)

    def restyle(self) -> None:
        """Follow the theme."""
        self.curves.restyle()

    def _preparing(self, said: Preparing) -> None:
        history = self._desk.history  # of a run that goes on
        self.facts.show_preparing(said, done=history.headway.share if history is not None else 0.0)
        self._show_progress()

    def _changed(self, history: History) -> None:
        self.curves.show_history(history)
        self.facts.show_history(history, time_left(history))
        self.log.show_history(history)
        self._show_progress()

    def _failed(self, sentence: str) -> None:
        self.message.setText(sentence)
        self.message.show()
        self.log.say(sentence)

    def _ended(self, history: History | None) -> None:
        if history is not None:
            self._changed(history)
        else:  # no run was begun
            self.curves.clear()
            self.facts.clear()
        self._show_progress()

    def _show_progress(self) -> None:
        self.headline.setText(progress.words(self._desk) or NO_RUN)

    def _lay_out(self) -> None:
        upper = QHBoxLayout()
        upper.setSpacing(16)
        upper.addWidget(self.curves, 1)
        self.facts.setFixedWidth(FACTS_PX)
        upper.addWidget(self.facts)
        above = QWidget()
        above.setLayout(upper)
        upper.setContentsMargins(0, 0, 0, 8)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        parts.addWidget(above)
        parts.addWidget(self.log)
        parts.setStretchFactor(0, 1)
        parts.setSizes([480, 120])
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 14, 20, 10)
        column.setSpacing(8)
        column.addWidget(self.headline)
        column.addWidget(self.message)
        column.addWidget(parts, 1)
