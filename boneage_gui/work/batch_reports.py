"""Reports of a folder's radiographs, each under a name of its own; every one says that nobody confirmed it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from boneage_gui.clinic.report import UNCONFIRMED
from boneage_gui.work import thumbnail
from boneage_gui.work.reports import (
    OBJECTS,
    PDF,
    drawn_report,
    free_stem,
    make_report,
    report_objects,
    write_objects,
)
from trainer.errors import BoneAgeError, DataError
from trainer.radiograph import Radiograph, is_dicom
from trainer.whole_file import write_whole

if TYPE_CHECKING:
    from boneage_gui.clinic.reading import Reading
    from boneage_gui.clinic.report import Report

PICTURE_SIDE_PX: Final = 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Names of the reports of one radiograph, and why one could not be made."""

    names: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()


class _Page:
    """A report and its PDF, which is drawn once: it is a file of its own and a part of the DICOM objects."""

    def __init__(self, report: Report) -> None:
        self.report = report

    @cached_property
    def drawn(self) -> bytes:
        return drawn_report(self.report)


class BatchReports:
    """Writes the reports that are asked for into one folder, and never over a file that is there."""

    def __init__(self, folder: Path, *, pdf: bool, dicom: bool) -> None:
        """``dicom`` means the objects of radiographs that are DICOM files; others have none."""
        self._folder, self._pdf, self._dicom = folder, pdf, dicom

    def are_there(self, names: tuple[str, ...], path: Path) -> bool:
        """Whether the reports of a radiograph are those that are asked for, and lie in the folder."""
        wanted = ([PDF] if self._pdf else []) + (list(OBJECTS) if self._dicom and is_dicom(path) else [])
        complete = all(any(name.endswith(ending) for name in names) for ending in wanted)
        return complete and all((self._folder / name).is_file() for name in names)

    def write(self, reading: Reading, radiograph: Radiograph, cautions: tuple[str, ...]) -> Written:
        """Write the reports of one reading, all or none where the program is ended meanwhile. Raises DataError."""
        kinds: list[Callable[[_Page, Radiograph, str, list[Path]], None]] = []
        if self._pdf:
            kinds.append(self._write_pdf)
        if self._dicom and is_dicom(radiograph.source):
            kinds.append(self._write_objects)
        if not kinds:
            return Written()
        picture = thumbnail(radiograph, side_px=PICTURE_SIDE_PX)
        page = _Page(replace(make_report(reading, radiograph, picture, None), cautions=cautions))
        stem, paths, troubles = free_stem(self._folder, radiograph.source, (PDF, *OBJECTS)), list[Path](), list[str]()
        try:
            for write in kinds:
                try:
                    write(page, radiograph, stem, paths)
                except DataError:
                    raise
                except BoneAgeError as error:
                    troubles.append(str(error))
                except Exception as error:  # a header can be odd in ways that only a writer minds
                    troubles.append(f"A report could not be made ({type(error).__name__}).")
        except BaseException:
            for path in paths:
                with suppress(OSError):
                    path.unlink(missing_ok=True)
            raise
        return Written(names=tuple(path.name for path in paths), cautions=tuple(troubles))

    def _write_pdf(self, page: _Page, _radiograph: Radiograph, stem: str, paths: list[Path]) -> None:
        path = self._folder / f"{stem}{PDF}"
        paths.append(path)
        write_whole(path, page.drawn)

    def _write_objects(self, page: _Page, radiograph: Radiograph, stem: str, paths: list[Path]) -> None:
        made = report_objects(page.report, radiograph, page.drawn)
        made.picture.DerivationDescription = f"{made.picture.DerivationDescription}. {UNCONFIRMED}"
        write_objects(self._folder, stem, made.named().values(), paths)
