"""What the window's jobs run: plain functions and generators, no Qt; torch enters here, lazily."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boneage_gui.work.decoder import reader, sketcher
from boneage_gui.work.heap import hand_back
from boneage_gui.work.importing import import_torch
from trainer.errors import BoneAgeError, RadiographError
from trainer.prediction import Prediction
from trainer.radiograph import SUFFIXES, Radiograph, Sex, shown_name

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from boneage_gui.clinic.deidentify import Choices, Pseudonyms
    from boneage_gui.work.levels import Levels
    from trainer.card import ModelCard
    from trainer.predictor import Predictor

MOST_FILES_IN_FOLDER = 5_000
THUMBNAIL_SIDE_PX = 144


def read(path: Path, *, unwanted: Callable[[], bool] = lambda: False) -> Radiograph:
    """Read one radiograph in the process that decodes; ``unwanted`` ends that early. Raises RadiographError."""
    return reader.read(path, unwanted=unwanted)


def read_to_show(path: Path, *, unwanted: Callable[[], bool] = lambda: False) -> tuple[Radiograph, Levels]:
    """As ``read``, with the levels that it is drawn from: making them would hold up the window."""
    from boneage_gui.work.levels import Levels

    radiograph = read(path, unwanted=unwanted)
    return radiograph, Levels(radiograph.pixels)


def write_bare(source: Path, goal: Path, pseudonyms: Pseudonyms, choices: Choices) -> tuple[str, ...]:
    """Write a radiograph without its patient, in the process that decodes; return what must be heard of it.

    Raises RadiographError, and OSError where it cannot be written.
    """
    return reader.write_bare(source, goal, pseudonyms, choices)


def warm_up_decoder() -> None:
    """Start the process that decodes, so that the first file need not wait for it."""
    reader.warm_up()


def read_card(path: Path) -> ModelCard:
    """Read a model's card from its file's header; torch is not needed. Raises CheckpointError."""
    from trainer.card import read_card as read_model_card

    return read_model_card(path)


def load_predictor(path: Path, **beside: Path | None) -> Predictor:
    """Load a model; imports torch, which takes seconds the first time. Raises CheckpointError.

    ``beside`` is what ``resources.beside_models`` names, or some of it.
    """
    import_torch()
    from trainer.predictor import Predictor

    predictor = Predictor.load_beside(path, **beside)
    hand_back()
    return predictor


def predict(
    predictor: Any,
    radiograph: Radiograph,
    sex: Sex | None,
    *,
    anyway: bool = False,
    chronological_months: float | None = None,
) -> Prediction:
    """Ask a loaded model for the bone age. Raises RadiographError where it refuses to answer.

    ``anyway`` reads what the gate refuses; the answer says so. The age is the header's where none is given.
    """
    answer: Prediction = predictor.predict(
        radiograph, sex=sex, anyway=anyway, chronological_months=chronological_months
    )
    return answer


def radiographs_in(folder: Path) -> list[Path]:
    """Files of a folder that may be radiographs, by name: known endings, or none at all as PACS exports have."""
    try:
        files = [path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file()]
    except OSError as error:
        raise RadiographError(f"The folder “{shown_name(folder)}” cannot be opened: {error.strerror}.") from error
    found = [path for path in files if path.suffix.lower() in SUFFIXES or not path.suffix]
    if not found:
        raise RadiographError(f"The folder “{shown_name(folder)}” holds no radiographs (DICOM, PNG, JPEG or TIFF).")
    return sorted(found, key=lambda path: _natural_order(path.name))[:MOST_FILES_IN_FOLDER]


def thumbnails(
    paths: list[Path], *, unwanted: Callable[[], bool] = lambda: False
) -> Iterator[tuple[Path, npt.NDArray[np.uint8] | None]]:
    """Yield each file with its thumbnail, uint8[height, width], or None where it cannot be read."""
    for path in paths:
        try:
            yield path, sketcher.thumbnail(path, side_px=THUMBNAIL_SIDE_PX, unwanted=unwanted)
        except BoneAgeError:
            yield path, None


def thumbnail(radiograph: Radiograph, *, side_px: int = THUMBNAIL_SIDE_PX) -> npt.NDArray[np.uint8]:
    """Shrink by averaging whole blocks, so that the longer side is at most ``side_px``."""
    import numpy as np

    pixels = radiograph.pixels
    step = max(1, -(-max(pixels.shape) // side_px))
    height, width = (max(1, side // step) for side in pixels.shape)
    step_row, step_column = min(step, pixels.shape[0]), min(step, pixels.shape[1])
    cut = pixels[: height * step_row, : width * step_column]
    small = cut.reshape(height, step_row, width, step_column).mean(axis=(1, 3))
    return np.ascontiguousarray(np.clip(small * 255.0 + 0.5, 0, 255).astype(np.uint8))


def _natural_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key under which 9.png comes before 10.png."""
    parts: list[tuple[int, int, str]] = []
    digits = ""
    for letter in name.lower() + "\0":
        if letter.isdigit() and letter.isascii():
            digits += letter
            continue
        if digits:
            parts.append((0, int(digits), ""))
            digits = ""
        parts.append((1, 0, letter))
    return tuple(parts)
