"""Saving figures: beside, then renamed, so that a file of that name is always whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from trainer.errors import DataError


def save_pdf(path: Path, figures: Sequence[Figure], *, title: str = "Bone age") -> None:
    """Write figures as the pages of one PDF, with its text as text. Raises DataError."""

    def write(beside: Path) -> None:
        with PdfPages(beside, metadata={"Title": title, "Creator": "Bone Age"}) as pdf:
            for figure in figures:
                pdf.savefig(figure, facecolor=figure.get_facecolor())

    _replace(path, write)


def save_png(path: Path, figure: Figure, *, dpi: int = 150) -> None:
    """Write a figure as a picture. Raises DataError."""

    def write(beside: Path) -> None:
        figure.savefig(beside, format="png", dpi=dpi, facecolor=figure.get_facecolor())

    _replace(path, write)


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(beside)
        beside.replace(path)
    except OSError as error:
        raise DataError(f"{path} could not be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
