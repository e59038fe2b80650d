"""Choose labelled radiographs: a folder or a table, dropped or chosen; the meaning of its columns; a fixed split."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from boneage_gui.errors import log, sentence
from boneage_gui.jobs import Job, NewestOnly
from boneage_gui.widgets.data_choice.column_choice import ColumnChoice, heading
from boneage_gui.widgets.data_choice.path_line import PathLine
from boneage_gui.widgets.marks import mark
from boneage_gui.widgets.text import label
from boneage_gui.work.tables import columns_of
from trainer.columns import Columns
from trainer.data_source import DataSource
from trainer.errors import BoneAgeError

if TYPE_CHECKING:
    from trainer.table import TableColumns

TABLES: Final = "Tables (*.csv *.tsv *.xlsx *.xlsm);;All files (*)"
SPLITS: Final = "Splits (*.csv)"
NOTHING: Final = "Choose the folder or the table of the radiographs."
READING: Final = "Reading the table…"
HINT: Final = (
    "A folder in the layout of the RSNA’s bone age set, or a table (CSV, Excel) of any columns. It can be dropped here."
)


class DataChoice(QWidget):
    """Makes a DataSource; ``problem`` says what is still missing."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Radiographs to train on")
        self.setAcceptDrops(True)
        self.problem = NOTHING
        self._jobs = NewestOnly(self)
        self._wanted: Columns | None = None  # columns to be chosen once the table was read
        self._description = ""
        self.data = PathLine(
            "Radiographs", "The folder or the table of the radiographs", ask=_ask_folder, placeholder="no folder yet"
        )
        self.data.button.setText("Choose &folder…")
        self.table_button = QPushButton("Choose &table…")
        self.table_button.setToolTip("Choose a CSV or Excel table of radiographs and their ages")
        self.table_button.clicked.connect(self._ask_table)
        self.columns = ColumnChoice()
        self.pictures = PathLine(
            "Folder of the pictures",
            "Where the pictures lie, folders within it included, when not beside the table",
            ask=_ask_folder,
            placeholder="beside the table",
        )
        self.split = PathLine(
            "Fixed split",
            "A CSV with the columns id and part: training, validation or test",
            ask=_ask_split,
            placeholder="80 / 10 / 10, drawn by age and sex",
        )
        self._message = label(rank="wrong")
        self._lay_out()
        self.data.changed.connect(lambda: self.choose(self.data.path()))
        self.columns.sheet_chosen.connect(self._read)
        for signal in (self.columns.changed, self.pictures.changed, self.split.changed):
            signal.connect(self._judge)
        self._judge()

    def source(self) -> DataSource | None:
        """What was chosen; None while ``problem`` says what is missing."""
        path = self.data.path()
        if self.problem or path is None:
            return None
        return DataSource(
            data=path,
            columns=self.columns.columns(),
            pictures=self.pictures.path(),
            split=self.split.path(),
            description=self._description,
        )

    def set_source(self, source: DataSource) -> None:
        """Show the choices of an earlier run."""
        self.pictures.show_path(source.pictures)
        self.split.show_path(source.split)
        self._description = source.description
        self._wanted = source.columns
        self._take(source.data, source.columns.sheet)

    def choose(self, path: Path | None) -> None:
        """Take a folder or a table, as if it had been chosen in a dialog."""
        self._wanted, self._description = None, ""
        self._take(path)

    def leave(self) -> None:
        """Read nothing more."""
        self._jobs.drop()

    def restyle(self) -> None:
        """Draw the signs in the theme's colours again."""
        for line in (self.data, self.pictures, self.split):
            line.restyle()

    # -- the table is read in a job

    def _take(self, path: Path | None, sheet: str | None = None) -> None:
        self.data.show_path(path)
        self.columns.clear()
        if path is None:
            self._jobs.drop()
            self._say(NOTHING)
        else:
            self._read(sheet)

    def _read(self, sheet: str | None) -> None:
        self._say(READING)
        self._jobs.start(Job(columns_of, self.data.path(), sheet or None), result=self._show, failed=self._refuse)

    def _show(self, table: TableColumns) -> None:
        self.columns.show_table(table, self._wanted)
        self._wanted = None
        self._judge()

    def _refuse(self, error: BaseException) -> None:
        if not isinstance(error, BoneAgeError):
            log.error("a table could not be read", exc_info=(type(error), error, error.__traceback__))
        self.columns.clear()
        self._say(sentence(error))

    def _judge(self) -> None:
        if self.data.path() is None:
            self._say(NOTHING)
        elif self.columns.isEnabled():
            missing = [path for path in (self.pictures.path(), self.split.path()) if path and not path.exists()]
            self._say(f"There is nothing at {missing[0]}." if missing else self.columns.problem)

    def _say(self, problem: str) -> None:
        self.problem = problem
        self._message.setText("" if problem == NOTHING else problem)
        mark(self._message, "rank", "small" if problem == READING else "wrong")
        self.changed.emit()

    # -- drag and drop

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and folders of this computer are welcome."""
        if _paths(event.mimeData()):
            event.acceptProposedAction()
            self._over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Thought better of it."""
        self._over(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """A table or a folder; a table and a folder together: the table, and the folder of its pictures."""
        self._over(False)
        event.acceptProposedAction()
        paths = sorted(_paths(event.mimeData()), key=lambda path: path.is_dir())
        if len(paths) > 1 and paths[-1].is_dir() and not paths[0].is_dir():
            self.pictures.show_path(paths[-1])
        self.choose(paths[0])

    def _over(self, over: bool) -> None:
        mark(self._area, "over", over)

    # -- layout

    def _ask_table(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Table of the radiographs", "", TABLES)
        if name:
            self.choose(Path(name))

    def _lay_out(self) -> None:
        self._area = QFrame()
        self._area.setObjectName("dropArea")
        area = QVBoxLayout(self._area)
        area.setContentsMargins(14, 12, 14, 12)
        area.setSpacing(8)
        area.addWidget(label(HINT, rank="muted"))
        area.addWidget(self.data)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.data.button, 1)
        row.addWidget(self.table_button, 1)
        area.addLayout(row)
        more = QGridLayout()
        more.setHorizontalSpacing(8)
        more.setVerticalSpacing(6)
        more.setColumnMinimumWidth(0, 84)
        for number, (caption, line) in enumerate((("Pictures in", self.pictures), ("Fixed split", self.split))):
            words = QLabel(caption)
            words.setBuddy(line)
            more.addWidget(words, number, 0)
            more.addWidget(line, number, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._area)
        column.addWidget(self._message)
        column.addSpacing(4)
        column.addWidget(heading("COLUMNS OF THE TABLE"))
        column.addWidget(self.columns)
        column.addSpacing(6)
        column.addWidget(heading("IF NEEDED"))
        column.addLayout(more)
        column.addStretch(1)


def _paths(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def _ask_folder(parent: QWidget) -> str:
    return QFileDialog.getExistingDirectory(parent, "Folder of radiographs")


def _ask_split(parent: QWidget) -> str:
    return QFileDialog.getOpenFileName(parent, "Fixed split", "", SPLITS)[0]
