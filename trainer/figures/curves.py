"""Curves of one or more runs: training dashed, validation solid, the best epoch marked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, Literal

from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, ScalarFormatter

from trainer.figures.look import LIGHT, Look, dress, explain, names_apart, plain, say_empty, subtitle
from trainer.history import History

Quantity = Literal["mae", "loss"]
QUANTITIES: Final[tuple[Quantity, Quantity]] = ("mae", "loss")
LOSS_UNITS: Final = {"mse": "MSE, months²", "l1": "L1, months", "huber": "Huber, months"}
TRAINING: Final = (0, (4, 2))  # dashes


def draw_curves(
    axes: Axes,
    histories: Sequence[History],
    *,
    quantity: Quantity = "mae",
    log: bool = False,
    look: Look = LIGHT,
    title: str | None = None,
    colours: Sequence[int] = (),
    legend: bool = True,
) -> None:
    """Draw the curves of runs over epochs, empty ones included: MAE in months, or loss in the runs' own unit.

    ``colours`` are indices into the look's series, one for each run; else they are counted. Without ``legend`` whoever
    calls explains the strokes.
    The epoch marked as best is the one that is kept: with the least validation MAE, in both quantities.
    """
    axes.clear()
    name = "Mean absolute error" if quantity == "mae" else "Loss"
    dress(axes, look, title=name if title is None else title, x_label="Epoch", y_label=_label(histories, quantity))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set_yscale("log" if log else "linear")
    if log:
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_major_formatter(ScalarFormatter())
        axes.yaxis.set_minor_formatter(NullFormatter())
    drawn = [history for history in histories if history.epochs]
    if not drawn:
        axes.set_yticks([])
        say_empty(axes, look, "No epoch has ended yet.")
        return
    names = names_apart([history.name for history in histories])
    for index, (history, name) in enumerate(zip(histories, names, strict=True)):
        if history.epochs:
            colour = look.colour(colours[index] if colours else index)
            _draw_run(axes, history, "" if len(histories) == 1 else plain(name, 32), colour, quantity)
    last = max(record.epoch for history in drawn for record in history.epochs)
    axes.set_xlim(0.5, max(last, 2) + 0.5)
    if not log:
        axes.set_ylim(0, axes.get_ylim()[1] * 1.05)
    if len(histories) > 1:  # what the strokes mean is said once, not for every run
        subtitle(axes, look, ("validation solid, training dashed",))
    if legend:
        explain(axes, look)


def draw_both(pair: Sequence[Axes], histories: Sequence[History | None], *, look: Look = LIGHT) -> None:
    """Draw MAE on the first and loss on the second axes; None keeps a colour for a model whose run is not known."""
    known = [(index, history) for index, history in enumerate(histories) if history is not None]
    for axes, quantity in zip(pair, QUANTITIES, strict=True):
        runs, colours = [history for _, history in known], [index for index, _ in known]
        draw_curves(axes, runs, quantity=quantity, look=look, colours=colours)


def _draw_run(axes: Axes, history: History, name: str, colour: str, quantity: Quantity) -> None:
    """Draw a run; one with a name has its best epoch's line in the legend alone, under that name."""
    field = "mae_months" if quantity == "mae" else "loss"
    epochs = [record.epoch for record in history.epochs]
    for part, style, width in (("training", TRAINING, 1.2), ("validation", "-", 1.6)):
        axes.plot(
            epochs,
            [
                _drawable(getattr(record, f"{part}_{field}"), log=axes.get_yscale() == "log")
                for record in history.epochs
            ],
            linestyle=style,
            color=colour,
            linewidth=width,
            marker="o" if len(epochs) == 1 else None,  # a line of one point is not seen
            markersize=4,
            label=None if name else part,
        )
    best = history.best
    if best is None:
        return
    found = f"best epoch {best.epoch}, {best.validation_mae_months:.2f} months"
    axes.plot(
        [best.epoch],
        [_drawable(getattr(best, f"validation_{field}"), log=axes.get_yscale() == "log")],
        linestyle="-" if name else "none",
        color=colour,
        linewidth=1.6,
        marker="o",
        markersize=7,
        markerfacecolor="none",
        markeredgewidth=1.6,
        label=f"{name}: {found}" if name else found,
    )


def _drawable(value: float, *, log: bool) -> float:
    """Return a value, or nan, which leaves a gap, for one that has no place on the axis."""
    return value if math.isfinite(value) and (value > 0 or not log) else math.nan


def _label(histories: Sequence[History], quantity: Quantity) -> str:
    if quantity == "mae":
        return "Mean absolute error, months"
    units = {LOSS_UNITS.get(history.config.loss, history.config.loss) for history in histories}
    return f"Loss, {units.pop()}" if len(units) == 1 else "Loss, each run in its own unit"
