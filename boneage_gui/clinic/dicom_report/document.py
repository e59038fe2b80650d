"""Document: the report's PDF, encapsulated, in the study."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from pydicom import Dataset
from pydicom.uid import EncapsulatedPDFStorage

from boneage_gui.clinic.dicom_report import codes
from boneage_gui.clinic.dicom_report.source import begin_object, dicom_moment, reference_to
from trainer.prediction import RESEARCH_USE

SERIES_NUMBER: Final = 9903


def pdf_object(pdf: bytes, source: Dataset, *, title: str, now: datetime | None = None) -> Dataset:
    """Return a PDF as an object in the study of ``source``."""
    moment = now or datetime.now(UTC)
    made = begin_object(source, EncapsulatedPDFStorage, "DOC", series_number=SERIES_NUMBER, now=moment)
    made.SeriesDescription = f"Bone age report. {RESEARCH_USE}"
    made.ConversionType = "WSD"
    date, time = dicom_moment(moment)
    made.AcquisitionDateTime = date + time
    made.BurnedInAnnotation = "YES"
    made.DocumentTitle = title[:1024]
    name = Dataset()
    name.CodeValue, name.CodingSchemeDesignator = codes.BONE_AGE_STUDY.value, codes.BONE_AGE_STUDY.scheme_designator
    name.CodeMeaning = codes.BONE_AGE_STUDY.meaning
    made.ConceptNameCodeSequence = [name]
    made.SourceInstanceSequence = [reference_to(source)]
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    made.EncapsulatedDocumentLength = len(pdf)
    made.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    return made
