"""Write phantoms as a data set in the layout of the RSNA Pediatric Bone Age set, as PNG or DICOM."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from trainer.errors import DataError
from trainer.phantom.drawing import Phantom, draw

TABLE = "boneage-training-dataset.csv"
FOLDER = "boneage-training-dataset"
FIRST_ID = 1
BITS_STORED = 12
DAYS_A_MONTH = 30.4375
_UID_ROOT = "2.25."  # UIDs made from a number, PS3.5 B.2: no registered root is needed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One row of the table before it is drawn."""

    case_id: int
    age_months: int
    male: bool
    seed: int


def write_dataset(
    folder: Path,
    *,
    count: int,
    seed: int = 0,
    low_months: float = 12,
    high_months: float = 216,
    file_format: Literal["png", "dicom"] = "png",
    height_px: int = 1000,
) -> Path:
    """Write ``count`` phantoms, ages spread evenly between the two ends; returns the folder.

    The folder then holds ``boneage-training-dataset.csv`` (id, boneage in whole months, male) and
    ``boneage-training-dataset/<id>.png`` or ``.dcm``. Same arguments, same files. Raises DataError where the
    numbers make no sense or the folder holds a data set already.
    """
    if count < 1:
        raise DataError(f"A data set needs at least one phantom, not {count}.")
    if not 0 <= low_months <= high_months <= 240:  # noqa: PLR2004 the limits of draw()
        raise DataError("Choose ages between 0 and 240 months, the lower one first.")
    table = folder / TABLE
    if table.exists():
        raise DataError(f"{folder} holds a data set already. Choose an empty folder.")
    pictures = folder / FOLDER
    pictures.mkdir(parents=True, exist_ok=True)
    rows = []
    for entry in _entries(count, seed, low_months, high_months):
        phantom = draw(age_months=entry.age_months, male=entry.male, seed=entry.seed, height_px=height_px)
        if file_format == "dicom":
            write_dicom(pictures / f"{entry.case_id}.dcm", phantom, case_id=entry.case_id)
        else:
            Image.fromarray(phantom.pixels).save(pictures / f"{entry.case_id}.png")
        rows.append((entry.case_id, entry.age_months, entry.male))
    with table.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("id", "boneage", "male"))
        writer.writerows(rows)
    return folder


def _entries(count: int, seed: int, low_months: float, high_months: float) -> Iterator[_Entry]:
    """Ages on an even grid with jitter, in random order; sexes alternate before the shuffle."""
    rng = np.random.default_rng([seed, 2017])
    places = (np.arange(count) + rng.uniform(0, 1, count)) / count
    ages = np.round(low_months + places * (high_months - low_months)).astype(int)
    order = rng.permutation(count)
    seeds = rng.integers(0, 2**31, count)
    for step, index in enumerate(order):
        yield _Entry(
            case_id=FIRST_ID + step, age_months=int(ages[index]), male=bool(index % 2), seed=int(seeds[step])
        )


def write_dicom(path: Path, phantom: Phantom, *, case_id: int) -> None:
    """Write one phantom as a computed radiograph: 12 bits, MONOCHROME2, or MONOCHROME1 for every third case.

    The chronological age in the header differs a little from the bone age, as in children. An inverted phantom's
    pixels are inverted within its photometric interpretation, as the rare wrong file in an archive is.
    """
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian

    rng = np.random.default_rng([phantom.seed, 12])
    monochrome1 = case_id % 3 == 0
    top = (1 << BITS_STORED) - 1
    dark_bone = monochrome1 != phantom.was_inverted
    levels = 1.0 - phantom.levels if dark_bone else phantom.levels
    stored = np.round(levels * top).astype("<u2")

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
    meta.MediaStorageSOPInstanceUID = _uid(phantom.seed, case_id, 3)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = ComputedRadiographyImageStorage
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    dataset.StudyInstanceUID = _uid(phantom.seed, case_id, 1)
    dataset.SeriesInstanceUID = _uid(phantom.seed, case_id, 2)
    dataset.Modality = "CR"
    dataset.Manufacturer = "boneage phantom"
    dataset.PatientName = f"Phantom^{case_id}"
    dataset.PatientID = f"PHANTOM-{case_id}"
    dataset.PatientSex = "M" if phantom.male else "F"
    study_day = date(2020, 1, 1) + timedelta(days=int(rng.integers(0, 1500)))
    months = max(phantom.age_months + float(np.clip(rng.standard_normal(), -2, 2)) * _spread(phantom.age_months), 1.0)
    dataset.PatientBirthDate = (study_day - timedelta(days=round(months * DAYS_A_MONTH))).strftime("%Y%m%d")
    dataset.StudyDate = dataset.SeriesDate = dataset.AcquisitionDate = study_day.strftime("%Y%m%d")
    dataset.StudyTime = "080000"
    dataset.AccessionNumber = ""
    dataset.ReferringPhysicianName = ""
    dataset.StudyID = str(case_id)
    dataset.SeriesNumber = 1
    dataset.InstanceNumber = 1
    dataset.StudyDescription = "Bone age, left hand"
    dataset.BodyPartExamined = "HAND"
    dataset.ViewPosition = "PA"
    dataset.Laterality = "L"
    dataset.PatientOrientation = ""
    dataset.ImageComments = "Computer-made phantom, not a patient"
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.ImagerPixelSpacing = [f"{phantom.pixel_spacing_mm:.5f}"] * 2
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME1" if monochrome1 else "MONOCHROME2"
    dataset.Rows, dataset.Columns = stored.shape
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, BITS_STORED, BITS_STORED - 1
    dataset.PixelRepresentation = 0
    dataset.WindowCenter, dataset.WindowWidth = f"{(top + 1) / 2:g}", f"{top + 1}"
    dataset.PixelData = stored.tobytes()
    dataset.save_as(path, enforce_file_format=True)


def _spread(age_months: float) -> float:
    """Half of the usual deviation between bone age and chronological age, months."""
    return float(np.interp(age_months, (0, 24, 84, 216), (0.5, 2.0, 4.5, 6.0)))


def _uid(seed: int, case_id: int, kind: int) -> str:
    return f"{_UID_ROOT}{(seed << 40) + (case_id << 8) + kind}"
