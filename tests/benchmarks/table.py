"""Rows of the benchmark table."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure: ours, and the plain way's where there is one."""

    what: str
    ours: float
    unit: str
    rounds: int
    plain_way: str = ""
    plain: float | None = None
    digits: int = 0  # after the point

    @property
    def ratio(self) -> str:
        """The plain way's figure over ours."""
        return "" if self.plain is None or self.ours <= 0 else f"{self.plain / self.ours:.2f}"


def as_markdown(rows: Sequence[Row]) -> str:
    """Return the table, with the machine it was measured on."""
    lines = [
        "| what | median | rounds | plain way | its median | ratio |",
        "|---|---:|---:|---|---:|---:|",
    ]
    for row in rows:
        plain = "" if row.plain is None else f"{row.plain:.{row.digits}f} {row.unit}"
        ours = f"{row.ours:.{row.digits}f} {row.unit}"
        lines.append(f"| {row.what} | {ours} | {row.rounds} | {row.plain_way} | {plain} | {row.ratio} |")
    machine = f"{platform.system()}, {platform.machine()}, {os.cpu_count()} cores"
    lines += ["", f"{machine}, Python {platform.python_version()}."]
    return "\n".join(lines)
