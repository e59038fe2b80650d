"""What must be said before a radiograph leaves: nobody looks at what is drawn on it but the user."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from boneage_gui.clinic.deidentify.attributes import SC, values_of
from boneage_gui.clinic.deidentify.picture import is_picture
from trainer.errors import RadiographError
from trainer.radiograph import dicom_frame, dicom_header, shown_name

if TYPE_CHECKING:
    from pydicom import Dataset

LOOK: Final = "Look at the whole picture before it leaves: what is drawn on it is not removed."
BURNED_IN: Final = f"The file says that text is burnt into the picture. {LOOK}"
UNKNOWN: Final = f"The file does not say whether text is burnt into the picture. {LOOK}"
CAPTURE: Final = f"The file is a secondary capture or was derived from another; such pictures often bear names. {LOOK}"
PICTURE: Final = f"A picture file does not say whether text is burnt into it. {LOOK}"


def cautions_of(path: Path) -> tuple[str, ...]:
    """Return the sentences for one file. Raises RadiographError for one that cannot be read."""
    if is_picture(path):
        return (PICTURE,)
    try:
        return header_cautions(dicom_frame.load(path, shown_name(path)))
    except RadiographError:
        raise
    except Exception as error:  # hostile bytes can raise anything inside pydicom
        raise RadiographError(f"{shown_name(path)} is truncated or damaged; it was not exported.") from error


def header_cautions(data: Dataset) -> tuple[str, ...]:
    """Return the sentences for one DICOM header."""
    found = []
    burned_in = dicom_header.text(data, "BurnedInAnnotation").upper()
    if burned_in == "YES":
        found.append(BURNED_IN)
    elif burned_in != "NO":
        found.append(UNKNOWN)
    image_type = {str(part).strip().upper() for part in values_of(data, "ImageType")}
    if dicom_header.text(data, "SOPClassUID") == SC or image_type & {"DERIVED", "SECONDARY"}:
        found.append(CAPTURE)
    return tuple(found)
