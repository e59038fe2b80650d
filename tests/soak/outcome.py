"""Outcome: what one part of the soak did and found; all of them as a table."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass

from tests.soak.trend import Trend


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One part: well where it has no troubles."""

    part: str
    did: str
    troubles: tuple[str, ...]
    lasted_s: float
    trends: tuple[Trend, ...] = ()

    @property
    def is_well(self) -> bool:
        """Whether nothing grew and nothing was lost."""
        return not self.troubles


def as_markdown(outcomes: Sequence[Outcome]) -> str:
    """Return a table of the parts, one of what was measured, the troubles and the machine."""
    lines = ["| part | what was done | minutes | verdict |", "|---|---|---:|---|"]
    lines += [
        f"| {one.part} | {one.did} | {one.lasted_s / 60:.1f} | {'well' if one.is_well else 'NOT WELL'} |"
        for one in outcomes
    ]
    trends = [trend for one in outcomes for trend in one.trends]
    if trends:
        lines += [
            "",
            "| measure | first quarter | last quarter | growth in 1,000 opens | at most | because | verdict |",
            "|---|---:|---:|---:|---:|---|---|",
            *map(_row, trends),
        ]
    lines += ["", *(f"- {one.part}: {trouble}" for one in outcomes for trouble in one.troubles)]
    lines.append(
        f"{platform.system()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}."
    )
    return "\n".join(lines)


def _row(trend: Trend) -> str:
    measure = trend.measure
    unit = f" {measure.unit}" if measure.unit else ""
    return (
        f"| {measure.name} | {trend.first:,.0f}{unit} | {trend.last:,.0f}{unit} | {trend.slope:+.1f}{unit} | "
        f"{measure.most_growth:g}{unit} | {measure.why} | {'flat' if trend.is_flat else 'NOT FLAT'} |"
    )
