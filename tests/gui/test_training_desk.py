"""The desk: one run at a time, told as it grows; paused, resumed, stopped, discarded, killed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from filelock import FileLock
from pytestqt.qtbot import QtBot

from boneage_gui import jobs, settings
from boneage_gui.errors import ErrorDoor
from boneage_gui.training import DeskState, TrainingDesk
from boneage_gui.work import child as child_module
from boneage_gui.work import run_folders
from boneage_gui.work.time_left import time_left
from boneage_gui.work.training import _kept, source_arguments
from tests.trainer.drawings import a_history
from tests.window_fixtures import LONG_MS
from trainer.columns import NONE, Columns
from trainer.config import config_for
from trainer.data_source import DataSource
from trainer.errors import RunError
from trainer.events import RunStarted
from trainer.history import History, read_history

FAKE = Path(__file__).with_name("fake_trainer.py")
SOURCE = DataSource(data=Path("/somewhere/data"))
needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="signals")


@pytest.fixture
def desk(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[TrainingDesk]:
    """A desk whose child only plays."""
    monkeypatch.setattr(child_module, "PROGRAM", (sys.executable, str(FAKE)))
    made = TrainingDesk(ErrorDoor())
    yield made
    made.kill()
    qtbot.waitUntil(lambda: not made.busy, timeout=LONG_MS)
    qtbot.waitUntil(lambda: not jobs.alive(), timeout=LONG_MS)  # a thread ends a moment after its last word


def begin(desk: TrainingDesk, qtbot: QtBot, *, epochs: int = 2) -> Path:
    """Start, and wait until it trains."""
    with qtbot.waitSignal(desk.changed, timeout=LONG_MS):
        return desk.start(config_for("baseline", epochs=epochs), SOURCE, "first try")


def end(desk: TrainingDesk, qtbot: QtBot) -> History | None:
    """Wait for the end."""
    if desk.busy:
        with qtbot.waitSignal(desk.ended, timeout=LONG_MS):
            pass
    return desk.history


def test_a_run_is_told_from_its_preparation_to_its_end(qtbot: QtBot, desk: TrainingDesk) -> None:
    told: list[History] = []
    states: list[DeskState] = []
    prepared: list[object] = []
    desk.changed.connect(told.append)
    desk.preparing.connect(prepared.append)
    desk.state_changed.connect(states.append)
    folder = desk.start(config_for("baseline", epochs=3), SOURCE, "first try")
    history = end(desk, qtbot)
    assert folder == settings.runs_folder() / "first try"
    assert states == [DeskState.PREPARING, DeskState.TRAINING, DeskState.IDLE]
    assert len(prepared) == 1
    assert [len(history.epochs) for history in told] == sorted(len(history.epochs) for history in told)
    assert {history.state for history in told} == {"running"}
    assert history is not None
    assert (history.state, len(history.epochs)) == ("finished", 3)
    assert history == read_history(folder)
    assert history.config == config_for("baseline", epochs=3)
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json",
        "data.json",
        "events.jsonl",
        "last.safetensors",
    ]


def test_the_time_left_is_known_while_it_trains(qtbot: QtBot, desk: TrainingDesk) -> None:
    left = []
    desk.changed.connect(lambda history: left.append(time_left(history)))
    desk.start(config_for("baseline", epochs=2), SOURCE, "x")
    history = end(desk, qtbot)
    assert left[0] is None  # nothing was reported yet
    assert left[1] is not None
    assert left[1].run_s == pytest.approx(80 / 40 * (2 / 3 + 1))
    assert all(later is not None for later in left[1:-1])
    assert history is not None
    assert time_left(history) is None


def test_two_at_a_time_are_refused(
    qtbot: QtBot, desk: TrainingDesk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FAKE_TRAINER", "slow")
    begin(desk, qtbot)
    with pytest.raises(RunError, match="already"):
        desk.start(config_for("improved"), SOURCE, "second")
    with pytest.raises(RunError, match="already"):
        desk.resume(tmp_path)
    assert [path.name for path in settings.runs_folder().iterdir()] == ["first try"]


def test_paused_it_is_resumed_where_it_was(qtbot: QtBot, desk: TrainingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_TRAINER", "slow")
    folder = begin(desk, qtbot)
    desk.pause()
    assert desk.state is DeskState.PAUSING
    history = end(desk, qtbot)
    assert history is not None
    assert (history.state, history.can_resume) == ("paused", True)
    monkeypatch.setenv("FAKE_TRAINER", "plain")
    told: list[History] = []
    desk.changed.connect(told.append)
    desk.resume(folder)
    history = end(desk, qtbot)
    assert history is not None
    assert (history.state, len(history.epochs)) == ("finished", 2)
    assert [history.state for history in told[:2]] == ["paused", "running"]


def test_an_ensemble_that_goes_on_keeps_its_earlier_models(tmp_path: Path) -> None:
    first = replace(a_history([20.0]).epochs[0], member=1)
    started = RunStarted(
        run_name="x", first_epoch=1, epochs=2, training_cases=8, validation_cases=1, steps_per_epoch=1, device="cpu",
        config={}, member=2,
    )  # fmt: skip
    done = [replace(first, epoch=epoch, member=member) for member, epoch in ((1, 1), (1, 2), (2, 1), (3, 1))]
    kept = _kept([*done], started)
    assert kept == done[:2]
    assert _kept([*done], replace(started, first_epoch=2)) == done[:3]


def test_stopped_it_keeps_its_best(qtbot: QtBot, desk: TrainingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_TRAINER", "slow")
    begin(desk, qtbot)
    desk.stop()
    history = end(desk, qtbot)
    assert history is not None
    assert history.state == "stopped"


def test_discarded_it_is_gone(qtbot: QtBot, desk: TrainingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_TRAINER", "slow")
    folder = begin(desk, qtbot)
    with qtbot.waitSignal(desk.discarded, timeout=LONG_MS):
        desk.discard()
    assert not folder.exists()
    assert (desk.state, desk.folder, desk.history) == (DeskState.IDLE, None, None)


@needs_signals
def test_killed_from_outside_it_says_so_and_can_be_resumed(
    qtbot: QtBot, desk: TrainingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_TRAINER", "dies")
    said: list[str] = []
    desk.failed.connect(said.append)
    desk.start(config_for("baseline", epochs=3), SOURCE, "x")
    history = end(desk, qtbot)
    assert history is not None
    assert (history.state, len(history.epochs)) == ("interrupted", 1)
    assert len(said) == 1
    assert "SIGKILL" in said[0]
    assert "can be resumed" in said[0]


def test_refused_it_leaves_nothing_behind(qtbot: QtBot, desk: TrainingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_TRAINER", "refuses")
    said: list[str] = []
    desk.failed.connect(said.append)
    desk.start(config_for("baseline"), SOURCE, "x")
    assert end(desk, qtbot) is None
    assert said == ["There is no table of ages in “data”."]
    assert list(settings.runs_folder().iterdir()) == []
    assert desk.folder is None


def test_one_that_hears_nothing_is_killed_in_the_end(
    qtbot: QtBot, desk: TrainingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_TRAINER", "deaf")
    begin(desk, qtbot, epochs=1000)
    desk.pause(patience_ms=300)
    history = end(desk, qtbot)
    assert history is not None
    assert history.state == "interrupted"


@needs_signals
def test_a_program_that_is_killed_leaves_no_training_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of its input tells the child, whose parent could not."""
    import subprocess

    monkeypatch.setenv("FAKE_TRAINER", "slow")
    folder = tmp_path / "run"
    program = (
        "import sys; from pathlib import Path; from boneage_gui.work import child, training\n"
        "from trainer.config import config_for\n"
        f"child.PROGRAM = (sys.executable, {str(FAKE)!r}); folder = Path({str(folder)!r})\n"
        "made = child.Child(['fit', '--run-dir', str(folder)])\n"
        "for _ in training.begin(made, config_for('baseline'), folder): print(made.pid, flush=True)\n"
    )
    window = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert window.stdout is not None
    pid = int(window.stdout.readline())
    os.kill(window.pid, signal.SIGKILL)
    with window:
        pass
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=30)
    assert read_history(folder).state == "paused"


def test_only_our_own_runs_are_deleted(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    mine, foreign = runs / "mine", tmp_path / "foreign"
    for folder in (mine, foreign):
        folder.mkdir(parents=True)
        (folder / "precious").write_text("x")
    (runs / "link").symlink_to(foreign)
    for wrong in (foreign, runs, runs / "link", runs / ".." / "foreign", runs / "mine" / ".."):
        with pytest.raises(RunError, match="not deleted"):
            run_folders.discard(wrong, runs)
    assert (foreign / "precious").is_file()
    run_folders.discard(mine, runs)
    assert not mine.exists()


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("improved 14.03", "improved 14.03"),
        ("../../etc", "-..-etc"),
        ("a/b\\c:d", "a-b-c-d"),
        ("  ", "run"),
        ("Ж 2", "Ж 2"),
    ],
)
def test_a_run_is_named_as_the_user_wants_where_that_is_safe(name: str, folder: str, tmp_path: Path) -> None:
    made = run_folders.new_folder(tmp_path, name)
    assert made.parent == tmp_path
    assert made.name == folder.lstrip(".")
    made.mkdir()
    assert run_folders.new_folder(tmp_path, name).name == f"{made.name} (2)"


def test_what_is_left_of_a_run_that_never_began_does_not_keep_its_name(tmp_path: Path) -> None:
    """Its window was killed while it was prepared; another may prepare one at this moment."""
    runs = tmp_path / "runs"
    for name, files in (
        ("left", ("choices.json", "run.lock")),
        ("held", ("choices.json", "run.lock")),
        ("begins", ("choices.json",)),  # its process has not come so far as the lock
        ("a run", ("choices.json", "config.json", "run.lock")),
        ("learnt", ("best.safetensors", "run.lock")),
        ("somebody's", ("run.lock", "notes.txt")),
    ):
        (runs / name).mkdir(parents=True)
        for file in files:
            (runs / name / file).touch()
    with FileLock(runs / "held" / "run.lock"):
        assert run_folders.new_folder(runs, "left").name == "left"
        assert run_folders.new_folder(runs, "held").name == "held (2)"
    assert {path.name for path in runs.iterdir()} == {"held", "begins", "a run", "learnt", "somebody's"}


def test_a_source_is_passed_on_whole(tmp_path: Path) -> None:
    import argparse

    from trainer.commands.data_options import add_data_options, source_of_options

    columns = Columns(id="-x", age="Age (y)", age_unit="years", sex=NONE, patient="pid", sheet="Übersicht")
    source = DataSource(data=tmp_path / "t.csv", columns=columns, pictures=tmp_path, split=tmp_path / "s.csv")
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--description")
    add_data_options(parser, split="a split")
    options = parser.parse_args(source_arguments(source))
    assert source_of_options(options, options.data) == source


def test_paths_as_they_were_typed_are_passed_on_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child works in another folder."""
    monkeypatch.chdir(tmp_path)
    source = DataSource(data=Path("data"), pictures=Path("pictures"), split=Path("split.csv"))
    assert source_arguments(source) == [
        str(tmp_path / "data"), f"--pictures={tmp_path / 'pictures'}", f"--split={tmp_path / 'split.csv'}",
    ]  # fmt: skip
