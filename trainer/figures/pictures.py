"""Pictures of a comparison, or of one model: the same figures for files and for the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure

from trainer.comparison import Comparison
from trainer.figures.ages import draw_error_by_age
from trainer.figures.agreement import draw_agreement, draw_bland_altman, draw_bland_altman_pair, draw_figure_4, roles
from trainer.figures.curves import draw_both
from trainer.figures.look import PRINT, Look, plain
from trainer.figures.saving import save_png
from trainer.history import History
from trainer.measured import Measured

Answers = Comparison | Measured
Draw = Callable[[Figure, Look], None]
WIDE_INCHES = 9.0


def agreement_figure(figure: Figure, look: Look, *, answers: Answers) -> None:
    """Draw predicted against actual age with the diagonal: two models side by side as the paper's figure 4, or one."""
    if isinstance(answers, Comparison):
        draw_figure_4(list(figure.subplots(1, 2)), answers, look=look)
    else:
        title = plain(answers.model.name, 32)
        draw_agreement(figure.add_subplot(), answers.actual, answers.model.predicted, title=title, look=look)


def bland_altman_figure(figure: Figure, look: Look, *, answers: Answers) -> None:
    """Draw Bland and Altman's plot of two models side by side, or of one."""
    if isinstance(answers, Comparison):
        draw_bland_altman_pair(list(figure.subplots(1, 2)), answers, look=look)
    else:
        draw_bland_altman(figure.add_subplot(), answers.actual, answers.model.predicted, look=look)


def error_by_age_figure(figure: Figure, look: Look, *, answers: Answers) -> None:
    """Draw the mean absolute error in each age band with its interval."""
    if isinstance(answers, Comparison):
        scores = {f"{role}: {model.name}": answers.score_of(model) for role, model in roles(answers)}
    else:
        scores = {answers.model.name: answers.score}
    draw_error_by_age(figure.add_subplot(), scores, look=look)


def histories_figure(figure: Figure, look: Look, *, histories: Sequence[History | None]) -> None:
    """Draw MAE and loss of the runs; None keeps a colour for a model whose run is not known."""
    draw_both(list(figure.subplots(1, 2)), histories, look=look)


def save_pictures(folder: Path, answers: Answers, histories: Sequence[History | None] = ()) -> list[Path]:
    """Write every figure into a folder as PNG, curves where runs are known; return the files. Raises DataError."""
    pair = isinstance(answers, Comparison)
    agreement = "figure-4.png" if pair else "agreement.png"
    pictures: list[tuple[str, float, float, Draw]] = [
        (agreement, WIDE_INCHES if pair else 5, 4.9, partial(agreement_figure, answers=answers)),
        ("bland-altman.png", WIDE_INCHES if pair else 6, 4.2, partial(bland_altman_figure, answers=answers)),
        ("error-by-age.png", 7, 3.6, partial(error_by_age_figure, answers=answers)),
    ]
    if any(histories):
        pictures.append(("curves.png", WIDE_INCHES, 3.8, partial(histories_figure, histories=histories)))
    for name, wide, high, draw in pictures:
        figure = Figure(figsize=(wide, high), layout="constrained", facecolor=PRINT.background)
        draw(figure, PRINT)
        save_png(folder / name, figure)
    return [folder / name for name, *_ in pictures]
