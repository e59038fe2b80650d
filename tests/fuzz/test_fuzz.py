"""A slice of ``make fuzz``, and proof that it sees what it looks for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.fuzz import hunt as hunt_module
from tests.fuzz.hunt import hunt

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the hunt uses what only POSIX has")
QUICK = ("dicom", "png", "tiff", "csv", "recipe", "events", "readings", "settings")  # torch and scipy take seconds
SEEN = {
    "crash": "crash",
    "hang": "hang",
    "doze": "hang",
    "compute": "hang",
    "swell": "memory",
    "swallow": "memory",
    "write": "elsewhere",
    "scribble": "elsewhere",
    "bug": "traceback",
    "mumble": "no sentence",
}


@pytest.mark.parametrize("target", QUICK)
def test_changed_files_harm_nothing(target: str, tmp_path: Path) -> None:
    tally = hunt(target, count=50, seed=2, keep=tmp_path / "found")
    assert tally.findings == []
    assert tally.outcomes["read"], "not even the sound ones were read"
    assert tally.count == 50


@pytest.mark.parametrize("behaviour", [*SEEN, "refuse", "behave"])
def test_the_hunt_sees_what_a_file_does(behaviour: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hunt_module, "PROGRAM", (sys.executable, "-m", "tests.fuzz.naughty_victim"))
    monkeypatch.setattr(hunt_module, "LONGEST_WAIT_S", 1.0 if behaviour == "hang" else 60.0)
    if SEEN.get(behaviour) == "hang":  # on a busy machine a gigabyte takes its time too
        monkeypatch.setattr(hunt_module, "LONGEST_S", 0.7)
    if behaviour == "doze":
        if not Path("/proc/self/schedstat").exists():
            pytest.skip("only Linux tells waiting from being kept waiting")
        monkeypatch.setattr(hunt_module, "LONGEST_IDLE_S", 0.7)
    monkeypatch.setattr(hunt_module, "MOST_MB", 200)
    monkeypatch.setattr(hunt_module, "seeds_of", lambda *_: [behaviour.encode()])
    tally = hunt("key", count=1, seed=1, keep=tmp_path / "found")
    assert [finding.kind for finding in tally.findings] == ([SEEN[behaviour]] if behaviour in SEEN else [])
    assert [path.read_bytes() for path in (tmp_path / "found").glob("*")] == [behaviour.encode()] * len(tally.findings)


def test_the_same_seed_makes_the_same_files(tmp_path: Path) -> None:
    one, two, other = (
        list(hunt_module._files("csv", count=40, seed=seed, folder=tmp_path / str(number)))
        for number, seed in enumerate((1, 1, 2))
    )
    assert one == two
    assert one != other
