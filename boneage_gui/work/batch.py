"""A folder of radiographs, read one after the other into a table and reports, none of them confirmed by anybody."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from boneage_gui import work
from boneage_gui.clinic.batch_row import FROM_FILE, TOLD, BatchRow, numbered
from boneage_gui.clinic.batch_table import BatchTable
from boneage_gui.clinic.chronology import age_on_study_day
from boneage_gui.clinic.reading import Decision, Reading, has_interval, new_reading
from boneage_gui.clinic.reference import BRUSH, REFERENCES
from boneage_gui.work.batch_reports import BatchReports
from boneage_gui.work.readings import user_name
from trainer.errors import DataError, RadiographError, printable
from trainer.radiograph import MAX_BYTES, SUFFIXES, Radiograph, Sex, holds_dicom, shown_name

LOCK: Final = ".bone-age.lock"
NO_MEMORY: Final = "There is not enough memory to read this radiograph. Close other programs and try again."


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOptions:
    """What is made of a folder."""

    reference_key: str = BRUSH.key
    told_sex: Sex | None = None  # of the children whose files do not say
    pdf: bool = True
    dicom: bool = False
    excel: bool = False


def read_folder(
    predictor: Any, folder: Path, out: Path, options: BatchOptions, *, stopped: Callable[[], bool] = lambda: False
) -> Generator[BatchRow, None, None]:
    """Read a folder's radiographs and yield a row for each, once it stands in the table and its reports are written.

    What stands there already for the same model, reference and sex is yielded as it is. ``stopped`` is asked before
    each radiograph; the generator may also be closed. Raises RadiographError where the folder holds none, DataError
    where ``out`` cannot be used: then what was written before is whole.
    """
    if out.resolve() == folder.resolve():
        raise DataError("The reports cannot lie among the radiographs: choose another folder for them.")
    paths = radiographs_below(folder, leaving_out=out)
    with _alone_in(out):
        table = BatchTable(out)
        reader = _Reader(predictor, options, BatchReports(out, pdf=options.pdf, dicom=options.dicom))
        try:
            for number, path in enumerate(paths, start=1):
                if stopped():
                    return
                row = reader.known(path, table.of_file(_name_below(folder, path)))
                if row is None:
                    row = reader.read(path, _name_below(folder, path))
                    table.add(row)
                yield numbered(row, number, len(paths))
        finally:
            if options.excel:
                table.write_excel()


def radiographs_below(folder: Path, *, leaving_out: Path | None = None) -> list[Path]:
    """Return the files at any depth that may be radiographs, in the order of their names.

    Known endings, none at all, and the mark of DICOM whatever the ending. Links to folders are not followed, and what
    lies in ``leaving_out``, our own reports, is left out. Raises RadiographError where there are none.
    """
    if not folder.is_dir():
        raise RadiographError(f"The folder “{shown_name(folder)}” is not there.")
    ours = leaving_out.resolve() if leaving_out is not None else None
    found: list[Path] = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and (Path(place) / name).resolve() != ours]
        found.extend(path for name in files if _may_be_radiograph(path := Path(place) / name))
    if not found:
        raise RadiographError(f"The folder “{shown_name(folder)}” holds no radiographs (DICOM, PNG, JPEG or TIFF).")
    return sorted(found, key=lambda path: _natural_order(_name_below(folder, path)))


class _Reader:
    """Reads one radiograph after the other, with one model, for one table of reference."""

    def __init__(self, predictor: Any, options: BatchOptions, reports: BatchReports) -> None:
        self._predictor, self._options, self._reports = predictor, options, reports
        self._reference = REFERENCES[options.reference_key].shown_name
        self._user = user_name()

    def known(self, path: Path, rows: list[BatchRow]) -> BatchRow | None:
        """Return the answer that stands in the table, if its question was this one and its reports are there."""
        asked = (_sha256(path), self._predictor.card.weights_sha256, self._reference) if rows else None
        for row in rows:
            sex = row.sex_from == FROM_FILE or row.sex == (self._options.told_sex or "")
            same = asked == (row.file_sha256, row.model_sha256, row.reference) and sex
            if same and not row.refused and self._reports.are_there(row.reports, path):
                return row
        return None

    def read(self, path: Path, name: str) -> BatchRow:
        """Read a radiograph and write its reports; a row with the reason where that is not possible."""
        card = self._predictor.card
        row = BatchRow(
            file=name,
            file_sha256=_sha256(path),
            reference=self._reference,
            model=printable(card.name),
            model_sha256=card.weights_sha256,
        )
        try:
            return self._answered(row, work.read(path))
        except DataError:  # of the folder of reports, not of this file
            raise
        except RadiographError as error:
            return replace(row, refused=printable(str(error)))
        except MemoryError:
            return replace(row, refused=NO_MEMORY)
        except Exception as error:  # whatever one file does to a library, the others are read
            kind = type(error).__name__
            return replace(row, refused=f"Something went wrong in the program ({kind}); this radiograph was not read.")

    def _answered(self, row: BatchRow, radiograph: Radiograph) -> BatchRow:
        sex = radiograph.sex or self._options.told_sex
        prediction = work.predict(self._predictor, radiograph, sex)
        months, cautions = age_on_study_day(radiograph.study.birth_date, radiograph.study.study_date)
        reading = new_reading(
            prediction,
            user=self._user,
            decision=Decision.WAITING,
            sex=sex,
            chronological_months=months,
            study_date=radiograph.study.study_date,
            reference_key=self._options.reference_key,
        )
        cautions = tuple(dict.fromkeys((*radiograph.cautions, *prediction.cautions, *cautions)))
        written = self._reports.write(reading, radiograph, cautions)
        row = _with_reading(row, reading)
        return replace(
            row,
            sex_from=(FROM_FILE if radiograph.sex else TOLD) if sex else "",
            cautions=tuple(printable(caution) for caution in (*cautions, *written.cautions)),
            elapsed_s=prediction.elapsed_s,
            reports=written.names,
        )


def _with_reading(row: BatchRow, reading: Reading) -> BatchRow:
    assessment = reading.assessment
    band = assessment.band_months if assessment else (None, None)
    measured = has_interval(reading)
    return replace(
        row,
        sex=reading.sex.value if reading.sex else "",
        chronological_months=reading.chronological_months,
        age_months=reading.age_months,
        low_months=reading.low_months if measured else None,
        high_months=reading.high_months if measured else None,
        coverage=reading.coverage if measured else None,
        sds=assessment.sds if assessment else None,
        sd_months=assessment.sd_months if assessment else None,
        band_low_months=band[0],
        band_high_months=band[1],
        standing=assessment.standing.value if assessment else "",
    )


@contextmanager
def _alone_in(out: Path) -> Iterator[None]:
    """Make the folder and hold it against other programs. Raises DataError."""
    from filelock import FileLock, Timeout

    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = FileLock(out / LOCK, timeout=0, thread_local=False)  # a generator may be closed by another thread
        lock.acquire()
    except Timeout as error:
        raise DataError(f"Another program is writing reports into {out}. Wait for it, or choose another folder.") from (
            error
        )
    except OSError as error:
        raise DataError(f"The folder for the reports, {out}, cannot be used: {error.strerror}.") from error
    try:
        yield
    finally:
        lock.release()


def _may_be_radiograph(path: Path) -> bool:
    if path.name.startswith(".") or path.name.upper() == "DICOMDIR" or not path.is_file():
        return False
    return path.suffix.lower() in SUFFIXES or not path.suffix or holds_dicom(path)


def _name_below(folder: Path, path: Path) -> str:
    return printable(path.relative_to(folder).as_posix())


def _natural_order(name: str) -> list[str | int]:
    """Sort key under which 9.png comes before 10.png: words and numbers in turn."""
    return [int(part) if odd % 2 else part for odd, part in enumerate(re.split("([0-9]+)", name.lower()))]


def _sha256(path: Path) -> str:
    """Return the hash of a file's content; nothing where it is too large or cannot be read, as reading it will say."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
