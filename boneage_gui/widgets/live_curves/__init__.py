"""Curves of a run as it goes: read by mouse or keys, overlaid with others, saved as picture and numbers."""

from boneage_gui.widgets.live_curves.curves_view import CurvesView
from boneage_gui.widgets.live_curves.live_curves import LiveCurves

__all__ = ["CurvesView", "LiveCurves"]
