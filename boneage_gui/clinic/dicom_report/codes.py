"""Codes of the report, as the terminologies have them."""

from __future__ import annotations

from typing import Final

from pydicom.sr.coding import Code

BONE_AGE: Final = Code("85151-9", "LN", "Bone age")
GREULICH_PYLE: Final = Code("252956001", "SCT", "Greulich-Pyle assessment")
BONE_AGE_STUDY: Final = Code("37362-1", "LN", "XR Bone age")
HAND: Final = Code("85562004", "SCT", "Hand")
LEFT, RIGHT = Code("7771000", "SCT", "Left"), Code("24028007", "SCT", "Right")
SUBJECT_AGE: Final = Code("121033", "DCM", "Subject Age")
Z_SCORE: Final = Code("121416", "DCM", "Z-Score of measurement")
SD_OF_POPULATION: Final = Code("121414", "DCM", "Standard deviation of population")
UPPER_LIMIT: Final = Code("371933006", "SCT", "Normal Range Upper Limit")
LOWER_LIMIT: Final = Code("385524004", "SCT", "Normal Range Lower Limit")
DELAYED: Final = Code("RDES14.0", "RADELEMENT", "delayed")
NORMAL: Final = Code("RDES14.1", "RADELEMENT", "normal")
ADVANCED: Final = Code("RDES14.2", "RADELEMENT", "advanced")
UNKNOWN: Final = Code("RDES14.4", "RADELEMENT", "unknown")
CLASSIFICATION: Final = Code("RDES14", "RADELEMENT", "Bone age classification")
SCT_NORMAL: Final = Code("17621005", "SCT", "Normal")
SCT_LOW: Final = Code("371880002", "SCT", "Abnormally Low")
SCT_HIGH: Final = Code("371879000", "SCT", "Abnormally High")
NEURAL_NETWORK: Final = Code("123110", "DCM", "Artificial Intelligence")
REPORT: Final = Code("126000", "DCM", "Imaging Measurement Report")
COMMENT: Final = Code("121106", "DCM", "Comment")
MONTHS: Final = Code("mo", "UCUM", "month")
NO_UNITS: Final = Code("1", "UCUM", "no units")
