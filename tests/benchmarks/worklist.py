"""The worklist with a hundred thousand readings: a search, and the next page."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.benchmarks.table import Row

READINGS: Final = 100_000
ROUNDS: Final = 9
NAMES: Final = ("MÜLLER", "Muster")


def measure(folder: Path) -> list[Row]:
    """Search as the window does, beside reading every row and looking through them in Python."""
    from boneage_gui.clinic.readings import Query, ReadingStore
    from tests.gui.clinic.drawn_readings import reading

    store = ReadingStore(folder / "worklist" / "readings.sqlite3")
    store.open()
    store.add_all(
        [
            reading(number % 3000, label=f"{NAMES[number % 2]} {number}", patient_hash=f"{number // 3:064x}")
            for number in range(READINGS)
        ]
    )
    word, umlaut = Query(text="muster 77777"), Query(text="müller 77776")
    everything = _median_ms(lambda: store.find(Query(), count=READINGS), rounds=1)
    rows = []
    for what, query, first in (
        ("the newest of 100,000 readings, with their number", Query(), 0),
        ("a word among 100,000 readings", word, 0),
        ("a word with an umlaut among 100,000 readings", umlaut, 0),
        ("a page in the midst of 100,000 readings", Query(), READINGS // 2),
    ):
        ours = _median_ms(lambda query=query, first=first: _as_the_window(store, query, first))  # type: ignore[misc]
        rows.append(
            Row(
                what=what,
                ours=ours,
                unit="ms",
                rounds=ROUNDS,
                plain_way="all rows read, then looked through",
                plain=everything,
            )
        )
    return rows


def _as_the_window(store: object, query: object, first: int) -> None:
    from boneage_gui.work.readings import OpenedReadings, search

    if not search(OpenedReadings(store, None), query, first=first)[0]:  # type: ignore[arg-type]
        raise SystemExit("The search found nothing.")


def _median_ms(question: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        question()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)
