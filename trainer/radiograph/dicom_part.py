"""Which part of the body a DICOM header says it shows, where that is certainly no hand.

What a header names otherwise, an arm, an extremity, nothing, may be a hand: protocols are chosen in a hurry. The terms
are those of DICOM (PS3.16 Annex L and its table L-1) that share nothing with a hand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from trainer.radiograph.dicom_header import text

if TYPE_CHECKING:
    from pydicom import Dataset

OTHER_PARTS: Final = {
    "ABDOMEN": "the abdomen", "ANKLE": "an ankle", "BREAST": "a breast", "CALCANEUS": "a heel",
    "CERVICALSPINE": "the spine", "CHEST": "the chest", "CLAVICLE": "a clavicle", "COCCYX": "the coccyx",
    "CSPINE": "the spine", "ELBOW": "an elbow", "FEMUR": "a thigh", "FOOT": "a foot", "HEAD": "the head",
    "HEEL": "a heel", "HIP": "a hip", "HUMERUS": "an upper arm", "JAW": "a jaw", "KNEE": "a knee",
    "LEG": "a leg", "LSPINE": "the spine", "MANDIBLE": "a jaw", "MAXILLA": "a jaw", "NECK": "the neck",
    "PELVIS": "the pelvis", "RIB": "ribs", "SCAPULA": "a shoulder", "SHOULDER": "a shoulder", "SKULL": "the head",
    "SPINE": "the spine", "SSPINE": "the spine", "STERNUM": "the sternum", "TEETH": "teeth", "TIBIAFIBULA": "a leg",
    "TOE": "toes", "TOOTH": "teeth", "TSPINE": "the spine", "LUMBARSPINE": "the spine", "THORACICSPINE": "the spine",
    "SACRUM": "the spine", "PATELLA": "a knee", "LOWERLEG": "a leg", "UPPERLEG": "a thigh", "THIGH": "a thigh",
}  # fmt: skip
OTHER_MODALITIES: Final = {"MG": "a breast", "PX": "a jaw", "IO": "teeth"}
SAYS: Final = "The file says that it shows "


def other_part(data: Dataset) -> str | None:
    """Return a sentence on what a header says to be shown that is no hand, or None."""
    named = re.sub(r"[^A-Z]", "", text(data, "BodyPartExamined").upper())
    part = OTHER_MODALITIES.get(text(data, "Modality")) or OTHER_PARTS.get(named)
    return None if part is None else f"{SAYS}{part}, not a hand."
