"""Verdict files: the page as PDF and its figures as pictures, drawn in the painter's process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from boneage_gui.work.painter import painter

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from trainer.comparison import Comparison
    from trainer.figures import Look
    from trainer.history import History
    from trainer.measured import Measured

    Answers = Comparison | Measured


def save_page(path: Path, answers: Answers, histories: Sequence[History | None]) -> Path:
    """Write the page as PDF; return its path. Raises DataError."""
    painter.ask(_save_page, path, answers, histories)
    return path


def save_pictures(folder: Path, answers: Answers, histories: Sequence[History | None]) -> Path:
    """Write every figure as a picture into a folder; return the folder. Raises DataError."""
    painter.ask(_save_pictures, folder, answers, histories)
    return folder


def draw_agreement(figure: Figure, look: Look, *, answers: Answers) -> None:
    """Draw predicted against actual age, for FigureView."""
    from trainer.figures.pictures import agreement_figure

    agreement_figure(figure, look, answers=answers)


def draw_bland_altman(figure: Figure, look: Look, *, answers: Answers) -> None:
    """Draw Bland and Altman's plot, for FigureView."""
    from trainer.figures.pictures import bland_altman_figure

    bland_altman_figure(figure, look, answers=answers)


def draw_error_by_age(figure: Figure, look: Look, *, answers: Answers) -> None:
    """Draw the error in each age band, for FigureView."""
    from trainer.figures.pictures import error_by_age_figure

    error_by_age_figure(figure, look, answers=answers)


def draw_histories(figure: Figure, look: Look, *, histories: Sequence[History | None]) -> None:
    """Draw the curves of the runs, for FigureView."""
    from trainer.figures.pictures import histories_figure

    histories_figure(figure, look, histories=histories)


def _save_page(path: Path, answers: Answers, histories: Sequence[History | None]) -> None:
    from trainer import figures
    from trainer.comparison import Comparison

    if isinstance(answers, Comparison):
        figures.save_pdf(path, figures.pages(answers, histories), title="Comparison of two models")
    else:
        figures.save_pdf(path, [figures.score_page(answers)], title="Evaluation of a bone age model")


def _save_pictures(folder: Path, answers: Answers, histories: Sequence[History | None]) -> None:
    from trainer import figures

    figures.save_pictures(folder, answers, histories)
