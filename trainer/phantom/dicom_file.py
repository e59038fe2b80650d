"""One phantom as a DICOM file, as a digital X-ray unit would send it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trainer.phantom.drawing import Phantom

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pydicom.uid import UID

BITS_STORED = 12
DAYS_A_MONTH = 30.4375
COMMENT = "Computer-made phantom, not a patient"


def write_dicom(path: Path, phantom: Phantom, *, case_id: int) -> None:
    """Write one phantom as a computed radiograph: 12 bits, MONOCHROME2, or MONOCHROME1 for every third case.

    The chronological age in the header differs a little from the bone age, as in children. An inverted phantom stays
    inverted against what its header says, as the rare wrong file in an archive is.
    """
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian

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
    _describe_patient(dataset, phantom, case_id)
    _describe_study(dataset, phantom, case_id)
    _add_pixels(dataset, phantom, monochrome1=case_id % 3 == 0)
    dataset.save_as(path, enforce_file_format=True)


def _describe_patient(dataset: Dataset, phantom: Phantom, case_id: int) -> None:
    rng = np.random.default_rng([phantom.seed, 12])
    study_day = date(2020, 1, 1) + timedelta(days=int(rng.integers(0, 1500)))
    ahead = float(np.clip(rng.standard_normal(), -2, 2)) * _spread(phantom.age_months)
    months = max(phantom.age_months + ahead, 1.0)
    dataset.PatientName = f"Phantom^{case_id}"
    dataset.PatientID = f"PHANTOM-{case_id}"
    dataset.PatientSex = "M" if phantom.male else "F"
    dataset.PatientBirthDate = (study_day - timedelta(days=round(months * DAYS_A_MONTH))).strftime("%Y%m%d")
    dataset.StudyDate = dataset.SeriesDate = dataset.AcquisitionDate = study_day.strftime("%Y%m%d")
    dataset.StudyTime = "080000"


def _describe_study(dataset: Dataset, phantom: Phantom, case_id: int) -> None:
    dataset.Modality = "CR"
    dataset.Manufacturer = "boneage phantom"
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
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.ImageComments = COMMENT
    dataset.ImagerPixelSpacing = [f"{phantom.pixel_spacing_mm:.5f}"] * 2


def _add_pixels(dataset: Dataset, phantom: Phantom, *, monochrome1: bool) -> None:
    top = (1 << BITS_STORED) - 1
    dark_bone = monochrome1 != phantom.was_inverted
    levels = 1.0 - phantom.levels if dark_bone else phantom.levels
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME1" if monochrome1 else "MONOCHROME2"
    dataset.Rows, dataset.Columns = levels.shape
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, BITS_STORED, BITS_STORED - 1
    dataset.PixelRepresentation = 0
    dataset.WindowCenter, dataset.WindowWidth = f"{(top + 1) / 2:g}", f"{top + 1}"
    dataset.PixelData = np.round(levels * top).astype("<u2").tobytes()


def _spread(age_months: float) -> float:
    """Half of the usual deviation between bone age and chronological age, months."""
    return float(np.interp(age_months, (0, 24, 84, 216), (0.5, 2.0, 4.5, 6.0)))


def _uid(seed: int, case_id: int, kind: int) -> UID:
    """A UID made from a number (PS3.5 B.2), so that no registered root is needed."""
    from pydicom.uid import UID

    return UID(f"2.25.{(seed << 40) + (case_id << 8) + kind}")
