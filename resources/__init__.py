"""What ships with the program: icons, models, samples and the terms they come under."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

FOLDER = Path(__file__).resolve().parent
DEFAULT_MODEL = "improved-sex"
MODEL_SUFFIX = ".safetensors"
NOTICE_PATH = FOLDER / "NOTICE.md"


def model_path(name: str) -> Path:
    """Path of the shipped model of that name; the file need not exist."""
    return FOLDER / "models" / f"{name}{MODEL_SUFFIX}"


def model_names() -> list[str]:
    """Names of the shipped models that are there, the default first, then by name."""
    found = sorted(path.stem for path in (FOLDER / "models").glob(f"*{MODEL_SUFFIX}"))
    return sorted(found, key=lambda name: name != DEFAULT_MODEL)


def gate_folder() -> Path:
    """Folder of the gate and of what each shipped model knows; none of it is a model of ages or stands in a menu."""
    return FOLDER / "gate"


def gate_path() -> Path:
    """Path of the gate's weights; the file need not exist."""
    return gate_folder() / f"gate{MODEL_SUFFIX}"


def likeness_path(name: str) -> Path:
    """Path of the features that the shipped model of that name knows; the file need not exist."""
    return gate_folder() / f"likeness-{name}{MODEL_SUFFIX}"


def upright_path() -> Path:
    """Path of what finds the orientation of a hand; the file need not exist."""
    return FOLDER / "orientation" / f"upright{MODEL_SUFFIX}"


class BesideModels(TypedDict):
    """What ships beside models and is used with each: the finder of orientation, the gate, what is known of each model.

    ``Predictor.load_beside`` takes these names.
    """

    upright_file: Path | None
    gate_file: Path | None
    likeness_folder: Path


def beside_models() -> BesideModels:
    """Return what ships beside models."""
    upright = upright_path()
    return {
        "upright_file": upright if upright.is_file() else None,
        "gate_file": gate_path(),
        "likeness_folder": gate_folder(),
    }


def icon_path(name: str) -> Path:
    """Path of a line icon, 24 x 24, drawn in ``currentColor``."""
    return FOLDER / "icons" / f"{name}.svg"


def sample_paths() -> list[Path]:
    """Computer-made hand radiographs that ship with the program, DICOM first."""
    samples = (FOLDER / "samples").glob("[!.]*")  # the folder holds nothing else
    return sorted(samples, key=lambda path: (path.suffix.lower() != ".dcm", path.name))
