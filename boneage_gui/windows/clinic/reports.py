"""File, Report: the confirmed reading as a page for people and as objects for the study."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from boneage_gui.clinic.reading import Reading
from boneage_gui.jobs import Job
from trainer.radiograph import Radiograph, shown_name

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from boneage_gui.windows.clinic.readings_desk import ReadingsDesk
    from boneage_gui.windows.radiograph_window import RadiographWindow
    from boneage_gui.work.readings import OpenedReadings

    Picture = npt.NDArray[np.uint8]

TOLD_MS = 6000
UNCONFIRMED = "A report is made of a reading. Accept or modify the bone age first."


class Reports(QObject):
    """Writes reports of the open radiograph's reading, with the picture as it is on show."""

    written = Signal(object)  # list of Path

    def __init__(self, window: RadiographWindow, desk: ReadingsDesk) -> None:
        super().__init__(window)
        self._main, self._desk = window, desk

    def ask_pdf(self) -> None:
        """Ask where the page is to lie."""
        ready = self.ready()
        if ready is not None:
            proposed = ready[1].source.with_name(f"{ready[1].source.stem}-report.pdf")
            name, _ = QFileDialog.getSaveFileName(self._main, "Save the report", str(proposed), "PDF (*.pdf)")
            if name:
                self.save_pdf(Path(name))

    def ask_dicom(self) -> None:
        """Ask for the folder of the objects."""
        ready = self.ready()
        if ready is not None:
            folder = QFileDialog.getExistingDirectory(
                self._main, "Folder for the DICOM report", str(ready[1].source.parent)
            )
            if folder:
                self.save_dicom(Path(folder))

    def save_pdf(self, path: Path) -> None:
        """Write the page."""
        ready = self.ready()
        if ready is not None:
            path = path if path.suffix.lower() == ".pdf" else path.with_name(f"{path.name}.pdf")
            self._begin(_pdf, *ready, self._main.view.snapshot_pixels(), self._desk.opened, path)

    def save_dicom(self, folder: Path) -> None:
        """Write the structured report, the picture and the page into a folder."""
        ready = self.ready()
        if ready is not None:
            self._begin(_dicom, *ready, self._main.view.snapshot_pixels(), self._desk.opened, folder)

    def ready(self) -> tuple[Reading, Radiograph] | None:
        """Return what a report is made of; says why where there is none yet."""
        reading, radiograph = self._desk.reading, self._main.radiograph
        if reading is None or radiograph is None:
            self._main.tell(UNCONFIRMED)
            return None
        return reading, radiograph

    def _begin(self, function: Callable[..., list[Path]], *args: object) -> None:
        job = Job(function, *args)
        job.result.connect(self._done)
        job.failed.connect(self._main.door.tell)
        self._main.status_line.tell("Writing the report…")
        job.ended.connect(self._main.status_line.fall_silent)
        job.begin()

    def _done(self, paths: list[Path]) -> None:
        names = ", ".join(f"“{shown_name(path)}”" for path in paths)
        self._main.status_line.tell(f"Written: {names}", for_ms=TOLD_MS)
        self.written.emit(paths)


def _pdf(
    reading: Reading, radiograph: Radiograph, picture: Picture, opened: OpenedReadings | None, path: Path
) -> list[Path]:
    from boneage_gui.work import reports as work

    return [work.save_pdf(work.make_report(reading, radiograph, picture, opened), path)]


def _dicom(
    reading: Reading, radiograph: Radiograph, picture: Picture, opened: OpenedReadings | None, folder: Path
) -> list[Path]:
    from boneage_gui.work import reports as work

    report = work.make_report(reading, radiograph, picture, opened)
    return work.save_objects(report, radiograph, folder)
