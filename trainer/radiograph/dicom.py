"""DICOM files: one grey frame of any transfer syntax that hospitals send."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from trainer.errors import RadiographError
from trainer.radiograph import dicom_frame, dicom_grey, dicom_header, dicom_part, quiet, scale, values
from trainer.radiograph.dicom_shape import Shape, check
from trainer.radiograph.values import Radiograph

if TYPE_CHECKING:
    from pydicom import Dataset

Stored = npt.NDArray[np.uint8 | np.uint16]
SOME = 16  # one row and column of so many

# Their pictures are never projections of a hand; all others (CR, DX, RF, XA, OT ...) are read in silence.
_NOT_RADIOGRAPHS = ("CT", "MR", "US", "NM", "PT", "ES", "SM", "OPT", "ECG", "RTIMAGE")


def read_dicom(path: Path, name: str) -> Radiograph:
    """Read a DICOM file that holds one grey frame. Raises RadiographError."""
    for library in ("pydicom", "pylibjpeg", "openjpeg", "jpeg_ls"):
        quiet.silence(library)
    try:
        data = dicom_frame.load(path, name)
        shape = check(data, name)
        stored = dicom_frame.decode(data, shape, name)
        pixels, cautions = _to_unit(data, shape, stored)
        facts = dicom_header.read_facts(data)
    except (RadiographError, MemoryError):
        raise
    except Exception:  # hostile bytes can raise anything inside pydicom and its decoders
        raise RadiographError(f"{name} is truncated or damaged; its picture cannot be decoded.") from None
    if dicom_header.text(data, "Modality") in _NOT_RADIOGRAPHS:
        cautions += (values.OTHER_EXAMINATION,)
    part = dicom_part.other_part(data)
    if part is not None:
        cautions += (part,)
    return Radiograph(
        pixels=pixels,
        source=path,
        spacing_mm=facts.spacing_mm,
        spacing_from=facts.spacing_from,
        sex=facts.sex,
        study=facts.study,
        bits_stored=shape.bits_stored,
        cautions=cautions + facts.cautions,
    )


def _to_unit(data: Dataset, shape: Shape, stored: Stored) -> tuple[npt.NDArray[np.float32], tuple[str, ...]]:
    """Map stored values to 0..1, bone bright, with one table for modality, window, range and photometric."""
    levels = dicom_grey.levels_of_patterns(shape)
    padding = dicom_grey.padding(data, levels)
    cautions: list[str] = []
    modality, low, high = dicom_grey.modality(data, levels, shape)
    shown = dicom_grey.window(data, modality)
    if shown is not None:
        if _has_contrast(shown.astype(np.float32), padding, stored) or not _has_contrast(levels, padding, stored):
            return _apply(data, shown, padding, stored), tuple(cautions)
        cautions.append("The window in the header shows nothing of the picture and was left out.")
    if shape.high_bit == shape.bits_stored - 1 and (modality == levels).all():
        least, greatest = _extremes(levels, shape, padding, stored)
        sign = int(least < 0)  # takes a bit
        used = scale.bits_used(max(greatest, -1 - least), shape.bits_stored - sign)
        if used + sign < shape.bits_stored:
            low, high = -float(sign << used), float(1 << used) - 1
            cautions += scale.unused_bits_caution(shape.bits_stored, used + sign)
    shown = np.clip((modality - low) / (high - low), 0.0, 1.0)
    return _apply(data, shown, padding, stored), tuple(cautions)


def _measured(stored: Stored, padding: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """Return which stored values stand in the picture but for padding, ascending; all of them where nothing else is."""
    there = np.zeros(len(padding), np.bool_)
    there[stored] = True
    measured = np.flatnonzero(there & ~padding)
    return measured if measured.size else np.flatnonzero(there)


def _extremes(
    levels: npt.NDArray[np.int32], shape: Shape, padding: npt.NDArray[np.bool_], stored: Stored
) -> tuple[int, int]:
    """Return the least and the greatest level of what was measured, of unsigned ones 0 for the least."""
    largest = int(stored.max())
    if not shape.signed and not padding.any() and largest < 1 << shape.bits_stored:  # else overlays lie in upper bits
        return 0, largest
    measured = levels[_measured(stored, padding)]
    return int(measured.min()) if shape.signed else 0, int(measured.max())


def _apply(
    data: Dataset, shown: npt.NDArray[np.float64], padding: npt.NDArray[np.bool_], stored: Stored
) -> npt.NDArray[np.float32]:
    if dicom_header.text(data, "PhotometricInterpretation") == "MONOCHROME1":
        shown = 1.0 - shown
    # What pads a collimated picture is not a measurement; it shows as the dark of the viewing box.
    return scale.mapped(np.where(padding, 0.0, shown).astype(np.float32), stored)


def _has_contrast(table: npt.NDArray[np.generic], padding: npt.NDArray[np.bool_], stored: Stored) -> bool:
    """Say whether a table shows more than one level of what was measured."""
    some = stored[::SOME, ::SOME]  # few pixels tell nearly always, and all of them take as long as their decoding
    return _differ(table[some[~padding[some]]]) or _differ(table[_measured(stored, padding)])


def _differ(shown: npt.NDArray[np.generic]) -> bool:
    return bool(shown.size and (shown.flat[0] != shown).any())
