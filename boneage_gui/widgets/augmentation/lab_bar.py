"""The lab's controls: how many pictures and how large, seed, case, the second model, stop, copy, save."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QWidget,
)

from boneage_gui.widgets.augmentation.tile_grid import LEAST_SIDE_PX
from boneage_gui.work.augmenting import FEWEST, MOST

NO_SECOND = "no second model"
LARGEST_SEED = 2**31 - 1
LARGEST_PX = 400
TYPING_MS = 300
CASE_TIP = (
    "The case’s id as the table of the training writes it, with the file’s ending or without: the pictures differ. "
    "At first the file’s name without it"
)


class LabBar(QFrame):
    """One row of controls; each tells what the user asks for."""

    count_changed = Signal(int)
    side_changed = Signal(object)  # px, or None: as large as all fit
    seed_changed = Signal(int)
    case_changed = Signal(str)
    second_chosen = Signal(str)  # a model's name; empty: none
    open_model_wanted = Signal()
    stop_wanted = Signal()
    copy_wanted = Signal()
    save_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bar")
        self.count = QSpinBox()
        self.count.setRange(FEWEST, MOST)
        self.count.setFixedWidth(46)
        _name(self.count, "Pictures", f"How many pictures, {FEWEST} to {MOST}; the first is the original")
        self.fit = QCheckBox("Fit")
        self.fit.setChecked(True)
        _name(self.fit, "Fit all pictures", "As large as all of them fit into the window")
        self.size_px = QSlider(Qt.Orientation.Horizontal)
        self.size_px.setRange(LEAST_SIDE_PX, LARGEST_PX)
        self.size_px.setFixedWidth(84)
        _name(self.size_px, "Size of a picture", "Size of each picture; the grid then scrolls")
        self.seed = QSpinBox()
        self.seed.setRange(0, LARGEST_SEED)
        self.seed.setFixedWidth(92)
        _name(self.seed, "Seed", "The seed of a training: the same seed, recipe and case give the same pictures there")
        self.again = _button("Draw again", "Draw with the next seed (Ctrl+R)")
        self.case = QComboBox()
        self._typed_case = QLineEdit()
        self.case.setLineEdit(self._typed_case)
        self.case.setCompleter(None)  # type: ignore[arg-type]  # it would make another id of the letters typed
        self.case.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.case.setFixedWidth(124)
        for part in (self.case, self._typed_case):
            _name(part, "Case", CASE_TIP)
        self.second = QComboBox()
        self._second = ""  # the one that is chosen
        self.second.setMinimumWidth(150)
        _name(self.second, "Second model", "A second model whose answers stand under the first one’s")
        self.stop = _button("Stop", "Want no more of what is being computed (Ctrl+.)")
        self.copy = _button("Copy", "Copy the grid as a picture to the clipboard (Ctrl+C)")
        self.save = _button("Save…", "Save the grid with its captions as PNG (Ctrl+S)")
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._lay_out()
        self._wire()
        self.offer_models([])

    def offer_models(self, names: Sequence[str]) -> None:
        """List the models that can stand beside the one in use."""
        chosen = self.second.currentData()
        self.second.blockSignals(True)
        self.second.clear()
        self.second.addItem(NO_SECOND, "")
        for name in names:
            self.second.addItem(name, name)
        self.second.addItem("Open a model file…", None)
        self.second.setCurrentIndex(max(0, self.second.findData(chosen)) if chosen else 0)
        self.second.blockSignals(False)

    def show_second(self, name: str) -> None:
        """Show which second model is chosen; a file's name is added."""
        self._second = name
        if name and self.second.findData(name) < 0:
            self.second.insertItem(self.second.count() - 1, name, name)
        self.second.setCurrentIndex(self.second.findData(name))

    def show_case(self, *case_ids: str) -> None:
        """Another radiograph: the ids that its case may have, the likeliest first; nothing is told."""
        self.case.blockSignals(True)
        self.case.clear()
        self.case.addItems(list(dict.fromkeys(case_ids)))
        self._typed_case.setCursorPosition(0)
        self.case.blockSignals(False)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 14, 8)
        row.setSpacing(7)
        groups: tuple[tuple[str, tuple[QWidget, ...]], ...] = (
            ("Pictures", (self.count, self.size_px, self.fit)),
            ("Seed", (self.seed, self.again)),
            ("Case", (self.case,)),
            ("Compare with", (self.second,)),
        )
        for title, parts in groups:
            text = QLabel(title)
            text.setProperty("rank", "muted")
            text.setBuddy(parts[0])
            row.addWidget(text)
            for part in parts:
                row.addWidget(part)
            row.addSpacing(8)
        row.addStretch(1)
        for button in (self.stop, self.copy, self.save):
            row.addWidget(button)

    def _wire(self) -> None:
        self.count.valueChanged.connect(self.count_changed)
        self.fit.toggled.connect(lambda fits: self.side_changed.emit(None if fits else self.size_px.value()))
        self.size_px.valueChanged.connect(self._sized)
        self.seed.valueChanged.connect(self.seed_changed)
        self.again.clicked.connect(self.next_seed)
        self._typing.timeout.connect(lambda: self.case_changed.emit(self.case.currentText()))
        self.case.currentTextChanged.connect(lambda _text: self._typing.start())
        self.second.activated.connect(self._choose_second)
        self.stop.clicked.connect(self.stop_wanted)
        self.copy.clicked.connect(self.copy_wanted)
        self.save.clicked.connect(self.save_wanted)

    def next_seed(self) -> None:
        """Draw again: the next seed, which can be typed to come back."""
        self.seed.setValue((self.seed.value() + 1) % (LARGEST_SEED + 1))

    def _sized(self, side_px: int) -> None:
        if self.fit.isChecked():
            self.fit.setChecked(False)  # tells the side too
        else:
            self.side_changed.emit(side_px)

    def _choose_second(self, _row: int) -> None:
        name = self.second.currentData()
        if name is None:
            self.show_second(self._second)  # until a file is chosen, should one be
            self.open_model_wanted.emit()
        else:
            self._second = name
            self.second_chosen.emit(name)


def _name(widget: QWidget, name: str, tip: str) -> None:
    widget.setAccessibleName(name)
    widget.setToolTip(tip)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    _name(button, text.rstrip("…"), tip)
    return button
