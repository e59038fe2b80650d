"""What the window remembers between starts, typed; a bad value falls back to its default."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

APPLICATION = "boneage"
HOME_VARIABLE = "BONEAGE_HOME"  # one folder for settings and logs instead of the user's own
MOST_RECENT_FILES = 10

T = TypeVar("T")


class ThemeName(StrEnum):
    """The two looks of the window."""

    DARK = "dark"
    LIGHT = "light"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The remembered state of the window."""

    theme: ThemeName = ThemeName.DARK
    model: str = ""  # name of a shipped model or path of a file; empty: the default
    panel_shown: bool = True
    thumbnails_shown: bool = True
    recent_files: tuple[Path, ...] = ()
    last_folder: Path | None = None
    readable_labels: bool = False  # whether readings are kept with the patient's name and number
    reference: str = "brush"  # key of the table that bone ages are held against
    receives: bool = False  # whether radiographs are received
    unfinished_run: str = ""  # name of the run to be offered at the next start
    window_geometry: bytes = b""


def settings_folder() -> Path:
    """Folder of the settings file."""
    home = os.environ.get(HOME_VARIABLE)
    return Path(home) if home else Path(platformdirs.user_config_dir(APPLICATION, appauthor=False))


def log_folder() -> Path:
    """Folder of the log and of the fault handler's file."""
    home = os.environ.get(HOME_VARIABLE)
    return Path(home) / "log" if home else Path(platformdirs.user_log_dir(APPLICATION, appauthor=False))


def data_folder() -> Path:
    """Folder of what the user makes with the program: runs, models."""
    home = os.environ.get(HOME_VARIABLE)
    return Path(home) if home else Path(platformdirs.user_data_dir(APPLICATION, appauthor=False))


def runs_folder() -> Path:
    """Folder of training runs, one folder each."""
    return data_folder() / "runs"


def models_folder() -> Path:
    """Folder of the user's own models."""
    return data_folder() / "models"


def recipes_folder() -> Path:
    """Folder of the user's own recipes of augmentations, one JSON file each."""
    return data_folder() / "recipes"


def readings_folder() -> Path:
    """Folder of the clinician's readings, their key and their copies."""
    return data_folder() / "readings"


def inbox_folder() -> Path:
    """Folder of what was received from other DICOM systems."""
    return data_folder() / "inbox"


def cache_folder() -> Path:
    """Folder of what can be made again: canvases."""
    home = os.environ.get(HOME_VARIABLE)
    return Path(home) / "cache" if home else Path(platformdirs.user_cache_dir(APPLICATION, appauthor=False))


def with_recent(settings: Settings, path: Path) -> Settings:
    """Put a file at the head of the recent files, once."""
    others = [other for other in settings.recent_files if other != path]
    recent = (path, *others)[:MOST_RECENT_FILES]
    return replace(settings, recent_files=recent, last_folder=path.parent)


class SettingsFile:
    """Reads and writes Settings in one INI file."""

    def __init__(self, folder: Path | None = None) -> None:
        self.path = (folder or settings_folder()) / "boneage.ini"
        self._store = QSettings(str(self.path), QSettings.Format.IniFormat)
        self._known: dict[str, object] = {}  # what the file holds, as far as this window knows

    def load(self) -> Settings:
        """Read the settings; what is missing or unreadable has its default."""
        default = Settings()
        found = Settings(
            theme=self._read("theme", _theme, default.theme),
            model=self._read("model", _text, default.model),
            panel_shown=self._read("panel_shown", _flag, default.panel_shown),
            thumbnails_shown=self._read("thumbnails_shown", _flag, default.thumbnails_shown),
            recent_files=self._read("recent_files", _paths, default.recent_files),
            last_folder=self._read("last_folder", _path, default.last_folder),
            readable_labels=self._read("readable_labels", _flag, default.readable_labels),
            reference=self._read("reference", _text, default.reference),
            receives=self._read("receives", _flag, default.receives),
            unfinished_run=self._read("unfinished_run", _text, default.unfinished_run),
            window_geometry=self._read("window_geometry", _blob, default.window_geometry),
        )
        self._known = _values(found)
        return found

    def save(self, settings: Settings) -> None:
        """Write what has changed; a folder that cannot be written to is no reason to fail.

        What has not changed here is left alone: another window may have changed it.
        """
        values = _values(settings)
        for key, value in values.items():
            if key not in self._known or self._known[key] != value:
                self._store.setValue(key, value)
        self._store.sync()
        with suppress(OSError):  # recent files are often named after patients
            self.path.chmod(0o600)
        self._known = values

    @property
    def can_be_written(self) -> bool:
        """Whether what is saved will be there at the next start."""
        return self._store.isWritable() and os.access(self.path.parent, os.W_OK)

    def _read(self, key: str, parse: Callable[[object], T], default: T) -> T:
        if not self._store.contains(key):
            return default
        try:
            return parse(self._store.value(key))
        except (ValueError, TypeError):
            return default


def _values(settings: Settings) -> dict[str, object]:
    return {
        "theme": settings.theme.value,
        "model": settings.model,
        "panel_shown": settings.panel_shown,
        "thumbnails_shown": settings.thumbnails_shown,
        "recent_files": [str(path) for path in settings.recent_files],
        "last_folder": str(settings.last_folder or ""),
        "readable_labels": settings.readable_labels,
        "reference": settings.reference,
        "receives": settings.receives,
        "unfinished_run": settings.unfinished_run,
        "window_geometry": QByteArray(settings.window_geometry),
    }


def _theme(value: object) -> ThemeName:
    return ThemeName(_text(value))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise ValueError(value)


def _path(value: object) -> Path | None:
    text = _text(value)
    return Path(text) if text else None


def _paths(value: object) -> tuple[Path, ...]:
    if isinstance(value, str):  # QSettings writes a list of one as plain text
        value = [value]
    if not isinstance(value, Iterable):
        raise ValueError(value)
    return tuple(Path(_text(item)) for item in value if item)[:MOST_RECENT_FILES]


def _blob(value: object) -> bytes:
    if not isinstance(value, QByteArray):
        raise ValueError(value)
    return bytes(value.data())
