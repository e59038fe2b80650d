"""One training in two processes, started by torchrun: the same result, and it survives one of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.trainer import small
from trainer.events import CheckpointSaved, EpochRecord, RunFinished, RunStarted
from trainer.history import read_events, read_history

ROOT = Path(__file__).parents[2]
SMALL = {"model": "baseline", "side-px": 64, "network-px": 64, "precision": "float32", "device": "cpu"}
CHOICES = [word for name, value in SMALL.items() for word in (f"--{name}", str(value))]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty labelled pictures: 32 train, 4 choose the best epoch."""
    return small.write_data_set(tmp_path_factory.mktemp("torchrun") / "data", count=40)


def command(data: Path, run_dir: Path, *choices: str, processes: int = 1, restarts: int = 0) -> list[str]:
    """Return the command that trains in so many processes."""
    fit = ["-m", "trainer", "fit", str(data), "--run-dir", str(run_dir), *CHOICES, *choices]
    if processes == 1:
        return [sys.executable, *fit]
    launch = ["--standalone", f"--nproc-per-node={processes}", f"--max-restarts={restarts}"]
    return [sys.executable, "-m", "torch.distributed.run", *launch, *fit]


def train(*arguments: Any, **choices: Any) -> str:
    """Train to the end and return what was printed."""
    done = subprocess.run(
        command(*arguments, **choices),
        check=False,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def epochs(run_dir: Path) -> list[EpochRecord]:
    """Return a run's epochs as they are in its folder."""
    return [event for event in read_events(run_dir) if isinstance(event, EpochRecord)]


def test_two_processes_train_as_one_with_the_doubled_batch(data: Path, tmp_path: Path) -> None:
    few = ("--epochs", "2", "--learning-rate", "1e-5")  # Adam makes large steps of rounding: small ones stay comparable
    train(data, tmp_path / "one", "--batch-size", "10", *few)
    printed = train(data, tmp_path / "two", "--batch-size", "5", *few, processes=2)
    assert printed.count("epoch 1: ") == 1, "one process alone speaks"
    one, two = epochs(tmp_path / "one"), epochs(tmp_path / "two")
    assert len(one) == len(two) == 2
    for ours, theirs in zip(two, one, strict=True):
        assert ours.training_loss == pytest.approx(theirs.training_loss, rel=1e-3)
        assert ours.validation_mae_months == pytest.approx(theirs.validation_mae_months, rel=1e-3)
    started = [event for event in read_events(tmp_path / "two") if isinstance(event, RunStarted)]
    assert [event.steps_per_epoch for event in started] == [4], "32 cases, 10 of them a step"
    assert sorted(path.name for path in (tmp_path / "two").iterdir()) == sorted(
        path.name for path in (tmp_path / "one").iterdir()
    )


def test_a_process_that_dies_comes_back_and_the_run_goes_on(data: Path, tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    child = subprocess.Popen(
        command(data, run_dir, "--batch-size", "2", "--epochs", "4", processes=2, restarts=3),
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    killer = threading.Thread(target=_kill_one, args=(child.pid, run_dir))
    killer.start()
    output, _ = child.communicate(timeout=600)
    killer.join()
    assert child.returncode == 0, output[-3000:]
    history = read_history(run_dir)
    assert history.state == "finished"
    assert [record.epoch for record in history.epochs] == [1, 2, 3, 4]
    lines = [json.loads(line)["event"] for line in (run_dir / "events.jsonl").read_text().splitlines()]
    assert lines.count("RunStarted") == 2, "begun, and gone on once"
    assert isinstance(history.finished, RunFinished)


def _kept(run_dir: Path) -> bool:
    return any(isinstance(event, CheckpointSaved) for event in read_events(run_dir))


def _kill_one(launcher_pid: int, run_dir: Path) -> None:
    """Kill the second process of a training as soon as its first epoch is kept."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and not _kept(run_dir):
        time.sleep(0.05)
    workers = psutil.Process(launcher_pid).children(recursive=True)
    ranked = [worker for worker in workers if worker.environ().get("RANK") == "1"]
    ranked[0].kill()
