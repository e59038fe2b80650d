"""The store of readings with many processes that write, some of them killed: what was confirmed is there."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from boneage_gui.clinic.reading import ReadingError
from boneage_gui.clinic.readings import ReadingStore
from tests.soak.outcome import Outcome

ROOT: Final = Path(__file__).resolve().parents[2]
NAME: Final = "readings"
KILL_AFTER_S: Final = (0.3, 1.2)
COPY_EVERY: Final = 5  # kills


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the writers said: each group of readings that was tried at once, and whether it was confirmed."""

    confirmed: tuple[frozenset[str], ...]
    open: tuple[frozenset[str], ...]  # killed before the answer: kept wholly or not at all
    refused: tuple[str, ...]


def soak(folder: Path, *, writers: int, lasts_s: float, seed: int) -> Outcome:
    """Let processes write for a while, kill one of them now and then and start another in its place."""
    rng, begun = random.Random(seed), time.monotonic()
    store = ReadingStore(folder / "readings.sqlite3")
    troubles: list[str] = []
    kills = copies = 0
    with _crew(store.path, folder, writers) as crew:
        while time.monotonic() - begun < lasts_s:
            time.sleep(rng.uniform(*KILL_AFTER_S))
            crew.replace_one(rng)
            kills += 1
            if kills % COPY_EVERY == 0:
                copies += _copies_whole(store, folder / "copy.sqlite3", troubles)
    told = _told(folder)
    troubles += _losses(store, told)
    readings = sum(map(len, told.confirmed))
    return Outcome(
        part=NAME,
        did=(
            f"{readings:,} readings confirmed by {writers} processes at once, {kills} of them killed, "
            f"{copies} copies meanwhile, {len(told.refused)} refused with a sentence"
        ),
        troubles=tuple(troubles),
        lasted_s=time.monotonic() - begun,
    )


class Crew:
    """The processes that write; each one's words go into a file, which outlives its kill."""

    def __init__(self, path: Path, folder: Path) -> None:
        """Nobody writes yet."""
        self._path, self._folder, self._number = path, folder, 0
        self._writers: list[subprocess.Popen[bytes]] = []

    def start_one(self) -> None:
        """Begin one more."""
        self._number += 1
        with (self._folder / f"writer-{self._number}.txt").open("wb") as words:
            command = [sys.executable, "-m", "tests.soak.reading_writer", str(self._path), str(self._number)]
            self._writers.append(subprocess.Popen(command, cwd=ROOT, stdout=words, stderr=subprocess.STDOUT))

    def replace_one(self, rng: random.Random) -> None:
        """Kill one, wherever it is, and begin another."""
        writer = self._writers.pop(rng.randrange(len(self._writers)))
        writer.kill()
        writer.wait()
        self.start_one()

    def end(self) -> None:
        """Kill all."""
        for writer in self._writers:
            writer.kill()
            writer.wait()


@contextmanager
def _crew(path: Path, folder: Path, count: int) -> Iterator[Crew]:
    crew = Crew(path, folder)
    try:
        for _ in range(count):  # all at once: the first of them make the file together
            crew.start_one()
        yield crew
    finally:
        crew.end()


def _told(folder: Path) -> Told:
    confirmed, left, refused = [], [], []
    for path in folder.glob("writer-*.txt"):
        tried: frozenset[str] = frozenset()
        for line in path.read_text().splitlines(keepends=True):
            word, _, rest = line.partition(" ")
            if word == "try" and line.endswith("\n"):
                tried = frozenset(rest.split())
            elif word == "kept\n":
                confirmed.append(tried)
                tried = frozenset()
            elif word == "refused":
                refused.append(rest.strip())
                tried = frozenset()
            elif word != "try":
                refused.append(f"{path.name} broke: {line.strip()}")
        if tried:
            left.append(tried)
    return Told(confirmed=tuple(confirmed), open=tuple(left), refused=tuple(refused))


def _losses(store: ReadingStore, told: Told) -> list[str]:
    """Return what is wrong with the store, as sentences."""
    troubles: list[str] = [sentence for sentence in set(told.refused) if "broke" in sentence]
    store.open()
    if store.note is not None:
        troubles.append(store.note)
    with closing(sqlite3.connect(store.path)) as connection:
        checks = connection.execute("PRAGMA integrity_check").fetchall()
        strangers = connection.execute("PRAGMA foreign_key_check").fetchall()
        rows = [row[0] for row in connection.execute("SELECT reading_id FROM readings")]
    if checks != [("ok",)] or strangers:
        troubles.append(f"The database is not whole: {checks[:3]} {strangers[:3]}")
    kept = set(rows)
    lost = [group for group in told.confirmed if not group <= kept]
    half = [group for group in told.open if group & kept and not group <= kept]
    foreign = kept - frozenset().union(*told.confirmed, *told.open)
    if not told.confirmed:
        troubles.append("Nothing was confirmed at all.")
    if lost:
        troubles.append(f"{len(lost)} of {len(told.confirmed)} confirmed groups are not there.")
    if half:
        troubles.append(f"{len(half)} groups are there by half.")
    if foreign or len(rows) != len(kept):
        troubles.append(f"{len(foreign)} readings that nobody wrote, {len(rows) - len(kept)} twice.")
    return troubles


def _copies_whole(store: ReadingStore, path: Path, troubles: list[str]) -> int:
    """Copy the store while others write. Returns how many copies were made: one, or none of a store that is not yet."""
    if not store.path.exists():
        return 0
    try:
        store.copy_to(path)
        with closing(sqlite3.connect(path)) as connection:
            answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except (ReadingError, sqlite3.Error) as error:
        troubles.append(f"A copy while others write: {error}")
        return 0
    if answer != "ok":
        troubles.append(f"A copy while others write is not whole: {answer}")
    return 1
