"""The window opened again and again: memory, files, threads and objects stay as they are."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.soak.films import write_films
from tests.soak.gauge import Gauge
from tests.soak.outcome import Outcome
from tests.soak.trend import Trend
from tests.soak.visit import SoakError, Visit

SAMPLED_EVERY: Final = 10  # opens: as many as there are films, so that the same one is open at each sample
LOOKS_ROUND_EVERY: Final = 50
NAME: Final = "window"


def soak(folder: Path, *, opens: int, limit_s: float) -> Outcome:
    """Open films, read them, draw in the lab, keep readings; a sample every tenth time.

    Takes about 0.8 s an open on one core of 2020, and never longer than the limit.
    """
    films = write_films(folder)
    gauge, begun, done = Gauge(), time.monotonic(), 0
    trouble = ""
    try:
        visit = Visit(films[-1])
        for done in range(1, opens + 1):
            if time.monotonic() - begun > limit_s:
                trouble = f"Only {done - 1:,} of {opens:,} opens within {limit_s / 60:.0f} minutes."
                break
            _open_once(visit, films, done, folder)
            if done % SAMPLED_EVERY == 0:
                visit.rest()
                _say(done, gauge.sample(done), begun)
        visit.leave()
    except SoakError as error:
        trouble = f"Open {done:,}: {error}"
    trends = gauge.trends() if gauge.opens else []
    return Outcome(
        part=NAME,
        did=f"{done:,} opens of 10 formats, {done // SAMPLED_EVERY:,} readings and sheets of the lab",
        troubles=tuple(filter(None, (trouble, *_growth(trends)))),
        lasted_s=time.monotonic() - begun,
        trends=tuple(trends),
    )


def _open_once(visit: Visit, films: list[Path], number: int, folder: Path) -> None:
    visit.open(films[(number - 1) % len(films)])
    if number % SAMPLED_EVERY == 0:
        visit.accept()
        visit.draw_in_lab()
    if number % LOOKS_ROUND_EVERY == 0:
        visit.look_round()
        visit.write_report(folder)


def _growth(trends: list[Trend]) -> list[str]:
    if not all(trend.says_something for trend in trends):
        return ["Too few samples to say whether anything grows: 150 opens or more are needed."]
    return [
        f"Not flat: {trend.measure.name}, {trend.slope:.1f} more in 1,000 opens; at most {trend.measure.most_growth:g}."
        for trend in trends
        if not trend.is_flat
    ]


def _say(opens: int, sample: Mapping[str, float], begun: float) -> None:
    if opens % LOOKS_ROUND_EVERY == 0:
        held = ", ".join(f"{name} {value:,.0f}" for name, value in sample.items())
        print(f"  {opens:,} opens, {time.monotonic() - begun:.0f} s: {held}", file=sys.stderr, flush=True)
