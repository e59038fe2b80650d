"""A training killed with SIGKILL at random moments and resumed each time: the same numbers as one left in peace."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from tests.soak.outcome import Outcome
from tests.trainer import runs, small
from trainer.errors import BoneAgeError
from trainer.history import read_history

ROOT: Final = Path(__file__).resolve().parents[2]
PROGRAM: Final = (sys.executable, "-m", "tests.journeys.small_trainer")  # the real trainer on a few convolutions
NAME: Final = "training"
CASES: Final = 40
STEP_S: Final = 0.1  # of a training that is to be killed: else it would end before most kills
EARLY_SHARE: Final = 0.2  # of the kills come while the program starts and reads its data
LATEST_EARLY_S: Final = 4.0
LATEST_S: Final = 1.5  # after the training has begun: some twelve steps, each with a checkpoint
LONGEST_END_S: Final = 600.0
SENTENCE: Final = "boneage: "


@dataclass(slots=True, kw_only=True)
class Kills:
    """What was done so far."""

    wanted: int
    done: int = 0
    early: int = 0
    runs: int = 0
    troubles: list[str] = field(default_factory=list)


def soak(folder: Path, *, kills: int, limit_s: float, seed: int) -> Outcome:
    """Kill a run, resume it, and so on; then let it end and hold it against one that nobody touched.

    A run that ends before the kills are used up is held against the other too, and the next one begins. Takes some 8 s
    a kill on one core, most of it the import of torch.
    """
    begun = time.monotonic()
    rng, count = random.Random(seed), Kills(wanted=kills)
    data = small.write_data_set(folder / "data", count=CASES)
    choices = folder / "choices.json"
    config = small.config(**{**runs.EVERYTHING, "epochs": max(4, kills)})
    choices.write_text(json.dumps(config.to_json()))
    whole = folder / "whole"
    _to_the_end(_begin(whole, data, choices))
    while count.done < kills and not count.troubles:
        if time.monotonic() - begun > limit_s:
            count.troubles.append(f"Only {count.done} of {kills} kills within {limit_s / 60:.0f} minutes.")
            break
        count.runs += 1
        _kill_and_resume(folder / f"cut-{count.runs}", data, choices, rng, count)
        _hold_against(whole, folder / f"cut-{count.runs}", count)
    return Outcome(
        part=NAME,
        did=(
            f"{count.done} of {kills} kills at random moments (seed {seed}; {count.early} before the first step), "
            f"{count.runs} runs of {config.epochs} epochs held against an uninterrupted one"
        ),
        troubles=tuple(count.troubles),
        lasted_s=time.monotonic() - begun,
    )


def _kill_and_resume(run: Path, data: Path, choices: Path, rng: random.Random, count: Kills) -> None:
    """Go on until the run ends by itself or the kills are used up; then let it end."""
    while count.done < count.wanted:
        with _begin(run, data, choices, step_s=STEP_S) as process:
            early = rng.random() < EARLY_SHARE
            if not early:
                _wait_for_training(process)
            time.sleep(rng.uniform(0.0, LATEST_EARLY_S if early else LATEST_S))
            if process.poll() is not None:
                return
            process.kill()
            process.wait()
        count.done += 1
        count.early += early
        _look_at_what_is_left(run, count)
        if count.done % 10 == 0:
            print(f"  {count.done} kills", file=sys.stderr, flush=True)
    _to_the_end(_begin(run, data, choices))


def _begin(run: Path, data: Path, choices: Path, *, step_s: float = 0.0) -> subprocess.Popen[str]:
    """Start as the window does: a new run, or one that is there already."""
    begun = (run / "config.json").is_file()
    new = ("fit", str(data), "--run-dir", str(run), "--config", str(choices), "--follow")
    return subprocess.Popen(
        (*PROGRAM, *(("fit", "--run-dir", str(run), "--resume", "--follow") if begun else new)),
        cwd=ROOT,
        env={**os.environ, "SMALL_TRAINER_STEP_S": str(step_s)},
        stdin=subprocess.PIPE,  # whose end would be an order to pause
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _wait_for_training(process: subprocess.Popen[str]) -> None:
    for line in _lines(process):
        if '"RunStarted"' in line:
            return


def _to_the_end(process: subprocess.Popen[str]) -> None:
    """Let a training end by itself. Its own sentence, where it fails, is shown by the comparison that follows."""
    with process:
        said = _lines(process).read()
        if process.wait(LONGEST_END_S):
            print(said[-2000:], file=sys.stderr, flush=True)


def _lines(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout is not None
    return process.stdout


def _look_at_what_is_left(run: Path, count: Kills) -> None:
    """The window must be able to show a run that was killed, and to offer it."""
    if not (run / "config.json").is_file():
        return
    try:
        history = read_history(run)
    except BoneAgeError as error:
        count.troubles.append(f"After kill {count.done}: {error}")
        return
    if not history.can_resume:
        count.troubles.append(f"After kill {count.done} the run is called {history.state}.")


def _hold_against(whole: Path, cut: Path, count: Kills) -> None:
    try:
        runs.assert_same_state(whole, cut)
        state = read_history(cut).state
    except (AssertionError, BoneAgeError, OSError) as error:
        count.troubles.append(f"{cut.name} differs from the uninterrupted run after {count.done} kills: {error}")
        return
    if state != "finished" or list(cut.glob(".*.part")):
        count.troubles.append(f"{cut.name} is called {state}, or a kill left files in it.")
