"""Export: one radiograph without its patient, written whole, and read again before it may stay."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from boneage_gui.clinic.deidentify.cautions import LOOK, PICTURE, header_cautions
from boneage_gui.clinic.deidentify.header import begin, is_known_class
from boneage_gui.clinic.deidentify.picture import is_picture, write_pixels
from boneage_gui.clinic.deidentify.pixels import add_pixels
from trainer.errors import DataError, RadiographError
from trainer.radiograph import Radiograph, dicom_frame, read, shown_name
from trainer.whole_file import write_whole

if TYPE_CHECKING:
    from pydicom import Dataset

    from boneage_gui.clinic.deidentify.choices import Choices
    from boneage_gui.clinic.deidentify.pseudonyms import Pseudonyms

STRETCHED: Final = 1.0 / 65535  # what a TIFF of an unusual depth may lose
OTHER_KIND: Final = "The file is of a kind of object that is not known here; it was written as a secondary capture."

Write = Callable[[Path, Path, "Pseudonyms", "Choices"], tuple[str, ...]]  # as write_bare


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What became of one file."""

    source: Path
    path: Path | None = None
    cautions: tuple[str, ...] = ()
    refused: str = ""  # the sentence; then nothing was written


def ending_of(source: Path) -> str:
    """Return the ending of the file that an export writes."""
    return ".png" if is_picture(source) else ".dcm"


def export(
    source: Path,
    goal: Path,
    pseudonyms: Pseudonyms,
    choices: Choices,
    *,
    read: Callable[[Path], Radiograph] = read,
    write: Write | None = None,
) -> Exported:
    """Write ``source`` without its patient to ``goal``, whole or not at all.

    ``read`` reads radiographs and ``write`` does what ``write_bare`` does, elsewhere than here perhaps. Raises
    RadiographError for a file that our reader does not read, or would read otherwise afterwards; DataError where it
    cannot be written.
    """
    if goal.exists() and source.exists() and goal.samefile(source):
        raise DataError("The original would be overwritten: choose another name.")
    before = read(source)
    cautions: tuple[str, ...] = ()

    def write_checked(beside: Path) -> None:
        nonlocal cautions
        cautions = (write or write_bare)(source, beside, pseudonyms, choices)
        _need_same(before, read(beside))

    write_whole(goal, write_checked)
    return Exported(source=source, path=goal, cautions=cautions)


def write_bare(source: Path, goal: Path, pseudonyms: Pseudonyms, choices: Choices) -> tuple[str, ...]:
    """Write a radiograph that our reader has read without its patient; return what must be heard of it.

    Raises RadiographError, and OSError where it cannot be written.
    """
    if is_picture(source):
        write_pixels(source, goal)
        return PICTURE, LOOK
    content, cautions = _made(source, pseudonyms, choices)
    goal.write_bytes(content)
    return cautions


def _made(source: Path, pseudonyms: Pseudonyms, choices: Choices) -> tuple[bytes, tuple[str, ...]]:
    name = shown_name(source)
    data = dicom_frame.load(source, name)
    try:
        made = begin(data, pseudonyms, choices)
        add_pixels(made, data, name)
        content = _bytes_of(made)
    except (RadiographError, MemoryError):
        raise
    except Exception as error:  # hostile bytes can raise anything inside pydicom
        raise RadiographError(f"{name} has a header that cannot be de-identified safely; it was not exported.") from (
            error
        )
    cautions = header_cautions(data)
    return content, cautions if is_known_class(data) else (OTHER_KIND, *cautions)


def _bytes_of(made: Dataset) -> bytes:
    content = io.BytesIO()
    made.preamble = b"\0" * 128  # whatever hid there (CVE-2019-11687)
    made.save_as(content, enforce_file_format=True)
    return content.getvalue()


def _need_same(before: Radiograph, after: Radiograph) -> None:
    """Hold the picture that was written against the one before. Raises RadiographError."""
    same = after.pixels.shape == before.pixels.shape and bool((np.abs(after.pixels - before.pixels) <= STRETCHED).all())
    if not same:
        raise RadiographError(
            f"{shown_name(before.source)} would look different without its patient's data; it was not exported."
        )
