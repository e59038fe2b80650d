"""File, Export de-identified: the open radiograph without its patient, and what must be heard before it leaves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from boneage_gui.jobs import Job
from boneage_gui.windows import dialogs
from trainer.radiograph import shown_name

if TYPE_CHECKING:
    from boneage_gui.clinic.deidentify import Choices, Exported
    from boneage_gui.windows.clinic.export_dialog import ExportDialog
    from boneage_gui.windows.radiograph_window import RadiographWindow

TOLD_MS = 6000


class Deidentify(QObject):
    """Asks what may stay, then where to; writes in a job."""

    written = Signal(object)  # Exported

    def __init__(self, window: RadiographWindow) -> None:
        super().__init__(window)
        self._main = window
        self.dialog: ExportDialog | None = None

    def ask(self) -> None:
        """Show what must be heard, and ask what may stay."""
        radiograph = self._main.radiograph
        if radiograph is None:
            return
        from boneage_gui.windows.clinic.export_dialog import ExportDialog

        source = radiograph.source
        self.dialog = ExportDialog(source, self._main.door, self._main)
        self.dialog.chosen.connect(lambda choices: self._ask_goal(source, choices))
        self.dialog.finished.connect(self._closed)
        dialogs.show(self.dialog)

    def save(self, source: Path, goal: Path, choices: Choices) -> None:
        """Write one file."""
        from boneage_gui.work.deidentify import export_one

        job = Job(export_one, source, goal, choices)
        job.result.connect(self._done)
        job.failed.connect(self._failed)
        self._main.status_line.tell("Exporting…")
        job.begin()

    def _ask_goal(self, source: Path, choices: Choices) -> None:
        from boneage_gui.clinic.deidentify import ending_of
        from boneage_gui.work.deidentify import free_name

        ending = ending_of(source)
        proposed = free_name(source.parent, ending)  # the file's own name may be the patient's
        kinds = "PNG (*.png)" if ending == ".png" else "DICOM (*.dcm)"
        name, _ = QFileDialog.getSaveFileName(self._main, "Export de-identified", str(proposed), kinds)
        if name:
            goal = Path(name)
            self.save(
                source, goal if goal.suffix.lower() == ending else goal.with_name(f"{goal.name}{ending}"), choices
            )

    def _done(self, exported: Exported) -> None:
        self._main.status_line.fall_silent()
        if exported.path is not None:
            self._main.status_line.tell(f"Written: “{shown_name(exported.path)}”", for_ms=TOLD_MS)
        if exported.cautions:
            self._main.tell(" ".join(exported.cautions))
        self.written.emit(exported)

    def _failed(self, error: BaseException) -> None:
        self._main.status_line.fall_silent()
        self._main.door.tell(error)

    def _closed(self) -> None:
        self.dialog = None
