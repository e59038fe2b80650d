"""Figures of trainings and comparisons, drawn with matplotlib on axes that the caller owns; no screen needed.

Every ``draw_...`` empties its axes first, so the same axes can be drawn again as a run goes on.
"""

from trainer.figures.ages import draw_age_histogram, draw_error_by_age
from trainer.figures.agreement import draw_agreement, draw_bland_altman, draw_bland_altman_pair, draw_figure_4
from trainer.figures.curves import Quantity, draw_curves
from trainer.figures.look import DARK, LIGHT, PRINT, Look
from trainer.figures.page import pages, score_page
from trainer.figures.pictures import save_pictures
from trainer.figures.saving import save_pdf, save_png
from trainer.figures.steadiness import draw_shifts, draw_stress_table, stress_pages

__all__ = [
    "DARK",
    "LIGHT",
    "PRINT",
    "Look",
    "Quantity",
    "draw_age_histogram",
    "draw_agreement",
    "draw_bland_altman",
    "draw_bland_altman_pair",
    "draw_curves",
    "draw_error_by_age",
    "draw_figure_4",
    "draw_shifts",
    "draw_stress_table",
    "pages",
    "save_pdf",
    "save_pictures",
    "save_png",
    "score_page",
    "stress_pages",
]
