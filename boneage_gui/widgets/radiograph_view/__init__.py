"""The radiograph viewer: a widget that draws one radiograph, and the values that cross its border."""

from __future__ import annotations

from boneage_gui.widgets.radiograph_view.display_window import Window
from boneage_gui.widgets.radiograph_view.glaze import Glaze, Outline
from boneage_gui.widgets.radiograph_view.measuring import Tool
from boneage_gui.widgets.radiograph_view.presets import PRESETS, Preset, preset_window
from boneage_gui.widgets.radiograph_view.probe import Probe
from boneage_gui.widgets.radiograph_view.view import GESTURES, RadiographView

__all__ = [
    "GESTURES",
    "PRESETS",
    "Glaze",
    "Outline",
    "Preset",
    "Probe",
    "RadiographView",
    "Tool",
    "Window",
    "preset_window",
]
