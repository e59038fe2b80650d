"""read(): one file of any supported format in, one Radiograph out."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

from trainer.errors import RadiographError, printable
from trainer.radiograph import values
from trainer.radiograph.identity import begins_bare
from trainer.radiograph.values import Radiograph

SUPPORTED = "DICOM, PNG, JPEG or TIFF"
_PICTURE_SIGNATURES = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"II*\x00",
    b"MM\x00*",
    b"II+\x00",
    b"MM\x00+",
)
_DICOM_MARK = slice(128, 132)
_INVERTED = "Bone was dark in the file; the picture was inverted so that bone is bright."


def read(path: Path) -> Radiograph:
    """Read one file of any supported format.

    The pixels are float32 [height, width] from 0 to 1, bone bright and read-only; an 8-bit picture gives
    exactly value / 255. Raises RadiographError, one sentence, for anything that is not one grey radiograph
    within the limits.
    """
    path = Path(path)
    name = shown_name(path)
    _check_file(path, name)
    try:
        with path.open("rb") as file:
            head = file.read(132)
    except OSError:
        raise RadiographError(f"{name} cannot be opened; check that you may read it.") from None
    try:
        radiograph = _decode(path, name, head)
    except MemoryError:
        raise RadiographError(f"{name} needs more memory than this computer has free.") from None
    return bone_bright(radiograph)


def shown_name(path: Path) -> str:
    """Return the file's own name as it may stand in a sentence: no folder, no control characters."""
    return printable(path.name) or "The folder"


def _check_file(path: Path, name: str) -> None:
    try:
        facts = path.stat()
    except FileNotFoundError:
        raise RadiographError(f"{name} is not there; it may have been moved or renamed.") from None
    except (OSError, ValueError):
        raise RadiographError(f"{name} cannot be opened; check that you may read it.") from None
    if stat.S_ISDIR(facts.st_mode):
        raise RadiographError(f"{name} is a folder; choose one radiograph inside it.")
    if not stat.S_ISREG(facts.st_mode):
        raise RadiographError(f"{name} is not a file that holds a picture.")
    if facts.st_size == 0:
        raise RadiographError(f"{name} is empty.")
    if facts.st_size > values.MAX_BYTES:
        raise RadiographError(f"{name} is too large: more than {values.MAX_BYTES // 2**20} MB.")


def _decode(path: Path, name: str, head: bytes) -> Radiograph:
    # DICOM first: a DICOM file may carry a TIFF header in its preamble and is still DICOM.
    if head[_DICOM_MARK] == b"DICM" or begins_bare(head):
        from trainer.radiograph import dicom

        return dicom.read_dicom(path, name)
    if head.startswith(_PICTURE_SIGNATURES):
        from trainer.radiograph import picture

        return picture.read_picture(path, name)
    raise RadiographError(f"{name} is not a radiograph in a format that can be read ({SUPPORTED}).")


def bone_bright(radiograph: Radiograph) -> Radiograph:
    """Turn a radiograph whose bone is dark, and say so. Its pixels become read-only."""
    import numpy as np

    from trainer.radiograph import polarity

    pixels, cautions = radiograph.pixels, list(radiograph.cautions)
    dark = polarity.bone_is_dark(pixels)
    if dark:
        pixels = np.subtract(np.float32(1.0), pixels)
        cautions.append(_INVERTED)
    pixels.setflags(write=False)
    return replace(radiograph, pixels=pixels, was_inverted=dark, cautions=tuple(cautions))
