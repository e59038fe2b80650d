"""What the tests of figures draw, importable by the process that draws."""

from __future__ import annotations

import time
from typing import Any

from trainer.errors import DataError


def line(figure: Any, look: Any, *, log: bool = False) -> None:
    """Draw one thick line, (1, 10) to (3, 1000), in the look's first colour."""
    axes = figure.subplots()
    axes.set_facecolor(look.plot)
    axes.plot([1, 3], [10, 1000], color=look.colour(0), linewidth=6)
    axes.set_yscale("log" if log else "linear")


def slowly(figure: Any, look: Any) -> None:
    """Take a minute."""
    time.sleep(60)


def refused(figure: Any, look: Any) -> None:
    """Say what is wrong."""
    raise DataError("There is nothing to draw here.")


def broken(figure: Any, look: Any) -> None:
    """Have a bug."""
    raise ZeroDivisionError
