"""Curves of runs: how they are drawn for the window, and the same as numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from trainer.history import History

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from trainer.figures import Look

SIDE_BY_SIDE_INCHES: Final = 6.6  # with this width two plots stand beside each other, however high they are
FLAT: Final = 1.4  # and with this width by height
LOSS_UNITS: Final = {"mse": "MSE, months²", "l1": "L1, months", "huber": "Huber, months"}


def draw_histories(figure: Figure, look: Look, *, histories: Sequence[History], log: bool) -> None:
    """Draw MAE and loss of runs: beside each other where there is room, else one above the other.

    One legend stands above both, where it covers no curve.
    """
    from trainer.figures import draw_curves
    from trainer.figures.look import columns_that_fit, explain

    width, height = figure.get_size_inches()
    wide = width >= SIDE_BY_SIDE_INCHES or width > FLAT * height  # else two flat ones would stand one above the other
    pair = figure.subplots(1, 2) if wide else figure.subplots(2, 1)
    draw_curves(pair[0], histories, quantity="mae", log=log, look=look, legend=False)
    draw_curves(pair[1], histories, quantity="loss", log=log, look=look, legend=False)
    strokes, names = pair[0].get_legend_handles_labels()
    if names:
        columns = columns_that_fit(names, look, width_inches=figure.get_figwidth())
        explain(figure, look, handles=strokes, labels=names, loc="outside upper center", ncols=columns)


def curves_csv(histories: Sequence[History]) -> str:
    """Return every epoch of runs as CSV with units in its header; runs of different losses say theirs in a column.

    Of an ensemble those of all members, each with its own best.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    units = {LOSS_UNITS.get(history.config.loss, history.config.loss) for history in histories}
    unit = f" ({units.pop()})" if len(units) == 1 else " (in the unit of its run)"
    table.writerow(
        ("run", "loss", "member", "epoch", f"training loss{unit}", f"validation loss{unit}", "training MAE (months)",
         "validation MAE (months)", "learning rate", "images/s", "time since the start (s)", "best")
    )  # fmt: skip
    for history in histories:
        members = groupby(history.every_epoch, key=lambda record: record.member)
        best = {min(own, key=lambda record: record.validation_mae_months) for _, own in members}
        for record in history.every_epoch:
            table.writerow(
                (history.name, history.config.loss, record.member, record.epoch, record.training_loss,
                 record.validation_loss, record.training_mae_months, record.validation_mae_months,
                 record.learning_rate, round(record.images_per_s, 2), round(record.elapsed_s, 1), int(record in best))
            )  # fmt: skip
    return text.getvalue()
