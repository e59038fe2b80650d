"""Fixtures of the window: fake models, hand radiographs on disk, a window that cleans up after itself."""

from __future__ import annotations

from tests.gui.training_steps import behave, main, training
from tests.gui.view_gestures import view
from tests.window_fixtures import fake_models, hand_dicom, hand_png, make_window, untrained_model, window

__all__ = [
    "behave",
    "fake_models",
    "hand_dicom",
    "hand_png",
    "main",
    "make_window",
    "training",
    "untrained_model",
    "view",
    "window",
]
