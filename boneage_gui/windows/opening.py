"""From paths to radiographs: which files are open, the one being read, their thumbnails."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, QObject, QTimer, Signal
from PySide6.QtGui import QImage

from boneage_gui import work
from boneage_gui.jobs import Job, NewestOnly
from trainer.radiograph import Radiograph

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from boneage_gui.work.levels import Levels

GATHER_MS = 30  # thumbnails asked for within this time are made by one job


class Opening(QObject):
    """Keeps the list of files and reads the newest one asked for; older answers are dropped."""

    files_changed = Signal(object)  # list[Path]
    reading = Signal(object)  # Path, its job has begun
    readied = Signal(object, object)  # Radiograph, Levels: it can be drawn; then it is opened
    opened = Signal(object)  # Radiograph
    failed = Signal(object, object)  # Path, the exception
    broke = Signal(object)  # the exception, a bug, that ended the making of thumbnails
    thumbnail_made = Signal(object, object)  # Path, QImage; a null image where the file cannot be read

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.files: list[Path] = []
        self._before: list[Path] = []  # the list that a single file has replaced, until that file is read
        self.current: Path | None = None
        self._listing = NewestOnly(self)
        self._reading = NewestOnly(self)
        self._read_in_vain = threading.Event()  # tells the newest reading that another took its place
        self._sketched_in_vain = threading.Event()
        self._sketching = NewestOnly(self)
        self._wanted: list[Path] = []
        self._sketch_running = False
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(GATHER_MS)
        self._gather.timeout.connect(self._sketch)

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open files and folders: the list becomes theirs, the first file is read."""
        if paths:
            job = Job(_list_files, list(paths))
            first = paths[0]
            self._listing.start(job, result=self._listed, failed=lambda error: self.failed.emit(first, error))

    def show(self, path: Path) -> None:
        """Read one file of the list."""
        self.reading.emit(path)
        self._read_in_vain.set()
        self._read_in_vain = threading.Event()
        self._reading.start(
            Job(work.read_to_show, path, unwanted=self._read_in_vain.is_set),
            result=lambda shown: self._read(path, *shown),
            failed=lambda error: self._not_read(path, error),
        )

    def want_thumbnail(self, path: Path) -> None:
        """Ask for a thumbnail; it comes through ``thumbnail_made`` when its turn is there."""
        if path not in self._wanted:
            self._wanted.append(path)
            if not self._sketch_running:
                self._gather.start()

    def forget(self) -> None:
        """Ask for nothing more; what runs is not heard."""
        self._gather.stop()
        self._wanted.clear()
        self._read_in_vain.set()
        self._sketched_in_vain.set()
        for place in (self._listing, self._reading, self._sketching):
            place.drop()

    @property
    def thumbnails_pending(self) -> bool:
        """Whether thumbnails that were asked for are still to come."""
        return bool(self._wanted) or self._sketch_running

    def _listed(self, files: list[Path]) -> None:
        self._sketched_in_vain.set()
        self._sketching.drop()
        self._sketch_running = False
        self._wanted.clear()
        self._before = self.files if len(files) == 1 else []
        self._take(files)
        self.show(files[0])

    def _take(self, files: list[Path]) -> None:
        self.files = files
        self.files_changed.emit(files)

    def _read(self, path: Path, radiograph: Radiograph, levels: Levels) -> None:
        self.current, self._before = path, []
        self.readied.emit(radiograph, levels)
        self.opened.emit(radiograph)

    def _not_read(self, path: Path, error: BaseException) -> None:
        if self._before:  # one file that came to nothing takes no folder away
            before, self._before = self._before, []
            self._take(before)
        self.failed.emit(path, error)

    def _sketch(self) -> None:
        batch, self._wanted = self._wanted, []
        if not batch:
            return
        self._sketch_running = True
        self._sketched_in_vain = threading.Event()
        self._sketching.start(
            Job(work.thumbnails, batch, unwanted=self._sketched_in_vain.is_set),
            item=self._sketched_one,
            result=self._sketched_all,
            failed=self._sketch_broke,
        )

    def _sketched_one(self, made: tuple[Path, npt.NDArray[np.uint8] | None]) -> None:
        from boneage_gui.images import grey_image

        path, pixels = made
        self.thumbnail_made.emit(path, QImage() if pixels is None else grey_image(pixels))

    def _sketch_broke(self, error: BaseException) -> None:
        self.broke.emit(error)
        self._sketched_all(None)

    def _sketched_all(self, _outcome: Any) -> None:
        self._sketch_running = False
        if self._wanted:
            self._gather.start()


def _list_files(paths: list[Path]) -> list[Path]:
    """Files of files and folders, each once, in the order given."""
    found: list[Path] = []
    for path in paths:
        # os.path: where a name is too long for a folder to be asked, reading it will say so
        found.extend(work.radiographs_in(path) if os.path.isdir(path) else [path])
    return list(dict.fromkeys(found))


def dropped_paths(data: QMimeData) -> list[Path]:
    """Local files and folders of a drag."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
