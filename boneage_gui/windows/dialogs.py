"""Dialogs that ask for a file, and the two that tell something."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from boneage_gui.widgets.explanation_keys import KEYS as EXPLANATION_KEYS
from boneage_gui.widgets.radiograph_view import GESTURES
from boneage_gui.windows.menus import Menus
from trainer.radiograph import SUFFIXES

RADIOGRAPHS = f"Radiographs ({' '.join('*' + suffix for suffix in SUFFIXES)});;All files (*)"
MODELS = "Models (*.safetensors)"


def ask_files(parent: QWidget, folder: Path | None) -> list[Path]:
    """Files to open; none when the user thinks better of it."""
    chosen, _ = QFileDialog.getOpenFileNames(parent, "Open radiographs", str(folder or ""), RADIOGRAPHS)
    return [Path(name) for name in chosen]


def ask_folder(parent: QWidget, folder: Path | None) -> list[Path]:
    """The folder to open, as a list of one or none."""
    chosen = QFileDialog.getExistingDirectory(parent, "Open a folder of radiographs", str(folder or ""))
    return [Path(chosen)] if chosen else []


def ask_model(parent: QWidget, folder: Path | None) -> Path | None:
    """A model file."""
    chosen, _ = QFileDialog.getOpenFileName(parent, "Open a model", str(folder or ""), MODELS)
    return Path(chosen) if chosen else None


def ask_png(parent: QWidget, source: Path) -> Path | None:
    """Where to write the picture; proposes a name beside nothing but the file's own."""
    proposed = source.parent / f"{source.stem}-view.png"
    chosen, _ = QFileDialog.getSaveFileName(parent, "Save the picture", str(proposed), "PNG (*.png)")
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix.lower() == ".png" else path.with_name(path.name + ".png")


def help_sections(menus: Menus) -> list[tuple[str, Sequence[tuple[str, str]]]]:
    """The keys of the menus, and what hand and keys do on the radiograph and in the explanation beside it."""
    dropped = ("Drop", "Open files and folders")
    return [*menus.shortcuts(), ("On the radiograph", (*GESTURES, dropped)), ("In the explanation", EXPLANATION_KEYS)]


def show(dialog: QDialog) -> None:
    """Open a dialog that lets the window live on and cleans up after itself."""
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


def show_about(parent: QWidget) -> None:
    """Help, About."""
    from boneage_gui.windows.about import About

    show(About(parent))
