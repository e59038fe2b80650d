"""The folder of a run: whole, or refused with a sentence; and the events in it."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from filelock import FileLock

from tests.trainer import small
from trainer.cases import Dropped, read_cases
from trainer.errors import BoneAgeError, CheckpointError, ConfigError, RunError
from trainer.events import CheckpointSaved, EpochRecord, RunFinished, RunStarted, StepReport, from_json, to_json
from trainer.history import read_history
from trainer.run import Progress, Run
from trainer.split import Split, split_cases

ROOT = Path(__file__).parents[2]
EVENTS = (
    RunStarted(
        run_name="run",
        first_epoch=1,
        epochs=2,
        training_cases=8,
        validation_cases=1,
        steps_per_epoch=1,
        device="cpu float32",
        config={"model": "improved"},
    ),
    StepReport(epoch=1, step=1, steps_per_epoch=1, loss=0.5, images_per_s=10.0),
    EpochRecord(
        epoch=1,
        training_loss=100.0,
        training_mae_months=9.0,
        validation_loss=121.0,
        validation_mae_months=10.0,
        learning_rate=1e-3,
        images_per_s=10.0,
        elapsed_s=1.5,
        is_best=True,
    ),
    CheckpointSaved(epoch=1, path="last.safetensors", is_best=True),
    RunFinished(reason="finished", best_epoch=1, best_validation_mae_months=10.0, message="Finished."),
    RunFinished(reason="failed", best_epoch=0, best_validation_mae_months=None, message="Üble “Zeichen”\u2028."),
)


@pytest.fixture
def split(data_set: Path) -> Split:
    return split_cases(read_cases(data_set).cases, seed=0)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_survives_json(event: StepReport) -> None:
    assert from_json(json.loads(json.dumps(to_json(event), allow_nan=False))) == event


@pytest.mark.parametrize(
    "values", [{}, {"event": "Exploded"}, {"event": "StepReport", "epoch": 1}, {"event": None}, []]
)
def test_anything_else_is_no_event(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a training event"):
        from_json(values)


def test_a_begun_run_remembers_choices_split_and_cleaning(tmp_path: Path, data_set: Path, split: Split) -> None:
    run, config = Run(tmp_path / "deep" / "run"), small.config("improved-sex", seed=5)
    assert not run.exists
    run.begin(config, split, [Dropped(case_id="7", reason="no, picture")])
    again = Run(tmp_path / "deep" / "run")
    assert again.exists
    assert again.config() == config
    assert again.split(read_cases(data_set).cases) == split
    assert (again.folder / "cleaning.csv").read_text().splitlines() == ["id,reason", '7,"no, picture"']
    with pytest.raises(RunError, match="holds a run already"):
        again.begin(config, split, [])


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path, split: Split) -> None:
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(RunError, match="cannot be written"):
            Run(folder).make_folder()
        with pytest.raises(RunError, match="cannot be written"):
            Run(folder).begin(small.config(), split, [])


def test_a_run_that_was_killed_while_it_began_was_never_begun(
    tmp_path: Path, split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(Path, "replace", full)
        with pytest.raises(RunError, match="No space left"):
            Run(tmp_path).begin(small.config(), split, [])
    assert not Run(tmp_path).exists
    Run(tmp_path).begin(small.config(), split, [])
    assert Run(tmp_path).config() == small.config()


def test_a_run_without_its_config_or_with_a_damaged_one_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="holds no training run"):
        Run(tmp_path).config()
    for text in (b"{", b"\xff\xfe", b'{"model": "improved", "epochs": "x"}'):
        (tmp_path / "config.json").write_bytes(text)
        with pytest.raises(ConfigError):
            Run(tmp_path).config()


def test_events_survive_and_a_line_cut_off_is_skipped(tmp_path: Path) -> None:
    run = Run(tmp_path)
    assert list(run.events()) == []
    for event in EVENTS:
        run.record(event)
    assert tuple(run.events()) == EVENTS
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(b'[1]\n5\nnull\n\xff\xfe\n{"event": "StepRep')
    assert tuple(run.events()) == EVENTS


def test_events_on_a_full_disk_are_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").mkdir()
    with pytest.raises(RunError, match="events could not be written"):
        Run(tmp_path).record(EVENTS[1])


def test_state_survives_and_later_events_are_forgotten(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.record(EVENTS[0])
    progress = Progress(epoch=3, step=7, seen=56, loss_sum=0.1, best_epoch=2, best_mae_months=9.5)
    run.save_last({"network.a": torch.arange(3.0)}, progress)
    run.record(EVENTS[1])
    run.record(EVENTS[2])
    state = Run(tmp_path).load_last()
    assert state is not None
    tensors, again = state
    assert again == progress
    assert tensors["network.a"].tolist() == [0, 1, 2]
    assert list(run.events()) == [EVENTS[0]]


def test_without_a_state_a_run_starts_its_story_over(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.record(EVENTS[0])
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(b'{"event": "Ste')
    assert run.load_last() is None
    run.record(EVENTS[0])
    assert list(run.events()) == [EVENTS[0]]


def test_a_state_before_the_first_epoch_survives(tmp_path: Path) -> None:
    """The best error so far is infinite then."""
    Run(tmp_path).save_last({"a": torch.zeros(1)}, Progress())
    state = Run(tmp_path).load_last()
    assert state is not None
    assert state[1] == Progress()


@pytest.mark.parametrize(
    "metadata", [{}, *({"progress": text} for text in ("{", '{"era": 1}', '{"epoch": "1"}', "[" * 100_000))]
)
def test_a_state_that_is_none_is_a_sentence(tmp_path: Path, metadata: dict[str, str]) -> None:
    from trainer.checkpoint import write_tensors

    write_tensors(tmp_path / "last.safetensors", {"a": torch.zeros(1)}, metadata)
    with pytest.raises(RunError, match="does not hold the state of a run"):
        Run(tmp_path).load_last()
    (tmp_path / "last.safetensors").write_bytes(b"\x00" * 20)
    with pytest.raises(CheckpointError, match="damaged"):
        Run(tmp_path).load_last()


def test_a_full_disk_keeps_the_former_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(tmp_path)
    fsync = os.fsync

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BoneAgeError, match=r"No space left on device\); no checkpoint had been written before"):
        run.save_last({"a": torch.ones(1)}, Progress(epoch=1))
    monkeypatch.setattr(os, "fsync", fsync)
    run.save_last({"a": torch.zeros(1)}, Progress(epoch=1))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BoneAgeError, match=r"No space left on device\); the last good one is kept"):
        run.save_last({"a": torch.ones(1)}, Progress(epoch=2))
    state = run.load_last()
    assert state is not None
    assert state[1].epoch == 1


def test_two_processes_cannot_train_in_one_folder(tmp_path: Path) -> None:
    held = "import sys; from pathlib import Path; from trainer.run import Run\nwith Run(Path(sys.argv[1])).held(): "
    command = [sys.executable, "-c", held + "print('in', flush=True); sys.stdin.read()", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "in\n"
        with pytest.raises(RunError, match="Another process is training in"), Run(tmp_path).held():
            pass
        other.kill()  # a lock that outlived its holder would shut the folder for ever
    run = Run(tmp_path)
    with run.held(), run.held(), pytest.raises(RunError, match="Another process"), Run(tmp_path).held():
        pass
    with Run(tmp_path).held():
        pass


def test_where_no_run_was_begun_the_hold_leaves_no_trace(tmp_path: Path) -> None:
    run = Run(tmp_path / "new")
    with run.held():
        assert (tmp_path / "new" / "run.lock").is_file()
    assert not (tmp_path / "new").exists()
    with run.held():
        (tmp_path / "new" / "mine.txt").write_text("mine")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["mine.txt"]


def test_who_looks_at_a_run_keeps_nobody_out(tmp_path: Path) -> None:
    looking = FileLock(tmp_path / "run.lock", thread_local=False)
    looking.acquire()
    later = threading.Timer(0.2, looking.release)
    later.start()
    with Run(tmp_path).held():
        assert not looking.is_locked
    later.join()


def test_a_run_in_a_folder_that_cannot_be_written_is_not_in_training(
    tmp_path: Path, split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    Run(tmp_path).begin(small.config(), split, [])
    with Run(tmp_path).held():
        Run(tmp_path).record(EVENTS[4])
        assert read_history(tmp_path).state == "running"

    def forbidden(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(FileLock, "_acquire", forbidden)
    assert read_history(tmp_path).state == "finished"


def test_what_comes_after_a_line_cut_off_is_not_lost(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.record(EVENTS[0])
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(b'{"event": "StepRep')
    run.record(EVENTS[4])
    run.record(EVENTS[5])
    assert tuple(run.events()) == (EVENTS[0], EVENTS[4], EVENTS[5])
