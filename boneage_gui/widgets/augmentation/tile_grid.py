"""The lab's pictures as a grid, or as a strip of one row: a list that keys walk through and screen readers read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from boneage_gui.widgets.augmentation.face import CAPTION_PX, GAP, PAD, Age, Face, Shape, age_words, paint_face
from boneage_gui.widgets.text import plain_tooltip

LEAST_SIDE_PX, MOST_SIDE_PX = 96, 640
MOST_SPARE_PX = 60

_Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()


class _Faces(QAbstractListModel):
    """The faces on show."""

    def __init__(self) -> None:
        super().__init__()
        self.faces: list[Face] = []

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.faces)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        face = self.faces[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return face.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return face.words
        if role == Qt.ItemDataRole.ToolTipRole:
            ages = [age_words(age) for age in face.ages if age is not None]
            return plain_tooltip("\n".join([face.title, *face.lines, *ages]))
        return None


class _Painter(QStyledItemDelegate):
    """Draws a face in its cell."""

    def __init__(self, grid: TileGrid) -> None:
        super().__init__(grid)
        self._grid = grid

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return self._grid.gridSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        style: Any = option  # its fields are made at run time and PySide's stubs lack them
        chosen = bool(style.state & QStyle.StateFlag.State_Selected)
        painter.save()
        at = QPointF(style.rect.topLeft())
        paint_face(painter, self._grid.faces[index.row()], self._grid.shape_px, at, chosen=chosen)
        painter.restore()


class TileGrid(QListView):
    """Shows faces; as large as they all fit, or of a side that the user chose."""

    opened = Signal(int)  # number of the picture the user wants to see large
    selected = Signal(int)  # number of the picture that is marked now

    def __init__(self, name: str, parent: QWidget | None = None, *, one_row: bool = False) -> None:
        super().__init__(parent)
        self._model = _Faces()
        self._one_row = one_row
        self._side: int | None = None
        self._bands = 0
        self.shape_px = Shape(side=LEAST_SIDE_PX, bands=0, beside=not one_row)
        self.setModel(self._model)
        self.setItemDelegate(_Painter(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setWrapping(not one_row)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.activated.connect(lambda index: self.opened.emit(index.row()))
        self.selectionModel().currentChanged.connect(self._marked)

    @property
    def faces(self) -> list[Face]:
        """The faces on show."""
        return self._model.faces

    def show_captions(self, titled: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        """Show new numbers, before their pictures are there; those before stay, paler."""
        old = self.faces
        fresh = [
            Face(title=title, lines=lines, picture=old[row].picture if row < len(old) else QImage())
            for row, (title, lines) in enumerate(titled)
        ]
        if len(fresh) == len(old):
            self._model.faces = fresh
            self._tell_all()
        else:
            self._model.beginResetModel()
            self._model.faces = fresh
            self._model.endResetModel()
        self._fit()

    def show_picture(self, number: int, picture: QImage) -> None:
        """A picture that came."""
        self._change(number, replace(self.faces[number], picture=picture, fresh=True))

    def show_age(self, number: int, model: int, age: Age | None) -> None:
        """A model's answer that came, or that there is none any more."""
        face = self.faces[number]
        ages = [*face.ages, *(None for _ in range(model + 1 - len(face.ages)))]
        ages[model] = age
        self._change(number, replace(face, ages=tuple(ages)))

    def forget_ages(self) -> None:
        """No model has answered yet."""
        self._model.faces = [replace(face, ages=()) for face in self.faces]
        self._tell_all()

    def set_bands(self, bands: int) -> None:
        """Keep room for as many models' ages."""
        if bands != self._bands:
            self._bands = bands
            self._fit()

    def set_side(self, side_px: int | None) -> None:
        """Side of a picture; None: as large as all fit."""
        self._side = side_px
        self._fit()

    def mark(self, number: int) -> None:
        """Mark a picture and bring it into sight."""
        index = self._model.index(number)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    @property
    def marked(self) -> int | None:
        """Number of the marked picture."""
        index = self.currentIndex()
        return index.row() if index.isValid() else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other sizes fit."""
        super().resizeEvent(event)
        self._fit()

    def _marked(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid():
            self.selected.emit(index.row())

    def _change(self, number: int, face: Face) -> None:
        self._model.faces[number] = face
        at = self._model.index(number)
        self._model.dataChanged.emit(at, at)

    def _tell_all(self) -> None:
        if not self.faces:
            return
        self._model.dataChanged.emit(self._model.index(0), self._model.index(len(self.faces) - 1))

    def _fit(self) -> None:
        room = self.viewport().size()
        count = max(1, len(self.faces))
        if self._one_row:
            side = room.height() - Shape(side=0, bands=self._bands, beside=False).height
            self.shape_px = Shape(side=max(48, side), bands=self._bands, beside=False)
            cell = QSize(max(self.shape_px.width, min(room.width() // count, 2 * self.shape_px.width)), room.height())
        elif self._side is not None:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
            self.shape_px = Shape(side=self._side, bands=self._bands)
            cell = QSize(self.shape_px.width, self.shape_px.height)
        else:
            room = self.maximumViewportSize()
            side, columns = fitting(count, room.width(), room.height(), bands=self._bands)
            # Where Qt may need a bar it keeps room for one, and a row that just fits would lose its last picture.
            all_fit = Shape(side=side, bands=self._bands).height * -(-count // columns) <= room.height()
            bar = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if all_fit else Qt.ScrollBarPolicy.ScrollBarAsNeeded
            self.setVerticalScrollBarPolicy(bar)
            frame = Shape(side=side, bands=self._bands)
            spare = room.height() // -(-count // columns) - frame.height
            self.shape_px = replace(frame, spare=min(MOST_SPARE_PX, max(0, spare)))
            cell = QSize(max(self.shape_px.width, (room.width() - 2) // columns), self.shape_px.height)
        if cell != self.gridSize():
            self.setGridSize(cell)
        self.viewport().update()


def fitting(count: int, width: int, height: int, *, bands: int) -> tuple[int, int]:
    """Side and columns at which ``count`` pictures are largest in a room; the least side where not all fit."""
    frame = Shape(side=0, bands=bands)
    best = (0, 1)
    for columns in range(1, count + 1):
        rows = -(-count // columns)
        side = min(width // columns - frame.width - 1, height // rows - frame.height)
        best = max(best, (side, columns))
    if best[0] >= LEAST_SIDE_PX:
        return min(best[0], MOST_SIDE_PX), best[1]
    return LEAST_SIDE_PX, max(1, (width - 2) // (2 * PAD + LEAST_SIDE_PX + GAP + CAPTION_PX))
