"""The rooms of the training window, and its door in the main window."""

from __future__ import annotations
