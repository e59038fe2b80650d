"""Dialogs of the lab that ask for a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

RECIPES = "Recipes (*.json)"


def ask_recipe(parent: QWidget) -> Path | None:
    """A recipe's file to read."""
    chosen, _ = QFileDialog.getOpenFileName(parent, "Import a recipe", "", RECIPES)
    return Path(chosen) if chosen else None


def ask_where_recipe(parent: QWidget, name: str) -> Path | None:
    """Where to write a recipe."""
    chosen, _ = QFileDialog.getSaveFileName(parent, "Export the recipe", f"{name}.json", RECIPES)
    return _ending(chosen, ".json")


def ask_where_sheet(parent: QWidget, stem: str) -> Path | None:
    """Where to write the grid."""
    chosen, _ = QFileDialog.getSaveFileName(parent, "Save the pictures", f"{stem}-augmentations.png", "PNG (*.png)")
    return _ending(chosen, ".png")


def _ending(chosen: str, suffix: str) -> Path | None:
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)
