"""File, Report: the confirmed reading as a page for people and as objects for the study."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from boneage_gui.clinic.reading import Decision, Reading
from boneage_gui.jobs import Job
from trainer.radiograph import Radiograph, shown_name

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from boneage_gui.windows.clinic.number_on_show import NumberOnShow
    from boneage_gui.windows.clinic.readings_desk import ReadingsDesk
    from boneage_gui.windows.radiograph_window import RadiographWindow
    from boneage_gui.work.readings import OpenedReadings

    Picture = npt.NDArray[np.uint8]

TOLD_MS = 6000
CHANGED = "The {changed} changed since this reading was confirmed. Accept or modify it again, then it can be reported."
UNCONFIRMED = "A report is made of a reading. Accept or modify the bone age first."


class ReportMaterial(NamedTuple):
    """What a report is made of, taken before anything is asked: meanwhile another radiograph may come."""

    reading: Reading
    radiograph: Radiograph
    picture: Picture
    opened: OpenedReadings | None


class Reports(QObject):
    """Writes reports of the open radiograph's reading, with the picture as it is on show."""

    written = Signal(object)  # list of Path

    def __init__(self, window: RadiographWindow, desk: ReadingsDesk, number: NumberOnShow) -> None:
        super().__init__(window)
        self._main, self._desk, self._number = window, desk, number

    def ask_pdf(self) -> None:
        """Ask where the page is to lie."""
        material = self.material()
        if material is not None:
            source = material.radiograph.source
            proposed = source.with_name(f"{source.stem}-report.pdf")
            name, _ = QFileDialog.getSaveFileName(self._main, "Save the report", str(proposed), "PDF (*.pdf)")
            if name:
                self.save_pdf(Path(name), material)

    def ask_dicom(self) -> None:
        """Ask for the folder of the objects."""
        material = self.material()
        if material is not None:
            folder = QFileDialog.getExistingDirectory(
                self._main, "Folder for the DICOM report", str(material.radiograph.source.parent)
            )
            if folder:
                self.save_dicom(Path(folder), material)

    def save_pdf(self, path: Path, material: ReportMaterial | None = None) -> None:
        """Write the page; without ``material``, of what is on show now."""
        self._begin(_pdf, material, path if path.suffix.lower() == ".pdf" else path.with_name(f"{path.name}.pdf"))

    def save_dicom(self, folder: Path, material: ReportMaterial | None = None) -> None:
        """Write the structured report, the picture and the page into a folder."""
        self._begin(_dicom, material, folder)

    def material(self) -> ReportMaterial | None:
        """Return what a report is made of, as it is on show now; says why where there is none yet."""
        reading, radiograph = self._desk.reading, self._main.radiograph
        if reading is None or radiograph is None or reading.decision is Decision.WAITING:
            self._main.tell(UNCONFIRMED)
            return None
        if changed := self._number.changed_facts:
            self._main.tell(CHANGED.format(changed=changed))
            return None
        return ReportMaterial(reading, radiograph, self._main.view.snapshot_pixels(), self._desk.opened)

    def _begin(
        self, function: Callable[[ReportMaterial, Path], list[Path]], material: ReportMaterial | None, to: Path
    ) -> None:
        material = material or self.material()
        if material is None:
            return
        job = Job(function, material, to)
        job.result.connect(self._done)
        job.failed.connect(self._failed)
        self._main.status_line.tell("Writing the report…")
        job.begin()

    def _failed(self, error: BaseException) -> None:
        self._main.status_line.fall_silent()
        self._main.door.tell(error)

    def _done(self, paths: list[Path]) -> None:
        names = ", ".join(f"“{shown_name(path)}”" for path in paths)
        self._main.status_line.tell(f"Written: {names}", for_ms=TOLD_MS)
        self.written.emit(paths)


def _pdf(material: ReportMaterial, path: Path) -> list[Path]:
    from boneage_gui.work import reports as work

    return [work.save_pdf(work.make_report(*material), path)]


def _dicom(material: ReportMaterial, folder: Path) -> list[Path]:
    from boneage_gui.work import reports as work

    return work.save_objects(work.make_report(*material), material.radiograph, folder)
