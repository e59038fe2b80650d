"""Presets: windows that are computed from the radiograph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from boneage_gui.widgets.radiograph_view.display_window import MIN_WIDTH, Window
from trainer.radiograph import Radiograph

if TYPE_CHECKING:
    from boneage_gui.widgets.radiograph_view.greys import Landmarks


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A named window, computed from the radiograph."""

    name: str
    tip: str
    bounds: Callable[[Landmarks], tuple[float, float]]


PRESETS: tuple[Preset, ...] = (
    Preset(name="Full range", tip="Everything the file holds", bounds=lambda _: (0.0, 1.0)),
    Preset(
        name="Auto",
        tip="1 % to 99 % of this radiograph's grey values",
        bounds=lambda marks: (marks.percent_1, marks.percent_99),
    ),
    Preset(
        name="Bone",
        tip="Cortex, trabeculae and growth plates; the skin line fades",
        bounds=lambda marks: ((marks.background + marks.soft_from) / 2, marks.percent_99),
    ),
    Preset(
        name="Soft tissue",
        tip="Skin line and muscle; dense bone runs to white",
        bounds=lambda marks: (marks.percent_1, marks.bone),
    ),
    Preset(
        name="High contrast",
        tip="The step from soft tissue to bone: small ossification centres",
        bounds=lambda marks: (marks.soft_from, (marks.bone + marks.percent_99) / 2),
    ),
)


def preset_window(preset: Preset, radiograph: Radiograph) -> Window:
    """The preset's window for this radiograph; the full range where its histogram says nothing."""
    from boneage_gui.widgets.radiograph_view.greys import landmarks  # numpy, which a first paint does without

    low, high = preset.bounds(landmarks(radiograph.pixels))
    if not high - low >= MIN_WIDTH:
        return Window()
    return Window.between(low, high)
