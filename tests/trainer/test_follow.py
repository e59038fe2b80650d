"""``boneage fit --follow``: events as JSON lines, orders on standard input, and what each order leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.trainer import small
from trainer.checkpoint import read_tensors
from trainer.config import config_for
from trainer.events import from_json
from trainer.history import read_history
from trainer.predictor import Predictor
from trainer.run import Run

pytestmark = pytest.mark.usefixtures("small_backbone")
ROOT = Path(__file__).parents[2]
CHILD = """
import sys, torch, torchvision
sys.path.insert(0, {root!r})
torch.set_num_threads(1)
from tests.trainer import small
torchvision.models.resnet18 = small.backbone
from trainer.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
TINY = [f"--{name.replace('_', '-')}={value}" for name, value in small.SMALL_CHOICES.items() if name != "epochs"]


class Child:
    """A training that is followed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def events(self) -> Iterator[dict[str, Any]]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            values = json.loads(line)
            from_json(values)  # every line is an event
            yield values

    def until(self, kind: str, **expected: object) -> None:
        for values in self.events():
            if values["event"] == kind and expected.items() <= values.items():
                return
        raise AssertionError(f"no {kind} came")

    def order(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def end(self, status: int = 0) -> dict[str, Any]:
        """Return the last event, after the process has ended with this status."""
        *_, last = self.events()
        assert self.process.wait(60) == status
        return last


@contextmanager
def _follow(*options: str | Path) -> Iterator[Child]:
    command = [sys.executable, "-c", CHILD.format(root=str(ROOT)), "fit", "--follow", *map(str, options)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as process:
        try:
            yield Child(process)
        finally:
            process.kill()


def _options(data: Path, folder: Path, *more: str) -> Sequence[str | Path]:
    return (data, "--run-dir", folder, *TINY, "--model=improved", *more)


def test_pause_and_resume_come_to_the_same_end_as_an_uninterrupted_run(data_set: Path, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    with _follow(*_options(data_set, whole, "--epochs=3")) as child:
        assert child.end()["reason"] == "finished"
    with _follow(*_options(data_set, cut, "--epochs=3")) as child:
        child.until("EpochRecord", epoch=1)
        child.order("pause")
        last = child.end()
    assert (last["event"], last["reason"], last["best_epoch"]) == ("RunFinished", "paused", 1)
    assert read_history(cut).can_resume
    with _follow("--run-dir", cut, "--resume") as child:  # data and choices come from the folder
        child.until("RunStarted")
        assert child.end()["reason"] == "finished"
    one, other = (read_tensors(folder / "last.safetensors")[0] for folder in (whole, cut))
    assert all(bool((one[name] == other[name]).all()) for name in one)
    epochs = [[record.validation_mae_months for record in read_history(run).epochs] for run in (whole, cut)]
    assert epochs[0] == epochs[1]


def test_a_stop_keeps_the_best_for_good(data_set: Path, tmp_path: Path) -> None:
    with _follow(*_options(data_set, tmp_path / "run", "--epochs=300")) as child:
        child.until("EpochRecord", epoch=2)
        child.order("stop")
        last = child.end()
    assert last["reason"] == "stopped"
    assert last["best_epoch"] >= 1
    assert f"the model of epoch {last['best_epoch']} is kept" in last["message"]
    history, before = read_history(tmp_path / "run"), (tmp_path / "run" / "best.safetensors").read_bytes()
    assert (history.state, history.can_resume) == ("stopped", False)
    Predictor.load(tmp_path / "run" / "best.safetensors")
    with _follow("--run-dir", tmp_path / "run", "--resume") as child:
        assert child.end() == last
    assert read_history(tmp_path / "run").epochs == history.epochs
    assert (tmp_path / "run" / "best.safetensors").read_bytes() == before


def test_a_stop_before_the_first_epoch_ended_says_that_nothing_is_kept(data_set: Path, tmp_path: Path) -> None:
    with _follow(*_options(data_set, tmp_path / "run", "--batch-size=2", "--epochs=300")) as child:
        child.order("stop")
        last = child.end()
    assert (last["reason"], last["best_epoch"], last["best_validation_mae_months"]) == ("stopped", 0, None)
    assert "nothing" in last["message"]
    assert not (tmp_path / "run" / "best.safetensors").exists()


def test_the_end_of_the_orders_is_a_pause(data_set: Path, tmp_path: Path) -> None:
    with _follow(*_options(data_set, tmp_path / "run", "--epochs=300")) as child:
        child.until("EpochRecord", epoch=1)
        assert child.process.stdin is not None
        child.process.stdin.close()
        assert child.end()["reason"] == "paused"


@pytest.mark.parametrize(("order", "state"), [("pause", "interrupted"), ("stop", "stopped")])
def test_orders_are_obeyed_while_a_run_that_goes_on_is_prepared(
    data_set: Path, tmp_path: Path, order: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trainer.commands.fit import train_in
    from trainer.data_source import DataSource
    from trainer.orders import Orders

    source, choices = DataSource(data=data_set), {**small.SMALL_CHOICES, "model": "improved"}
    killed = train_in(tmp_path / "run", source, choices)
    for event in killed:
        if type(event).__name__ == "CheckpointSaved":
            break
    lines = (tmp_path / "run" / "events.jsonl").read_text()
    killed.close()
    (tmp_path / "run" / "events.jsonl").write_text(lines)  # as a kill leaves it
    orders = Orders()
    again = train_in(tmp_path / "run", source, choices, orders=orders)
    next(again)
    orders.give("pause" if order == "pause" else "stop")
    *_, last = again
    assert (last.reason, last.best_epoch) == ("paused" if order == "pause" else "stopped", 1)  # type: ignore[union-attr]
    assert read_history(tmp_path / "run").state == state
    *_, end = train_in(tmp_path / "run", source, choices)
    assert end.reason == ("finished" if order == "pause" else "stopped")  # type: ignore[union-attr]


def test_an_error_is_an_event_once_there_is_a_run_and_a_sentence_always(data_set: Path, tmp_path: Path) -> None:
    with _follow(tmp_path / "nothing", "--run-dir", tmp_path / "run") as child:
        assert list(child.events()) == []
        assert child.process.wait(60) == 1
        assert child.process.stderr is not None
        assert child.process.stderr.read().startswith("boneage: There is no folder or table at")
    with _follow(*_options(data_set, tmp_path / "run", "--epochs=1")) as child:
        assert child.end()["reason"] == "finished"
    with _follow("--run-dir", tmp_path / "run", "--resume", "--epochs=2") as child:
        last = child.end(status=1)
        assert child.process.stderr is not None
        assert child.process.stderr.read() == f"boneage: {last['message']}\n"
    assert (last["reason"], last["best_epoch"]) == ("failed", 1)
    assert "begun with epochs 1" in last["message"]


def test_choices_from_a_file_and_single_ones_over_them(
    data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from trainer.__main__ import main

    config = small.config("baseline", epochs=1, learning_rate=2e-3, recipe="gentle")
    (tmp_path / "config.json").write_text(json.dumps(config.to_json()))
    command = ["fit", str(data_set), "--run-dir", str(tmp_path / "run"), "--config", str(tmp_path / "config.json")]
    assert main([*command, "--learning-rate=3e-3"]) == 0
    expected = config_for("baseline", **{**small.SMALL_CHOICES, "epochs": 1, "learning_rate": 3e-3, "recipe": "gentle"})
    assert Run(tmp_path / "run").config() == expected
    capsys.readouterr()
    for text, words in (("{", "not readable JSON"), ("[]", "does not hold"), ('{"epochz": 1}', "epochz")):
        (tmp_path / "config.json").write_text(text)
        assert main(["fit", str(data_set), "--run-dir", str(tmp_path / "other"), *command[4:]]) == 1
        assert words in small.sentence(capsys)
    assert main(["fit", "--run-dir", str(tmp_path / "other")]) == 1
    assert "Name the radiographs" in small.sentence(capsys)
    assert main(["fit", "--run-dir", str(tmp_path / "other"), "--resume"]) == 1
    assert "no training run" in small.sentence(capsys)
