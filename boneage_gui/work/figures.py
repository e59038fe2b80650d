"""Figures for the window: matplotlib draws in the painter's process, the window gets pixels and where the axes lie."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from boneage_gui.work.painter import painter

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from trainer.figures import Look

Draw = Callable[..., None]  # of a matplotlib Figure and a trainer.figures.Look; importable by name, see Painter
SCREEN_DPI: Final = 96.0  # a logical pixel is 1/96 inch, to matplotlib as to Qt
PRINT_DPI: Final = 300.0
EDGE_INCHES: Final = 0.1  # around axes
POINTS_PER_PX: Final = 72.0 / SCREEN_DPI


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnAxes:
    """Where axes lie in a picture, in logical pixels from its top left corner, and what they span."""

    left_px: float
    top_px: float
    right_px: float
    bottom_px: float
    x_low: float
    x_high: float
    y_low: float
    y_high: float
    x_log: bool = False
    y_log: bool = False

    def holds(self, x_px: float, y_px: float) -> bool:
        """Whether a pixel lies within."""
        return self.left_px <= x_px <= self.right_px and self.top_px <= y_px <= self.bottom_px

    def value_at(self, x_px: float, y_px: float) -> tuple[float, float]:
        """The data under a pixel."""
        across = (x_px - self.left_px) / (self.right_px - self.left_px)
        up = (self.bottom_px - y_px) / (self.bottom_px - self.top_px)
        return _value(across, self.x_low, self.x_high, self.x_log), _value(up, self.y_low, self.y_high, self.y_log)

    def pixel_of(self, x: float, y: float) -> tuple[float, float] | None:
        """The pixel of a value; None where it has no place on the axes."""
        across, up = _share(x, self.x_low, self.x_high, self.x_log), _share(y, self.y_low, self.y_high, self.y_log)
        if not all(-1e-6 <= share <= 1 + 1e-6 for share in (across, up)):  # so is nan
            return None
        return (
            self.left_px + across * (self.right_px - self.left_px),
            self.bottom_px - up * (self.bottom_px - self.top_px),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnFigure:
    """A figure as pixels: uint8[height, width, 4], RGBA, ``scale`` of them a logical pixel; axes in their order."""

    pixels: npt.NDArray[np.uint8]
    scale: float
    axes: tuple[DrawnAxes, ...]


def draw_figure(
    draw: Draw,
    *,
    width_px: int,
    height_px: int,
    scale: float = 1.0,
    look_name: str = "dark",
    font_family: str = "",
    font_px: float = 12.0,
) -> DrawnFigure:
    """Draw for the screen, width and height in logical pixels, letters as the window's.

    ``draw(figure, look)`` adds its axes to an empty figure. Raises what it raises, and FigureError.
    """
    drawn: DrawnFigure = painter.ask(
        _drawn, draw, width_px=width_px, height_px=height_px, scale=scale, look_name=look_name,
        font_family=font_family, font_px=font_px,
    )  # fmt: skip
    return drawn


def save_figure(draw: Draw, path: Path, *, width_px: int, height_px: int, font_family: str = "") -> Path:
    """Draw on white for print, as large as on the screen, into a PNG (300 dots an inch) or a PDF; return the path.

    Raises DataError where the file cannot be written, and FigureError.
    """
    painter.ask(_saved, draw, path, width_px=width_px, height_px=height_px, font_family=font_family)
    return path


def _value(share: float, low: float, high: float, log: bool) -> float:
    return low * (high / low) ** share if log else low + share * (high - low)


def _share(value: float, low: float, high: float, log: bool) -> float:
    if log:
        return math.log(value / low) / math.log(high / low) if value > 0 else math.nan
    return (value - low) / (high - low)


# -- in the painter's process ---------------------------------------------------------------------------------------


def _drawn(
    draw: Draw, *, width_px: int, height_px: int, scale: float, look_name: str, font_family: str, font_px: float
) -> DrawnFigure:
    from trainer.figures import DARK, LIGHT

    look = replace(LIGHT if look_name == "light" else DARK, text_pt=font_px * POINTS_PER_PX)
    with _drawing(draw, look, (width_px, height_px), SCREEN_DPI * scale, font_family) as figure:
        canvas: Any = figure.canvas
        canvas.draw()
        pixels = np.array(canvas.buffer_rgba(), dtype=np.uint8)
        return DrawnFigure(pixels=pixels, scale=scale, axes=tuple(_axes(axes, scale) for axes in figure.axes))


def _saved(draw: Draw, path: Path, *, width_px: int, height_px: int, font_family: str) -> None:
    from trainer.figures import PRINT, save_pdf, save_png

    with _drawing(draw, replace(PRINT, text_pt=9.0), (width_px, height_px), SCREEN_DPI, font_family) as figure:
        if path.suffix.lower() == ".pdf":
            save_pdf(path, [figure])
        else:
            save_png(path, figure, dpi=round(PRINT_DPI))


@contextmanager
def _drawing(draw: Draw, look: Look, size_px: tuple[int, int], dpi: float, family: str) -> Iterator[Figure]:
    """Give a figure with its canvas, drawn on, in the window's font where matplotlib knows it."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.font_manager import fontManager
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    known = {font.name for font in fontManager.ttflist}
    families = [name for name in (family, "DejaVu Sans") if name in known] or ["sans-serif"]
    with mpl.rc_context({"font.family": families}), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of the layout, while a window is very small
        size_inches = (size_px[0] / SCREEN_DPI, size_px[1] / SCREEN_DPI)
        layout = ConstrainedLayoutEngine(w_pad=EDGE_INCHES, h_pad=EDGE_INCHES)
        figure = Figure(figsize=size_inches, dpi=dpi, layout=layout, facecolor=look.background)
        FigureCanvasAgg(figure)
        draw(figure, look)
        yield figure


def _axes(axes: Axes, scale: float) -> DrawnAxes:
    figure = axes.get_figure(root=True)
    box = axes.get_window_extent()
    height = figure.bbox.height if figure is not None else 0.0
    (x_low, x_high), (y_low, y_high) = axes.get_xlim(), axes.get_ylim()
    return DrawnAxes(
        left_px=float(box.x0) / scale,
        top_px=float(height - box.y1) / scale,
        right_px=float(box.x1) / scale,
        bottom_px=float(height - box.y0) / scale,
        x_low=float(x_low),
        x_high=float(x_high),
        y_low=float(y_low),
        y_high=float(y_high),
        x_log=axes.get_xscale() == "log",
        y_log=axes.get_yscale() == "log",
    )
