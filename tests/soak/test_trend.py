"""The soak's own judgement: it calls a leak a leak, and the allocator's unrest none; kills are resumed."""

from __future__ import annotations

import random
from pathlib import Path

from boneage_gui.clinic.readings import ReadingStore
from tests.soak import readings
from tests.soak.gauge import MEASURES
from tests.soak.trend import Measure, trend_of

MEMORY = MEASURES[0]
RARE = Measure(name="windows", unit="", most_growth=10.0, why="")
OPENS = list(range(10, 2001, 10))


def test_one_thing_kept_at_every_fiftieth_open_is_not_flat() -> None:
    trend = trend_of(RARE, OPENS, [18.0 + opens // 50 for opens in OPENS])
    assert 19 < trend.slope < 21
    assert not trend.is_flat


def test_unrest_and_what_shrinks_are_flat_and_one_wild_sample_tilts_nothing() -> None:
    rng = random.Random(1)
    values = [1200 + rng.uniform(-15, 15) for _ in OPENS]
    values[-1] = 3000.0
    assert trend_of(MEMORY, OPENS, values).is_flat
    assert trend_of(MEMORY, OPENS, [1300.0 - opens / 10 for opens in OPENS]).is_flat


def test_what_grows_while_it_warms_up_is_not_held_against_it() -> None:
    assert trend_of(MEMORY, OPENS, [min(1200.0, 700.0 + 5 * opens) for opens in OPENS]).is_flat


def test_a_radiograph_kept_now_and_then_is_not_flat() -> None:
    assert not trend_of(MEMORY, OPENS, [1200.0 + 4 * (opens // 100) for opens in OPENS]).is_flat


def test_too_few_samples_say_nothing() -> None:
    trend = trend_of(RARE, OPENS[:10], [18.0] * 10)
    assert not trend.says_something
    assert not trend.is_flat


def test_a_reading_that_is_missing_is_called_lost(tmp_path: Path) -> None:
    outcome = readings.soak(tmp_path, writers=3, lasts_s=4.0, seed=0)
    assert outcome.is_well, outcome.troubles
    with next(iter(sorted(tmp_path.glob("writer-*.txt")))).open("a") as words:
        words.write("try 0123 4567\nkept\n")
    store = ReadingStore(tmp_path / "readings.sqlite3")
    assert readings._losses(store, readings._told(tmp_path)) != []
