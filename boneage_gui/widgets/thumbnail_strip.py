"""The files of a folder as a strip of small pictures; asks for those that are in sight."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from boneage_gui.widgets.text import plain_tooltip
from trainer.radiograph import shown_name

THUMBNAIL_PX = 96  # side of the square a thumbnail is drawn in; logical pixels
NAME_PX = 18
GAP_PX = 6
KEPT = 600  # thumbnails held in memory; beyond that the longest unseen goes
SETTLE_MS = 40  # a scroll that goes on asks for nothing

_Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()


class _Files(QAbstractListModel):
    """Files and the thumbnails that came for them so far."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: list[Path] = []
        self.rows: dict[Path, int] = {}
        self.asked: set[Path] = set()
        self._thumbnails: OrderedDict[Path, QImage] = OrderedDict()

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.paths)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        path = self.paths[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return shown_name(path)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(f"{shown_name(path)}\nPage Down and Page Up open the next and the previous file")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{shown_name(path)}, {index.row() + 1} of {len(self.paths)}"
        return self.thumbnail(path) if role == Qt.ItemDataRole.DecorationRole else None

    def thumbnail(self, path: Path) -> QImage | None:
        """None: not there yet. A null image: the file has none."""
        image = self._thumbnails.get(path)
        if image is not None:
            self._thumbnails.move_to_end(path)
        return image

    def set_files(self, files: Sequence[Path]) -> None:
        self.beginResetModel()
        self.paths = list(dict.fromkeys(files))
        self.rows = {path: row for row, path in enumerate(self.paths)}
        self._thumbnails.clear()  # under a name that was there before may lie another patient's hand
        self.asked.clear()
        self.endResetModel()

    def set_thumbnail(self, path: Path, image: QImage) -> None:
        row = self.rows.get(path)
        if row is None:  # of a folder that was left meanwhile
            return
        self._thumbnails[path] = image
        self._thumbnails.move_to_end(path)
        self.asked.add(path)
        while len(self._thumbnails) > KEPT:
            gone, _ = self._thumbnails.popitem(last=False)
            self.asked.discard(gone)
        at = self.index(row)
        self.dataChanged.emit(at, at, [Qt.ItemDataRole.DecorationRole])


class _Tile(QStyledItemDelegate):
    """Draws a thumbnail on black with its file's name below; the shown one framed in the accent."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(THUMBNAIL_PX + 2 * GAP_PX, THUMBNAIL_PX + NAME_PX + 2 * GAP_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        style: Any = option  # its fields are made at run time and PySide's stubs lack them
        rect: QRect = style.rect
        palette: QPalette = style.palette
        chosen = bool(style.state & QStyle.StateFlag.State_Selected)
        hovered = bool(style.state & QStyle.StateFlag.State_MouseOver)
        accent = palette.color(QPalette.ColorRole.Highlight)
        box = QRect(rect.left() + (rect.width() - THUMBNAIL_PX) // 2, rect.top() + GAP_PX, *(THUMBNAIL_PX,) * 2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(box, QColor(Qt.GlobalColor.black))
        self._paint_picture(painter, box, index.data(Qt.ItemDataRole.DecorationRole))
        if chosen or hovered:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            frame = QColor(accent)
            frame.setAlphaF(1.0 if chosen else 0.45)
            pen = painter.pen()
            pen.setColor(frame)
            pen.setWidth(2)
            painter.setPen(pen)
            painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), 4, 4)
        text = QColor(accent) if chosen else palette.color(QPalette.ColorRole.WindowText)
        if not chosen:
            text.setAlphaF(0.7)
        font = painter.font()
        font.setPointSizeF(max(7.0, font.pointSizeF() * 0.85))
        painter.setFont(font)
        painter.setPen(text)
        line = QRect(box.left(), box.bottom() + 4, THUMBNAIL_PX, NAME_PX)
        name = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, THUMBNAIL_PX)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, name)
        painter.restore()

    def _paint_picture(self, painter: QPainter, box: QRect, image: QImage | None) -> None:
        if image is not None and not image.isNull():
            size = image.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect(0, 0, size.width(), size.height())
            place.moveCenter(box.center())
            painter.drawImage(place, image)
            return
        painter.setPen(QColor(120, 126, 134))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "…" if image is None else "no picture")


class ThumbnailStrip(QListView):
    """A row or column of thumbnails. What the user chooses is told, what the window marks is not."""

    chosen = Signal(object)  # Path the user chose
    needs = Signal(object)  # Path in sight whose thumbnail is wanted; asked once

    def __init__(self, parent: QWidget | None = None, *, orientation: Qt.Orientation = Qt.Orientation.Vertical) -> None:
        super().__init__(parent)
        self._files = _Files()
        self._quiet = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._ask)
        self.setModel(self._files)
        self.setItemDelegate(_Tile(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Files of the folder")
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.verticalScrollBar().valueChanged.connect(self._wait_for_rest)
        self.horizontalScrollBar().valueChanged.connect(self._wait_for_rest)
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.set_orientation(orientation)

    def set_orientation(self, orientation: Qt.Orientation) -> None:
        """A column beside the radiograph, or a row below it."""
        upright = orientation == Qt.Orientation.Vertical
        self.setFlow(QListView.Flow.TopToBottom if upright else QListView.Flow.LeftToRight)
        bar, off = Qt.ScrollBarPolicy.ScrollBarAsNeeded, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(bar if upright else off)
        self.setHorizontalScrollBarPolicy(off if upright else bar)
        wide, high = THUMBNAIL_PX + 2 * GAP_PX + 14, THUMBNAIL_PX + NAME_PX + 2 * GAP_PX + 14
        unlimited = 16_777_215  # Qt's QWIDGETSIZE_MAX
        self.setMinimumSize(wide if upright else 0, 0 if upright else high)
        self.setMaximumSize(wide if upright else unlimited, unlimited if upright else high)

    def set_files(self, files: Sequence[Path]) -> None:
        """Show these files in this order; thumbnails of files that stay are kept."""
        self._quiet = True
        self._files.set_files(files)
        self._quiet = False
        self._settle.start()

    def files(self) -> list[Path]:
        """The files shown, in order."""
        return list(self._files.paths)

    def set_current(self, path: Path | None) -> None:
        """Mark the file that is shown and bring it into sight; None, or a file not here, marks none."""
        row = None if path is None else self._files.rows.get(path)
        self._quiet = True
        self.setCurrentIndex(QModelIndex() if row is None else self._files.index(row))
        if row is None:
            self.clearSelection()
        else:
            self.scrollTo(self._files.index(row))
        self._quiet = False

    def mark(self, path: Path) -> None:
        """Mark the file that is shown, and stand where the last step led: the next goes on from there.

        Or a file that cannot be read would hold up whoever walks through the folder by key.
        """
        row = self._files.rows.get(path)
        if row is None:
            self.clearSelection()
        elif self.currentIndex().isValid():
            self.selectionModel().select(self._files.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect)
        else:
            self.set_current(path)

    def current(self) -> Path | None:
        """The file that the next step starts from; the marked one, but after a file that could not be read."""
        index = self.currentIndex()
        return self._files.paths[index.row()] if index.isValid() else None

    def set_thumbnail(self, path: Path, image: QImage) -> None:
        """A thumbnail that came; a null image where the file has none. Files no longer here are ignored."""
        self._files.set_thumbnail(path, image)

    def next(self) -> Path | None:
        """The file after the marked one, the first when none is; None at the end. Marks nothing."""
        return self._neighbour(1)

    def previous(self) -> Path | None:
        """The file before the marked one, the last when none is; None at the start. Marks nothing."""
        return self._neighbour(-1)

    def sizeHint(self) -> QSize:
        """Several thumbnails long."""
        return QSize(self.minimumWidth() or 640, self.minimumHeight() or 640)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The tiles; a frame about them says that keys go here."""
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self.viewport())
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))
            painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Others come into sight."""
        super().resizeEvent(event)
        self._settle.start()

    def showEvent(self, event: QShowEvent) -> None:
        """A hidden strip asks for nothing."""
        super().showEvent(event)
        self._settle.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Page Up and Page Down stay the window's, which opens the neighbours with them."""
        if event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _neighbour(self, step: int) -> Path | None:
        index, paths = self.currentIndex(), self._files.paths
        row = index.row() + step if index.isValid() else (0 if step > 0 else len(paths) - 1)
        return paths[row] if 0 <= row < len(paths) else None

    def _current_changed(self, index: QModelIndex, _before: QModelIndex) -> None:
        if not self._quiet and index.isValid():
            self.chosen.emit(self._files.paths[index.row()])

    def _wait_for_rest(self, _value: int) -> None:
        self._settle.start()  # not connected directly: start would take the bar's value for milliseconds

    def _ask(self) -> None:
        """Want the thumbnails that are in sight and not yet asked for."""
        if not self.isVisible():
            return
        sight = self.viewport().rect()
        first = self.indexAt(sight.topLeft() + QPoint(2, 2))
        row = first.row() if first.isValid() else 0
        while row < len(self._files.paths):
            if not self.visualRect(self._files.index(row)).intersects(sight):
                break
            path = self._files.paths[row]
            if path not in self._files.asked:
                self._files.asked.add(path)
                self.needs.emit(path)
            row += 1
