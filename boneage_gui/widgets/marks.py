"""Marks: properties by which the theme's stylesheet tells widgets apart, such as a label's rank or a wrong field."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def mark(widget: QWidget, name: str, value: str | bool) -> None:
    """Set a mark and have the stylesheet look at the widget again, which it does not do by itself."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
