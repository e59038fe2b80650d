"""Past runs: a list, the curves of those chosen over each other, and what can be done with one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal, SignalInstance
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from boneage_gui import settings
from boneage_gui.jobs import Job, NewestOnly
from boneage_gui.widgets.buttons import push_button
from boneage_gui.widgets.figure_view import FigureView
from boneage_gui.widgets.run_facts import of_cases
from boneage_gui.widgets.text import label
from boneage_gui.windows.training.progress import STATE_WORDS
from boneage_gui.work import past_runs

if TYPE_CHECKING:
    from boneage_gui.work.past_runs import PastRun
    from trainer.history import History

COLUMNS = ("Run", "Model", "State", "Epochs", "Best MAE, months (validation)", "When")
CHOOSE = "Choose one run to see its curves, two or more to see them over each other."
AGAIN = "Open the form with this run's choices and radiographs, for a run of its own"
AGAIN_LOST = "The radiographs of this run are no longer where they were"
NONE_YET = "No training was begun on this computer yet."


class RunsPage(QWidget):
    """The runs of this computer's user."""

    resume_wanted = Signal(object)  # History
    discard_wanted = Signal(object)
    show_wanted = Signal(object)
    use_wanted = Signal(object)
    again_wanted = Signal(object, object)  # TrainingConfig and DataSource of a run
    failed = Signal(object)  # the exception

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[PastRun] = []
        self._desk_busy = False
        self._reading = NewestOnly(self)
        self.table = QTableWidget(0, len(COLUMNS))
        self.figure = FigureView("Curves of the chosen runs")
        self.message = label(CHOOSE, rank="muted")
        self.show_button = push_button("&Open", "Show this run's curves and verdict")
        self.resume_button = push_button("&Resume", "Go on with this run where it stopped")
        self.use_button = push_button("&Use this model…", "See this run's verdict, and use its model")
        self.again_button = push_button("&Train again with these choices…", AGAIN)
        self.folder_button = push_button("Open &folder", "Show this run's folder in the file manager")
        self.discard_button = push_button("&Discard…", "Delete this run and all it has learned")
        self._lay_out()
        self.table.itemSelectionChanged.connect(self._selected)
        self.table.itemDoubleClicked.connect(lambda _item: self.show_button.click())
        for button, signal in (
            (self.show_button, self.show_wanted),
            (self.resume_button, self.resume_wanted),
            (self.use_button, self.use_wanted),
            (self.discard_button, self.discard_wanted),
        ):
            button.clicked.connect(partial(self._emit, signal))
        self.again_button.clicked.connect(self._want_again)
        self.folder_button.clicked.connect(self._open_folder)
        self._selected()

    def refresh(self, *, desk_busy: bool) -> None:
        """Read the runs again."""
        self._desk_busy = desk_busy
        self._reading.start(
            Job(past_runs.past_runs, settings.runs_folder()), result=self._fill, failed=self.failed.emit
        )

    def leave(self) -> None:
        """Ask for nothing more."""
        self._reading.drop()

    def chosen(self) -> list[History]:
        """The runs that are chosen, in the order of the list."""
        return [run.history for run in self._chosen()]

    def choose(self, *names: str) -> None:
        """Choose runs by their names."""
        self.table.clearSelection()
        for row, run in enumerate(self.runs):
            if run.history.name in names:
                for column in range(len(COLUMNS)):
                    item = self.table.item(row, column)
                    if item is not None:
                        item.setSelected(True)

    def _chosen(self) -> list[PastRun]:
        rows = sorted({index.row() for index in self.table.selectedIndexes()})
        return [self.runs[row] for row in rows if row < len(self.runs)]

    def _fill(self, runs: list[PastRun]) -> None:
        before = [history.name for history in self.chosen()]
        self.runs = runs
        self.table.setRowCount(len(runs))
        for row, run in enumerate(runs):
            for column, text in enumerate(row_of(run)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                if column in (3, 4):
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, item)
        self.choose(*before)
        self._selected()

    def _selected(self) -> None:
        chosen = self.chosen()
        one = chosen[0] if len(chosen) == 1 else None
        source = self._chosen()[0].source if one is not None else None
        idle = one is not None and one.state != "running"
        self.show_button.setEnabled(one is not None)
        self.folder_button.setEnabled(one is not None)
        self.resume_button.setEnabled(one is not None and one.can_resume and not self._desk_busy)
        self.use_button.setEnabled(one is not None and idle and one.best is not None)
        self.again_button.setEnabled(source is not None and not self._desk_busy)
        self.again_button.setToolTip(AGAIN if one is None or source is not None else AGAIN_LOST)
        self.discard_button.setEnabled(idle)
        self.message.setText(CHOOSE if self.runs else NONE_YET)
        if chosen:
            self.figure.show_figure(
                partial(past_runs.draw_overlay, histories=tuple(chosen)),
                description="Mean absolute error and loss of " + ", ".join(history.name for history in chosen),
            )
        else:
            self.figure.clear(CHOOSE if self.runs else NONE_YET)

    def _emit(self, signal: SignalInstance) -> None:
        chosen = self.chosen()
        if len(chosen) == 1:
            signal.emit(chosen[0])

    def _want_again(self) -> None:
        for run in self._chosen():
            self.again_wanted.emit(run.history.config, run.source)

    def _open_folder(self) -> None:
        for history in self.chosen():
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(history.folder)))

    def _lay_out(self) -> None:
        self.table.setHorizontalHeaderLabels(list(COLUMNS))
        self.table.verticalHeader().hide()
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setAccessibleName("Past runs")
        self.table.setToolTip("Ctrl+click chooses several runs")
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.message, 1)
        for button in (
            self.discard_button,
            self.folder_button,
            self.use_button,
            self.again_button,
            self.resume_button,
            self.show_button,
        ):
            buttons.addWidget(button)
        above = QWidget()
        upper = QVBoxLayout(above)
        upper.setContentsMargins(0, 0, 0, 8)
        upper.setSpacing(10)
        upper.addWidget(self.table, 1)
        upper.addLayout(buttons)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(above)
        parts.addWidget(self.figure)
        parts.setChildrenCollapsible(False)
        parts.setSizes([300, 330])
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 14, 20, 10)
        column.addWidget(parts)


def row_of(run: PastRun) -> tuple[str, ...]:
    """What the list says of a run."""
    history = run.history
    headway, mae_months = history.headway, history.model_mae_months
    return (
        history.name,
        history.config.model,
        STATE_WORDS[history.state],
        f"{headway.epochs_done} of {headway.epochs}{headway.of_member}",
        f"{mae_months:.2f}{of_cases(history)}" if mae_months is not None else "–",
        f"{run.when:%Y-%m-%d %H:%M}",
    )
