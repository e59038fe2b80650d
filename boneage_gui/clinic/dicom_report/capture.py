"""Picture: the radiograph as it was shown, as a Secondary Capture in the study."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt
from pydicom import Dataset
from pydicom.uid import SecondaryCaptureImageStorage

from boneage_gui.clinic.dicom_report.source import begin_object, reference_to
from trainer.prediction import RESEARCH_USE
from trainer.radiograph import dicom_header

SERIES_NUMBER: Final = 9902


def picture_object(
    picture: npt.NDArray[np.uint8], source: Dataset, *, description: str, now: datetime | None = None
) -> Dataset:
    """Return a picture, uint8[height, width, 3] or [height, width], as an object in the study of ``source``."""
    made = begin_object(
        source, SecondaryCaptureImageStorage, "OT", series_number=SERIES_NUMBER, now=now or datetime.now(UTC)
    )
    made.SeriesDescription = f"Bone age, as read. {RESEARCH_USE}"
    made.ConversionType = "WSD"
    made.ImageType = ["DERIVED", "SECONDARY"]
    made.DerivationDescription = description[:1024]
    made.SourceImageSequence = [reference_to(source)]
    made.Laterality = dicom_header.side(source)
    made.PatientOrientation = ""
    made.BurnedInAnnotation = "YES"
    colour = picture.ndim == 3
    made.SamplesPerPixel = 3 if colour else 1
    made.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        made.PlanarConfiguration = 0
    made.Rows, made.Columns = picture.shape[:2]
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    content = np.ascontiguousarray(picture).tobytes()
    made.PixelData = content + b"\0" * (len(content) % 2)
    made["PixelData"].VR = "OB"
    return made
