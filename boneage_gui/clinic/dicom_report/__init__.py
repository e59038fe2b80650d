"""One reading as DICOM objects in the study of its radiograph: structured report, picture, encapsulated PDF."""

from __future__ import annotations

from boneage_gui.clinic.dicom_report.capture import picture_object
from boneage_gui.clinic.dicom_report.document import pdf_object
from boneage_gui.clinic.dicom_report.source import ReportError, object_bytes, source_header, write_object

__all__ = ["ReportError", "object_bytes", "pdf_object", "picture_object", "source_header", "write_object"]
