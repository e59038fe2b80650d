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
BURNED_IN: Final = "The file says that text is burnt into the picture."
UNKNOWN: Final = "The file does not say whether text is burnt into the picture."
CAPTURE: Final = "The file is a secondary capture or was derived from another; such pictures often bear names."
PICTURE: Final = "A picture file does not say whether text is burnt into it."


def cautions_of(path: Path) -> tuple[str, ...]:
    """Return the sentences for one file. Raises RadiographError for one that cannot be read."""
    if is_picture(path):
        return (PICTURE, LOOK)
    try:
        return header_cautions(dicom_frame.load(path, shown_name(path)))
    except RadiographError:
        raise
    except OSError as error:
        raise RadiographError(f"{shown_name(path)} cannot be opened; it may have been moved or renamed.") from error
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
    return (*found, LOOK) if found else ()
