"""Saving figures: beside, then renamed, so that a file of that name is always whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from trainer.whole_file import write_whole


def save_pdf(path: Path, figures: Sequence[Figure], *, title: str = "Bone age") -> None:
    """Write figures as the pages of one PDF, with its text as text. Raises DataError."""

    def write(beside: Path) -> None:
        with PdfPages(beside, metadata={"Title": title, "Creator": "Bone Age"}) as pdf:
            for figure in figures:
                pdf.savefig(figure, facecolor=figure.get_facecolor())

    write_whole(path, write)


def save_png(path: Path, figure: Figure, *, dpi: int = 150) -> None:
    """Write a figure as a picture. Raises DataError."""

    def write(beside: Path) -> None:
        figure.savefig(beside, format="png", dpi=dpi, facecolor=figure.get_facecolor())

    write_whole(path, write)
