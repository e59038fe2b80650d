"""What jobs do with reports: make one of a reading, write it as PDF or as DICOM objects in its study."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from boneage_gui.clinic.reading import Reading
from boneage_gui.clinic.report import TITLE, Report, report_pdf
from boneage_gui.work.file_stamp import need_unchanged
from boneage_gui.work.painter import painter
from boneage_gui.work.readings import OpenedReadings
from trainer.errors import BoneAgeError, printable, where_it_broke
from trainer.radiograph import Radiograph, shown_name
from trainer.whole_file import write_whole

if TYPE_CHECKING:
    from pydicom import Dataset

log = logging.getLogger("boneage")

ODD: Final = (
    "The header of “{name}” holds something that no DICOM report can be made with. Save the PDF instead; where a DICOM "
    "report is needed, have the header corrected first."
)
LONGEST_STEM_BYTES: Final = 150  # of the 255 a name may have
PDF: Final = "-report.pdf"
OBJECTS: Final = ("-report.dcm", "-picture.dcm", "-document.dcm")


@dataclass(frozen=True, slots=True)
class ReportObjects:
    """A report as it goes into its study."""

    structured: Dataset
    picture: Dataset
    document: Dataset

    def named(self) -> dict[str, Dataset]:
        """Return the objects by the endings of their files' names."""
        return {"report": self.structured, "picture": self.picture, "document": self.document}


def make_report(
    reading: Reading, radiograph: Radiograph, picture: npt.NDArray[np.uint8], opened: OpenedReadings | None
) -> Report:
    """Put a report together; with a store, the patient's earlier readings come with it."""
    study = radiograph.study
    earlier: list[Reading] = [reading]
    if opened is not None and reading.patient_hash is not None:
        found = opened.store.of_patient(reading.patient_hash)
        earlier = [one for one in found if one.reading_id != reading.reading_id] + [reading]
    return Report(
        reading=reading,
        file_name=shown_name(radiograph.source),
        picture=picture,
        earlier=tuple(earlier),
        patient_name=study.patient_name,
        patient_id=study.patient_number,
        birth_date=study.birth_date,
        cautions=radiograph.cautions,
    )


def save_pdf(report: Report, path: Path) -> Path:
    """Write the page. Raises DataError, FigureError."""
    write_whole(path, drawn_report(report))
    return path


def drawn_report(report: Report) -> bytes:
    """Return the page as a PDF, drawn in the painter's process. Raises FigureError."""
    content: bytes = painter.ask(report_pdf, report)
    return content


def report_objects(report: Report, radiograph: Radiograph, drawn: bytes | None = None) -> ReportObjects:
    """Return the report as DICOM objects; ``drawn`` is its PDF where there is one already.

    Raises ReportError for a radiograph that belongs to no study, or whose header nothing can be made with.
    """
    from pydicom import dcmread

    from boneage_gui.clinic.dicom_report import ReportError, pdf_object, picture_object, source_header

    source = source_header(radiograph.source)
    now = datetime.now(UTC)
    side = radiograph.study.laterality
    said = f"Bone age {report.reading.final_months:.1f} months, model {report.reading.model_name}"
    content = drawn or drawn_report(report)
    try:
        structured = painter.ask(_structured, report.reading, radiograph.source, side, report.cautions, now)
        need_unchanged(radiograph)  # its header was read anew: a report must not go into another patient's study
        return ReportObjects(
            structured=dcmread(io.BytesIO(structured)),
            picture=picture_object(report.picture, source, description=said, now=now),
            document=pdf_object(content, source, title=TITLE, now=now),
        )
    except ImportError as error:  # highdicom needs a decoder that is not made for every Python
        raise ReportError("DICOM reports need highdicom, which is not made for this Python: use 3.13.") from error
    except (BoneAgeError, MemoryError):
        raise
    except Exception as error:  # a header can be odd in ways that only a writer minds
        log.error("the objects of a report could not be made\n%s", where_it_broke(error))
        raise ReportError(ODD.format(name=shown_name(radiograph.source))) from error


def save_objects(report: Report, radiograph: Radiograph, folder: Path) -> list[Path]:
    """Write the report's objects into a folder, over no file that is there. Raises ReportError, DataError."""
    objects = report_objects(report, radiograph).named().values()
    stem, written = free_stem(folder, radiograph.source, OBJECTS), list[Path]()
    write_objects(folder, stem, objects, written)
    return written


def write_objects(folder: Path, stem: str, objects: Iterable[Dataset], written: list[Path]) -> None:
    """Write a report's objects under one stem; ``written`` holds each path before its file is begun.

    Raises DataError.
    """
    from boneage_gui.clinic.dicom_report import write_object

    for ending, made in zip(OBJECTS, objects, strict=True):
        written.append(folder / f"{stem}{ending}")
        write_object(written[-1], made)


def free_stem(folder: Path, source: Path, endings: Iterable[str]) -> str:
    """Return a name after the radiograph's file that no report has yet: two folders may both hold an IM1.dcm."""
    own = printable(source.stem).encode()[:LONGEST_STEM_BYTES].decode(errors="ignore")
    number, stem = 1, own
    while any((folder / f"{stem}{ending}").exists() for ending in endings):
        number += 1
        stem = f"{own}-{number}"
    return stem


def _structured(
    reading: Reading, source: Path, laterality: str | None, cautions: tuple[str, ...], now: datetime
) -> bytes:
    """Make the structured report in the painter's process: importing highdicom would hold this one's lock for long."""
    from boneage_gui.clinic.dicom_report import object_bytes, source_header
    from boneage_gui.clinic.dicom_report.structured import structured_report

    made = structured_report(reading, source_header(source), laterality=laterality, cautions=cautions, now=now)
    return object_bytes(made)
