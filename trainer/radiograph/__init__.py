"""Radiograph: DICOM, PNG, JPEG or TIFF in, one grey picture with bone bright out."""

from __future__ import annotations

from trainer.radiograph.identity import Identity, holds_dicom, is_dicom, read_identity
from trainer.radiograph.reader import bone_bright, read, shown_name
from trainer.radiograph.values import (
    MAX_BYTES,
    MAX_PIXELS,
    OTHER_EXAMINATION,
    SUFFIXES,
    Radiograph,
    Sex,
    SpacingFrom,
    Study,
    months_between,
)

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "OTHER_EXAMINATION",
    "SUFFIXES",
    "Identity",
    "Radiograph",
    "Sex",
    "SpacingFrom",
    "Study",
    "bone_bright",
    "holds_dicom",
    "is_dicom",
    "months_between",
    "read",
    "read_identity",
    "shown_name",
]
