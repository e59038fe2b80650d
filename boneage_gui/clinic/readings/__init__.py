"""The store of readings: a file of the user's own that only ever grows."""

from __future__ import annotations

from boneage_gui.clinic.readings.patient_key import PatientKeys
from boneage_gui.clinic.readings.query import Query
from boneage_gui.clinic.readings.store import ReadingStore

__all__ = ["PatientKeys", "Query", "ReadingStore"]
