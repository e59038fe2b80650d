"""Plain values out of a file: what must hold of them before anything is built on them."""

from __future__ import annotations

import math
from typing import Any


def number(value: Any) -> float:
    """Return a finite number that is no bool. Raises ValueError."""
    need(isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value))
    return float(value)


def need(true: bool) -> None:
    """Raise ValueError for what is not so."""
    if not true:
        raise ValueError("a part is of the wrong kind")
