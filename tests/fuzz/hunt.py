"""Hunt: files made of seeds are given to a victim one by one; what it should not have done is a finding."""

from __future__ import annotations

import hashlib
import json
import os
import random
import select
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from tests.fuzz.drawn import drawn_files
from tests.fuzz.mutation import mutated
from tests.fuzz.seeds import seeds_of
from tests.fuzz.targets import TARGETS

ROOT: Final = Path(__file__).resolve().parents[2]
PROGRAM: Final = (sys.executable, "-m", "tests.fuzz.victim")
LONGEST_S: Final = 5.0  # of processor time: the machine may be busy with other things
LONGEST_IDLE_S: Final = 10.0  # neither computing nor kept from it by others; a disk may be busy, too
LONGEST_WAIT_S: Final = 30.0  # for an answer
START_S: Final = 300.0
MOST_MB: Final = 1024  # taken for one file
CASES_A_VICTIM: Final = 1_000
DRAWN_SHARE: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that a file made a reader do."""

    target: str
    kind: str  # crash, hang, memory, elsewhere, traceback, no sentence
    words: str
    file: str = ""  # where its bytes are kept


@dataclass(slots=True)
class Tally:
    """What became of the files of one target."""

    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    slowest_s: float = 0.0
    largest_mb: int = 0

    @property
    def count(self) -> int:
        """How many files there were."""
        return self.outcomes.total()


class Victim:
    """A process that reads, begun again after each death."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._process: subprocess.Popen[str] | None = None
        self._read = 0

    def read(self, target: str, path: Path) -> dict[str, Any]:
        """Return how it went; ``kind`` is "crash" or "hang" where nobody is left to say it."""
        process = self._ready(target)
        self._read += 1
        answer: dict[str, Any] | None = None
        with suppress(BrokenPipeError):
            _stream(process.stdin).write(json.dumps([target, str(path)]) + "\n")
            _stream(process.stdin).flush()
            answer = _hear(process, LONGEST_WAIT_S)
        if answer is not None:
            return answer
        hung = process.poll() is None
        with suppress(subprocess.TimeoutExpired):
            hung = hung and process.wait(1.0) is None
        status = self._end()
        return {"kind": "hang" if hung else "crash", "words": f"status {status}"}

    def close(self) -> None:
        """End it."""
        if self._process is not None:
            self._end()

    def _ready(self, target: str) -> subprocess.Popen[str]:
        if self._process is not None and self._read < CASES_A_VICTIM:
            return self._process
        self.close()
        process = subprocess.Popen(
            (*PROGRAM, target),
            cwd=self._home,
            env=_environment(self._home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._process, self._read = process, 0
        if _hear(process, START_S) is None:
            raise RuntimeError("the victim does not start")
        return process

    def _end(self) -> int:
        assert self._process is not None
        process, self._process = self._process, None
        process.kill()
        status = process.wait()
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                _stream(stream).close()
        return status


def hunt(target: str, *, count: int, seed: int, keep: Path) -> Tally:
    """Give a target ``count`` files; keep the bytes of those that did what they should not."""
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
        home, room = Path(place) / "home", Path(place) / "room" / "case"
        home.mkdir()
        room.parent.mkdir()
        canary = home / "canary"
        canary.write_text("sings", encoding="ascii")
        victim = Victim(home)
        try:
            for data in _files(target, count=count, seed=seed, folder=Path(place) / "seeds"):
                shutil.rmtree(room, ignore_errors=True)
                room.mkdir()
                path = room / TARGETS[target].file
                path.write_bytes(data)
                outcome = victim.read(target, path)
                tally.slowest_s = max(tally.slowest_s, outcome.get("spent_s", 0.0))
                tally.largest_mb = max(tally.largest_mb, outcome.get("peak_mb", 0))
                kind, words = _judge(outcome, _strangers(home, room))
                tally.outcomes[kind] += 1
                if kind not in ("read", "refused"):
                    tally.findings.append(_kept(data, Finding(target=target, kind=kind, words=words), keep))
        finally:
            victim.close()
    return tally


def _files(target: str, *, count: int, seed: int, folder: Path) -> Iterator[bytes]:
    """Yield the seeds themselves, what hypothesis draws, and mutations of both."""
    rng = random.Random(f"{target} {seed}")
    seeds = seeds_of(target, folder)
    drawn = drawn_files(target, int(count * DRAWN_SHARE), seed)
    for number in range(count):
        if number < len(seeds):
            yield seeds[number]
        elif number < len(seeds) + len(drawn):
            yield drawn[number - len(seeds)]
        else:
            yield mutated(rng.choice(seeds), seeds, rng)


def _judge(outcome: dict[str, Any], strangers: list[str]) -> tuple[str, str]:
    """Return what became of a file, and in which words."""
    elsewhere = [*outcome.get("elsewhere", ()), *strangers]
    if elsewhere:
        return "elsewhere", "; ".join(elsewhere[:3])
    if outcome.get("spent_s", 0.0) > LONGEST_S:
        return "hang", f"{outcome['spent_s']:.1f} s"
    if outcome.get("waited_s", 0.0) > LONGEST_IDLE_S:
        return "hang", f"{outcome['waited_s']:.1f} s without computing"
    if outcome.get("peak_mb", 0) > MOST_MB or outcome["kind"] == "out of memory":
        return "memory", f"{outcome.get('peak_mb')} MB"
    return outcome["kind"], outcome.get("words", "")


def _kept(data: bytes, finding: Finding, folder: Path) -> Finding:
    """Keep the bytes of a finding."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{finding.target}-{finding.kind.replace(' ', '-')}-{hashlib.sha256(data).hexdigest()[:12]}"
    (folder / name).write_bytes(data)
    return replace(finding, file=name)


def _strangers(home: Path, room: Path) -> list[str]:
    """Return what lies where nothing may have been written; native libraries pass the audit hook."""
    found = [
        f"new: {path}" for path in (*home.iterdir(), *room.parent.iterdir()) if path.name not in ("canary", "case")
    ]
    if (home / "canary").read_text(encoding="ascii") != "sings":
        found.append("the canary was changed")
    return found


def _environment(home: Path) -> dict[str, str]:
    homes = dict.fromkeys(("HOME", "BONEAGE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"), str(home))
    return {
        **os.environ,
        **homes,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "QT_QPA_PLATFORM": "offscreen",
        "OMP_NUM_THREADS": "1",
        "NO_ALBUMENTATIONS_UPDATE": "1",
    }


def _hear(process: subprocess.Popen[str], seconds: float) -> dict[str, Any] | None:
    """Return the next line; None where none came in time or ever will."""
    stream = _stream(process.stdout)
    if not select.select([stream], [], [], seconds)[0]:
        return None
    line = stream.readline()
    answer: dict[str, Any] | None = json.loads(line) if line.endswith("\n") else None
    return answer


def _stream(stream: Any) -> Any:
    assert stream is not None
    return stream
