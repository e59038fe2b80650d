"""The only reader of resources/: icons in the theme's colours, models, samples, the notice."""

from __future__ import annotations

import os
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

import resources

ICON_SIDE_PX = 20


@lru_cache(maxsize=256)
def icon(name: str, *, colour: str, disabled: str, checked: str | None = None) -> QIcon:
    """A line icon tinted at run time; the colours are #rrggbb for each state, checked for what can be checked."""
    screens = QGuiApplication.screens()
    ratio = max((screen.devicePixelRatio() for screen in screens), default=1.0)  # sharp on the finest of them
    drawn = QIcon(pixmap(name, colour=colour, ratio=ratio))
    drawn.addPixmap(pixmap(name, colour=disabled, ratio=ratio), QIcon.Mode.Disabled, QIcon.State.Off)
    if checked is not None:
        drawn.addPixmap(pixmap(name, colour=checked, ratio=ratio), QIcon.Mode.Normal, QIcon.State.On)
    return drawn


def pixmap(name: str, *, colour: str, ratio: float = 1.0, side_px: int = ICON_SIDE_PX) -> QPixmap:
    """One icon in one colour at one density."""
    drawing = _drawing(name).replace("currentColor", colour)
    renderer = QSvgRenderer(QByteArray(drawing.encode()))
    picture = QPixmap(round(side_px * ratio), round(side_px * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(picture.rect()))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


@lru_cache(maxsize=128)
def _drawing(name: str) -> str:
    return resources.icon_path(name).read_text(encoding="utf-8")


def model_file(name_or_path: str) -> Path:
    """The file of a shipped model's name, or the path itself, whole: a training's process starts in another folder."""
    looks_like_path = any(mark in name_or_path for mark in ("/", "\\", "."))
    return Path(name_or_path).absolute() if looks_like_path else resources.model_path(name_or_path)


def is_shipped_model(path: Path) -> bool:
    """Whether a path is that of a shipped model; the disk is not asked."""
    return path == resources.model_path(path.stem)


def model_names() -> list[str]:
    """Shipped models that are there, the default first."""
    return resources.model_names()


def default_model() -> Path | None:
    """The default model's file, another shipped one where it is missing, or None."""
    names = model_names()
    return resources.model_path(names[0]) if names else None


def beside_models() -> resources.BesideModels:
    """What ships beside models and is used with each of them; without its gate, a copy still shows and reads."""
    found = resources.beside_models()
    if found["gate_file"] is not None and not found["gate_file"].is_file():
        found["gate_file"] = None
    return found


def sample() -> Path | None:
    """The sample that a first start opens."""
    samples = resources.sample_paths()
    return samples[0] if samples else None


def is_sample(path: Path) -> bool:
    """Whether a file is one of the program's own samples; asked of every picture, so the disk is not."""
    return Path(os.path.abspath(path)) in resources.sample_paths()


def notice() -> str:
    """The terms of code, weights and samples, as Markdown."""
    try:
        return resources.NOTICE_PATH.read_text(encoding="utf-8")
    except OSError:
        return "The notice of terms (resources/NOTICE.md) is missing from this copy of the program."


def ensure_a_font() -> None:
    """On a machine without fonts, take the one that matplotlib carries; text would be boxes otherwise."""
    if QFontDatabase.families():
        return
    found = find_spec("matplotlib")  # finds the folder; imports nothing
    for folder in (found.submodule_search_locations or []) if found else []:
        QFontDatabase.addApplicationFont(str(Path(folder) / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"))


def application_icon(*, colour: str) -> QIcon:
    """The program's own icon."""
    drawn = QIcon()
    for side in (16, 32, 64, 128):
        drawn.addPixmap(pixmap("hand", colour=colour, side_px=side))
    return drawn
